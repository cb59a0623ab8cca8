//! [`CHECK`]: a session that does not tell its run.

use crate::lints::Severity;
use crate::place::step;

use super::expression::is_constant;
use super::facts::{Facts, Login, scalar};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-constant-session-name",
    title: "the session's name is missing, or the same in every run",
    severity: Severity::Low,
    help: "name it by its run: role-session-name: deploy-${{ github.run_id }}",
    explanation: include_str!("workflow-constant-session-name.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let logins = facts.jobs.iter().flat_map(|job| &job.logins);
    logins.filter_map(complain).collect()
}

fn complain(login: &Login<'_>) -> Option<Complaint> {
    login.input("role-to-assume")?;
    let Some(node) = login.input("role-session-name") else {
        return Some(Complaint {
            message: "no role-session-name: every session is called GitHubActions".to_owned(),
            pointer: login.pointer.clone(),
            offset: login.node.span.start,
        });
    };
    scalar(node)
        .filter(|name| is_constant(name))
        .map(|_| Complaint {
            message: "role-session-name is the same in every run: CloudTrail cannot tell which \
                      run it was"
                .to_owned(),
            pointer: step(&step(&login.pointer, "with"), "role-session-name"),
            offset: node.span.start,
        })
}
