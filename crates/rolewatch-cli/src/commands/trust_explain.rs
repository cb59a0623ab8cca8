//! `rolewatch trust explain`: whether a trust policy lets a token in, condition by condition.

mod hint;
mod request;
mod text;

use std::io::Write;

use iam_trust::{Explanation, evaluate};
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use crate::args::{Format, TrustExplainArgs};
use crate::lines::Lines;
use crate::output::{Exit, colour, note, stdout};
use crate::policies::PolicyFile;

#[derive(Serialize)]
struct ExplanationLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

pub(crate) fn run(args: &TrustExplainArgs, quiet: bool) -> anyhow::Result<Exit> {
    let asked = request::of(args)?;
    if args.who.token.is_some() && !quiet {
        note("the token was not verified: this is what would happen to a token that says the same");
    }
    let file = PolicyFile::read(&args.policy)?;
    let role = file.pick(args.role.as_deref().or(asked.role_arn.as_deref()))?;
    let explanation = evaluate(&role.policy, &asked.request);
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
            text::show(&mut lines, &file.name, role, &asked.request, &explanation);
            write!(out, "{}", lines.as_str())?;
        }
    }
    out.flush()?;
    Ok(if explanation.allowed {
        Exit::Clean
    } else {
        Exit::Findings
    })
}
