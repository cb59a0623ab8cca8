//! `rolewatch trust explain`: whether a trust policy lets a token in, condition by condition.

mod hint;
mod request;
mod text;
mod unknown;

use std::io::Write;

use iam_trust::{Explanation, Request, Role};
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use self::unknown::judge;
use crate::args::{Format, TrustExplainArgs};
use crate::lines::Lines;
use crate::output::{Exit, colour, note, stdout};
use crate::policies::PolicyFile;

pub(crate) use self::request::{from_claims, set_time};
pub(crate) use self::unknown::Judged;

#[derive(Serialize)]
struct ExplanationLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    Denied,
    /// It hangs on what nobody said.
    NotKnown,
}

/// What a role's policy makes of a request, and what to look at where it is denied.
pub(crate) fn judged(role: &Role, request: &Request, asked_by_option: bool) -> Judged {
    let mut judged = judge(&role.policy, request);
    if judged.open.is_empty()
        && let Some(hint) = hint::issuer(request, role, asked_by_option)
    {
        let reason = &mut judged.explanation.reason;
        *reason = format!("{reason}; {hint}");
    }
    judged
}

pub(crate) fn run(args: &TrustExplainArgs, quiet: bool) -> anyhow::Result<Exit> {
    let asked = request::of(args)?;
    if args.who.token.is_some() && !quiet {
        note("the token was not verified: this is what would happen to a token that says the same");
    }
    let file = PolicyFile::read(&args.policy)?;
    let role = file.pick(args.role.as_deref().or(asked.role_arn.as_deref()))?;
    let Judged {
        mut explanation,
        open,
    } = judged(role, &asked.request, args.who.subject.is_some());
    if !open.is_empty() {
        let options: Vec<_> = open.iter().map(|key| format!("--claim {key}=…")).collect();
        explanation.reason = format!("{}; say {}", explanation.reason, options.join(" "));
    }
    let mut out = stdout();
    match args.format {
        Format::Json => {
            let line = ExplanationLine {
                r#type: "explanation",
                schema: "rolewatch.explanation/1",
                explanation: &explanation,
            };
            write_line(&mut out, &line)?;
            writeln!(out)?;
        }
        Format::Text => {
            let mut lines = Lines::new(colour());
            let verdict = match (explanation.allowed, open.is_empty()) {
                (true, _) => Verdict::Allowed,
                (false, true) => Verdict::Denied,
                (false, false) => Verdict::NotKnown,
            };
            let asked = (role, &asked.request);
            text::show(&mut lines, &file.name, asked, verdict, &explanation);
            write!(out, "{}", lines.as_str())?;
        }
    }
    out.flush()?;
    Ok(if !open.is_empty() {
        Exit::CouldNotRun
    } else if explanation.allowed {
        Exit::Clean
    } else {
        Exit::Findings
    })
}
