//! [`CHECK`]: credentials that outlive their job.

use crate::json::Node;
use crate::lints::Severity;
use crate::place::step;

use super::facts::{Facts, Job, Login, scalar};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-long-session",
    title: "a session lasts longer than 15 minutes, and than its job may run",
    severity: Severity::Medium,
    help: "role-duration-seconds: 900; a job that needs longer says so with timeout-minutes",
    explanation: include_str!("workflow-long-session.md"),
    run,
};

/// The least that STS gives, in seconds.
const SHORTEST: u64 = 900;
/// What the action asks for where nothing is said, in seconds.
const DEFAULT: u64 = 3600;

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let jobs = facts.jobs.iter();
    jobs.flat_map(|job| job.logins.iter().filter_map(move |it| complain(job, it)))
        .collect()
}

fn complain(job: &Job<'_>, login: &Login<'_>) -> Option<Complaint> {
    login.input("role-to-assume")?;
    let said = login.input("role-duration-seconds");
    // An expression is not known here.
    let seconds = match said {
        Some(node) => number(node)?,
        None => DEFAULT,
    };
    let limit = job.node.and_then(|node| node.get("timeout-minutes"));
    let needed = limit.and_then(number).map(|it| it.saturating_mul(60));
    if seconds <= needed.unwrap_or(SHORTEST).max(SHORTEST) {
        return None;
    }
    let rest = match (said, needed) {
        (None, _) => "as no role-duration-seconds is said",
        (Some(_), Some(_)) => "longer than the job may run",
        (Some(_), None) => "and no timeout-minutes says that the job needs it",
    };
    let pointer = match said {
        Some(_) => step(&step(&login.pointer, "with"), "role-duration-seconds"),
        None => login.pointer.clone(),
    };
    Some(Complaint {
        message: format!("the session lasts {seconds} s, {rest}"),
        pointer,
        offset: said.unwrap_or(login.node).span.start,
    })
}

fn number(node: &Node) -> Option<u64> {
    scalar(node)?.trim().parse().ok()
}
