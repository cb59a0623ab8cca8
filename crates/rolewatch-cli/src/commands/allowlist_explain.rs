//! `rolewatch allowlist explain`: what the allowlist makes of one assumption.

use std::io::Write;

use rolewatch::assumption::{Assumption, Outcome, Session};
use rolewatch::detect::{Outcome as Decided, decide};
use rolewatch::rendering::explanation::explain;

use crate::args::{AllowlistExplainArgs, hint_of_subject};
use crate::diagnostics::given_or_complain;
use crate::output::{Exit, note, stdout};

pub(crate) fn run(args: &AllowlistExplainArgs) -> anyhow::Result<Exit> {
    let Some(allowlist) = given_or_complain(&args.file)? else {
        return Ok(Exit::CouldNotRun);
    };
    let observation = assumption(args).into();
    let mut out = stdout();
    write!(out, "{}", explain(&observation, &allowlist))?;
    out.flush()?;
    if let Some(hint) = hint_of_subject(&args.subject) {
        note(&hint);
    }
    Ok(match decide(&observation, &allowlist).outcome {
        Decided::Unexpected | Decided::Denied | Decided::Unreadable => Exit::Findings,
        Decided::Expected | Decided::Other | Decided::Ignored => Exit::Clean,
    })
}

fn assumption(args: &AllowlistExplainArgs) -> Assumption {
    Assumption {
        event_id: "none, this is a question".into(),
        time: args.at.unwrap_or_else(chrono::Utc::now),
        account: args.role.split(':').nth(4).map(str::to_owned),
        region: Some(args.region.clone()),
        role_arn: args.role.clone(),
        role_session_name: None,
        issuer: args.issuer.clone(),
        subject: args.subject.clone(),
        audience: Some(args.audience.clone()),
        session: Session::Requested(args.session),
        source_ip: args.source_ip.clone(),
        user_agent: None,
        access_key_id: None,
        outcome: Outcome::Issued,
    }
}
