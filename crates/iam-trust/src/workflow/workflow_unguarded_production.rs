//! [`CHECK`]: a way to production that nobody guards.

use github_oidc::says_production;

use crate::json::Node;
use crate::lints::Severity;

use super::facts::{Facts, Job, scalar};
use super::login::Way;
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-unguarded-production",
    title: "a production role is assumed outside an environment",
    severity: Severity::High,
    help: "give the job `environment: production`, and trust only that environment's subject",
    explanation: include_str!("workflow-unguarded-production.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    facts.jobs.iter().flat_map(complain).collect()
}

fn complain(job: &Job<'_>) -> Vec<Complaint> {
    // The environment of an action is that of the job which uses it.
    let Some(node) = job.node.filter(|node| !has_environment(node)) else {
        return Vec::new();
    };
    let name = node.text_at("name").unwrap_or_default();
    let is_production = says_production(job.id) || says_production(name);
    let logins = job.logins.iter().filter_map(|login| {
        // A job that calls a workflow cannot name one: that workflow's jobs do.
        let role = login
            .role
            .as_ref()
            .filter(|_| login.way != Way::LocalWorkflow)?;
        let message = format!(
            "job {} assumes a role of production, but names no environment: no reviewer, no branch \
             rule stands before it",
            job.id
        );
        let says = is_production || says_production(&role.text);
        says.then(|| Complaint::new(&role.at, message))
    });
    logins.collect()
}

/// An environment is a name, or a mapping with one. An empty name is none.
fn has_environment(job: &Node) -> bool {
    let said = job.get("environment");
    let name = said.map(|said| said.get("name").unwrap_or(said));
    name.and_then(scalar).is_some_and(|name| !name.is_empty())
}
