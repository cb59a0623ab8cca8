//! What STS is asked, from a subject, a token or a record.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use cloudtrail::Limits;
use github_oidc::Issuer;
use github_oidc::token::{ClaimSet, inspect};
use iam_trust::{Request, date_millis};
use rolewatch::assumption::{Assumption, Observation};

use crate::args::TrustExplainArgs;
use crate::reading::{Reading, read_all};
use crate::secret;

/// A request, and the role that it is about where that is known.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) role_arn: Option<String>,
    /// When it is asked.
    time: DateTime<Utc>,
}

pub(super) fn of(args: &TrustExplainArgs) -> anyhow::Result<Asked> {
    let who = &args.who;
    let mut asked = match (&who.subject, &who.token, &who.record) {
        (Some(subject), _, _) => Asked {
            request: from_subject(subject, &args.issuer, &args.audience)?,
            role_arn: None,
            time: Utc::now(),
        },
        (_, Some(token), _) => Asked {
            request: from_token(&secret::token(token)?)?,
            role_arn: None,
            time: Utc::now(),
        },
        (_, _, Some(record)) => from_record(record, args.event.as_deref(), args.limits.limits())?,
        (None, None, None) => bail!("say who with --subject, --token or --record"),
    };
    for (name, value) in &args.claims {
        asked.request = with(asked.request, name, value);
    }
    set_time(&mut asked.request, asked.time)?;
    Ok(asked)
}

const CURRENT: &str = "aws:CurrentTime";
const EPOCH: &str = "aws:EpochTime";

/// Every call has its time under two keys: where one is said the other follows from it, where none
/// is it is this one.
pub(crate) fn set_time(request: &mut Request, time: DateTime<Utc>) -> anyhow::Result<()> {
    let said = |wanted: &str| {
        let mut context = request.context.iter();
        let (key, values) = context.find(|(key, _)| key.eq_ignore_ascii_case(wanted))?;
        Some((key, values.first()?))
    };
    let time = match (said(CURRENT), said(EPOCH)) {
        (Some(_), Some(_)) => return Ok(()),
        (None, None) => time,
        (Some((key, text)), None) | (None, Some((key, text))) => date_millis(text)
            .and_then(DateTime::from_timestamp_millis)
            .with_context(|| {
                format!("{key}={text} is no time; write it as {CURRENT}=2031-01-31T12:00:00Z")
            })?,
    };
    let current = time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let epoch = time.timestamp().to_string();
    for (key, text) in [(CURRENT, current), (EPOCH, epoch)] {
        if said_nowhere(request, key) {
            request.context.insert(key.to_owned(), vec![text]);
        }
    }
    Ok(())
}

fn said_nowhere(request: &Request, wanted: &str) -> bool {
    let mut said = request.context.keys();
    !said.any(|key| key.eq_ignore_ascii_case(wanted))
}

/// A claim of the token, or a condition key that is none: `aws:SourceIp`.
fn with(mut request: Request, name: &str, value: &str) -> Request {
    let provider = format!("{}:", request.issuer.provider());
    let lower = name.to_ascii_lowercase();
    if let Some(claim) = lower.strip_prefix(&provider.to_ascii_lowercase()) {
        return request.with_claim(claim, value);
    }
    if !name.contains(':') {
        return request.with_claim(name, value);
    }
    // Said again, it is that.
    request
        .context
        .retain(|key, _| !key.eq_ignore_ascii_case(name));
    request
        .context
        .insert(name.to_owned(), vec![value.to_owned()]);
    request
}

fn from_subject(subject: &str, issuer: &str, audience: &str) -> anyhow::Result<Request> {
    let mut request = Request::new(subject).with_claim("aud", audience);
    request.issuer = issuer
        .parse()
        .with_context(|| format!("{issuer} is no issuer of GitHub's"))?;
    Ok(request)
}

/// All that the token says, whether or not GitHub signed it.
fn from_token(token: &str) -> anyhow::Result<Request> {
    let claims = inspect(token)?.claims;
    let (Some(subject), Some(issuer)) = (claims.text("sub"), claims.text("iss")) else {
        bail!("the token has no subject, or no issuer");
    };
    let request = from_subject(subject, issuer, "")?;
    Ok(from_claims(request.issuer, &claims))
}

/// What a token of an issuer says, and no more.
pub(crate) fn from_claims(issuer: Issuer, claims: &ClaimSet) -> Request {
    let mut request = Request::new("");
    request.issuer = issuer;
    let all = claims.texts();
    request.claims = all
        .map(|(name, values)| (name.to_owned(), values))
        .collect();
    request
}

fn from_record(path: &Path, event: Option<&str>, limits: Limits) -> anyhow::Result<Asked> {
    let sources = [OsString::from(path)];
    let reading = Reading {
        quiet: true,
        limits,
        ..Reading::default()
    };
    let (ordered, inputs) = read_all(&sources, &reading)?;
    if !inputs.failed.is_empty() {
        bail!("{} could not be read wholly", path.display());
    }
    let mut found: Vec<Assumption> = Vec::new();
    for observation in ordered {
        match observation? {
            Observation::Assumption(it) if event.is_none_or(|event| it.event_id == event) => {
                found.push(*it);
            }
            _ => {}
        }
        if found.len() > 1 {
            bail!(
                "{} holds several events; say which with --event",
                path.display()
            );
        }
    }
    let Some(assumption) = found.pop() else {
        bail!(
            "{} holds no such AssumeRoleWithWebIdentity record that can be understood",
            path.display()
        );
    };
    let audience = assumption.audience.as_deref().unwrap_or_default();
    let mut request = from_subject(&assumption.subject, &assumption.issuer, audience)?;
    let mut know = |key: &str, value: Option<&String>| {
        if let Some(value) = value {
            request.context.insert(key.to_owned(), vec![value.clone()]);
        }
    };
    know("aws:SourceIp", assumption.source_ip.as_ref());
    know("sts:RoleSessionName", assumption.role_session_name.as_ref());
    know("aws:RequestedRegion", assumption.region.as_ref());
    know("aws:ResourceAccount", assumption.account.as_ref());
    know("aws:UserAgent", assumption.user_agent.as_ref());
    Ok(Asked {
        request,
        role_arn: Some(assumption.role_arn),
        time: assumption.time,
    })
}
