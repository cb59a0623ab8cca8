//! `rolewatch token verify`: whether GitHub signed a token, and who would take it.

mod takers;

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use github_oidc::Issuer;
use github_oidc::token::{
    Claims, Expected, KeyCache, KeySet, KeySource, KeySourceError, UnverifiedToken, VerifyError,
    inspect, verify,
};
use rolewatch::allowlist::Allowlist;
use rolewatch::rendering::terminal::cut_to;
use rolewatch_http::keys::PublishedKeys;

use self::takers::Takers;
use crate::args::{Format, TokenVerifyArgs};
use crate::diagnostics::load_or_complain;
use crate::lines::Lines;
use crate::output::{Exit, colour, complain, stdout};
use crate::secret;
use crate::token_text::{headline, rest};

/// Keys from wherever the command line says.
enum Keys {
    Published(Box<PublishedKeys>),
    File(KeySet),
}

impl KeySource for Keys {
    async fn key_set(&self, issuer: &Issuer) -> Result<Option<KeySet>, KeySourceError> {
        match self {
            Self::Published(keys) => keys.key_set(issuer).await,
            Self::File(set) => Ok(Some(set.clone())),
        }
    }
}

pub(crate) fn run(args: &TokenVerifyArgs, quiet: bool) -> anyhow::Result<Exit> {
    let allowlist = match &args.allowlist {
        None => None,
        Some(path) => match load_or_complain(path, quiet)? {
            None => return Ok(Exit::CouldNotRun),
            some => some,
        },
    };
    let issuer: Issuer = args.issuer.parse().with_context(|| {
        let issuer = &args.issuer;
        format!("{issuer} is no issuer of GitHub's")
    })?;
    let text = secret::token(&args.token)?;
    let now = Utc::now();
    let verified = match UnverifiedToken::parse(&text) {
        Ok(token) => {
            let issuer = known(&token, issuer, allowlist.as_ref());
            check(&token, &text, &issuer, args, now)?
        }
        Err(error) => Err(Refusal(error.to_string())),
    };
    match verified {
        Ok(claims) => show(args, &claims, allowlist.as_ref(), now),
        Err(Refusal(why)) => refuse(args.format, &why),
    }
}

/// Why a token is not what it should be.
struct Refusal(String);

/// The issuer that has to have signed: the token's own where the allowlist knows it, else the
/// expected one.
fn known(token: &UnverifiedToken<'_>, expected: Issuer, allowlist: Option<&Allowlist>) -> Issuer {
    let said = token.issuer().and_then(|issuer| issuer.parse().ok());
    let listed = |issuer: &Issuer| allowlist.is_some_and(|it| it.knows_issuer(issuer));
    said.filter(listed).unwrap_or(expected)
}

/// An error is what keeps the question from being answered.
fn check(
    token: &UnverifiedToken<'_>,
    text: &str,
    issuer: &Issuer,
    args: &TokenVerifyArgs,
    now: DateTime<Utc>,
) -> anyhow::Result<Result<Claims, Refusal>> {
    let keys = keys(args.jwks.as_deref())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let expected = Expected {
        issuer,
        audience: &args.audience,
    };
    let now = u64::try_from(now.timestamp()).context("the clock is before 1970")?;
    let mut cache = KeyCache::default();
    match runtime.block_on(verify(token, expected, &mut cache, &keys, now)) {
        Err(error @ VerifyError::KeysUnavailable(_)) => Err(error.into()),
        verified => Ok(verified.map_err(|error| refusal(&error, text, args))),
    }
}

/// Why, and where the token is for or of another than is asked for, who that is.
fn refusal(error: &VerifyError, text: &str, args: &TokenVerifyArgs) -> Refusal {
    /// A claim is cut to so many characters.
    const LONGEST: usize = 200;
    let said = inspect(text).map(|it| it.claims);
    let said = |name: &str| {
        let claims = said.as_ref().ok()?;
        let value = match name {
            "aud" => claims.audience(),
            name => claims.text(name),
        };
        value.map(|value| cut_to(value, LONGEST))
    };
    let none = || "none, or several".to_owned();
    Refusal(match error {
        VerifyError::Audience => format!(
            "{error}: {}, and not {}; --audience says which it has to be",
            said("aud").unwrap_or_else(none),
            args.audience
        ),
        VerifyError::Issuer(_) => format!(
            "{error}: {}; --issuer says who it has to be of",
            said("iss").unwrap_or_else(none)
        ),
        _ => error.to_string(),
    })
}

fn keys(from: Option<&str>) -> anyhow::Result<Keys> {
    Ok(match from {
        None => Keys::Published(PublishedKeys::of_issuers()?.into()),
        Some(url) if url.contains("://") => Keys::Published(PublishedKeys::at(url)?.into()),
        Some(path) => Keys::File(read_keys(Path::new(path))?),
    })
}

fn read_keys(path: &Path) -> anyhow::Result<KeySet> {
    use std::io::Read;
    /// One byte more than a key set may have is enough to see that it is too large.
    const MOST: u64 = 1 << 20;
    let shown = path.display();
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path);
    file.and_then(|file| file.take(MOST).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read the keys {shown}"))?;
    KeySet::parse(&bytes).with_context(|| format!("cannot use the keys {shown}"))
}

fn refuse(format: Format, why: &str) -> anyhow::Result<Exit> {
    let mut out = stdout();
    match format {
        Format::Json => takers::write_refusal(&mut out, why)?,
        Format::Text => {
            let mut text = Lines::new(colour());
            text.painted("1;31", "NOT VERIFIED");
            text.prose(2, why);
            write!(out, "{}", text.as_str())?;
        }
    }
    out.flush()?;
    Ok(Exit::Findings)
}

fn show(
    args: &TokenVerifyArgs,
    claims: &Claims,
    allowlist: Option<&Allowlist>,
    now: DateTime<Utc>,
) -> anyhow::Result<Exit> {
    let takers = Takers::of(args, claims, allowlist, now)?;
    let mut out = stdout();
    match args.format {
        Format::Json => takers.write(&mut out, claims)?,
        Format::Text => {
            let mut text = Lines::new(colour());
            text.painted("32", &format!("VERIFIED: signed by {}", claims.issuer()));
            headline(&mut text, claims.all(), now);
            takers.show(&mut text);
            rest(&mut text, claims.all());
            write!(out, "{}", text.as_str())?;
        }
    }
    out.flush()?;
    for problem in &takers.problems {
        complain(problem);
    }
    Ok(if !takers.problems.is_empty() {
        Exit::CouldNotRun
    } else if takers.all_refuse() {
        Exit::Findings
    } else if takers.not_known() {
        Exit::CouldNotRun
    } else {
        Exit::Clean
    })
}
