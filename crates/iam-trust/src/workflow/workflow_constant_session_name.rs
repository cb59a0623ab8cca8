//! [`CHECK`]: a session that does not tell its run.

use crate::lints::Severity;

use super::expression::is_constant;
use super::facts::Facts;
use super::login::{Login, Way};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-constant-session-name",
    title: "the session's name is missing, or the same in every run",
    severity: Severity::Low,
    help: "name the session by its run: role-session-name: deploy-${{ github.run_id }}",
    explanation: include_str!("workflow-constant-session-name.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    facts.logins().filter_map(complain).collect()
}

/// The action's inputs are nothing to a script.
fn cured(complaint: Complaint, login: &Login) -> Complaint {
    match login.way {
        Way::Command => complaint
            .cured_by("name the session by its run: --role-session-name \"deploy-$GITHUB_RUN_ID\""),
        _ => complaint,
    }
}

fn complain(login: &Login) -> Option<Complaint> {
    login.role.as_ref().filter(|_| !login.is_opaque)?;
    let name = login.name("role-session-name", "--role-session-name");
    let Some(said) = &login.session_name else {
        let message =
            format!("no {name}: every session has the same name, or one that says nothing");
        return Some(cured(Complaint::new(&login.at, message), login));
    };
    is_constant(&said.text).then(|| {
        let message =
            format!("{name} is the same in every run: CloudTrail cannot tell which it was");
        cured(Complaint::new(&said.at, message), login)
    })
}
