//! [`CHECK`]: no permission to ask for a token.

use crate::json::Node;
use crate::lints::Severity;

use super::facts::{Facts, Job};
use super::login::Way;
use super::{Complaint, WorkflowCheck, WorkflowKind};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-missing-id-token",
    title: "a job assumes a role without permission to ask for a token",
    severity: Severity::Medium,
    help: "give this job `permissions: {id-token: write, contents: read}`",
    explanation: include_str!("workflow-missing-id-token.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let jobs = facts.jobs.iter();
    jobs.filter_map(|job| complain(facts, job)).collect()
}

fn complain(facts: &Facts<'_>, job: &Job<'_>) -> Option<Complaint> {
    let node = job.node?;
    let login = job.logins.iter().find(|login| login.uses_oidc)?;
    let said = node.get("permissions").or(facts.root.get("permissions"));
    let why = match said {
        Some(said) if grants(said) => return None,
        Some(_) => "its permissions leave out `id-token: write`",
        // Its caller's permissions hold.
        None if facts.kind == WorkflowKind::Reusable => return None,
        None => "no permissions are said, and the default has no id-token",
    };
    let does = match login.way {
        Way::Action | Way::Command => "assumes a role",
        Way::LocalAction => "uses an action that assumes a role",
        Way::LocalWorkflow => "calls a workflow that assumes a role",
    };
    let message = format!("job {} {does}, but {why}", job.id);
    Some(Complaint::new(&login.at, message))
}

/// Permissions are a mapping, or one word for all of them.
fn grants(permissions: &Node) -> bool {
    permissions.text() == Some("write-all") || permissions.text_at("id-token") == Some("write")
}
