//! [`CHECK`]: credentials that outlive their job.

use crate::json::Node;
use crate::lints::Severity;

use super::expression::is_open;
use super::facts::{Facts, Job, scalar};
use super::login::{Login, Way};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-long-session",
    title: "a session lasts longer than 15 minutes, and than its job may run",
    severity: Severity::Medium,
    help: "say role-duration-seconds: 900; a job that needs longer says so with timeout-minutes",
    explanation: include_str!("workflow-long-session.md"),
    run,
};

/// The least that STS gives, in seconds.
const SHORTEST: u64 = 900;
/// What the action asks for, and STS gives, where nothing is said, in seconds.
const DEFAULT: u64 = 3600;

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let jobs = facts.jobs.iter();
    jobs.flat_map(|job| job.logins.iter().filter_map(move |it| complain(job, it)))
        .collect()
}

fn complain(job: &Job<'_>, login: &Login) -> Option<Complaint> {
    login.role.as_ref().filter(|_| !login.is_opaque)?;
    let name = login.name("role-duration-seconds", "--duration-seconds");
    let at = login.seconds.as_ref().map_or(&login.at, |said| &said.at);
    let seconds = match &login.seconds {
        None => DEFAULT,
        Some(said) if is_open(&said.text) => {
            let message =
                format!("{name} is an expression: how long the session lasts is not known");
            return Some(cured(Complaint::unknown(at, message), login));
        }
        // What is no number, STS refuses.
        Some(said) => number(&said.text)?,
    };
    let limit = job.node.and_then(|node| node.get("timeout-minutes"));
    let why = match limit.map(minutes) {
        _ if seconds <= SHORTEST => return None,
        Some(Some(minutes)) if seconds <= minutes.saturating_mul(60) => return None,
        Some(None) => {
            let message = format!(
                "the session lasts {seconds} s, and timeout-minutes is an expression: whether the \
                 job needs it is not known"
            );
            return Some(cured(Complaint::unknown(at, message), login));
        }
        _ if login.seconds.is_none() => format!("as no {name} is said"),
        Some(Some(_)) => "longer than the job may run".to_owned(),
        None => "and no timeout-minutes says that the job needs it".to_owned(),
    };
    let message = format!("the session lasts {seconds} s, {why}");
    Some(cured(Complaint::new(at, message), login))
}

/// The action's inputs are nothing to a script.
fn cured(complaint: Complaint, login: &Login) -> Complaint {
    match login.way {
        Way::Command => complaint.cured_by(
            "say --duration-seconds 900; a job that needs longer says so with timeout-minutes",
        ),
        _ => complaint,
    }
}

fn minutes(node: &Node) -> Option<u64> {
    number(&scalar(node)?)
}

fn number(text: &str) -> Option<u64> {
    text.trim().parse().ok()
}
