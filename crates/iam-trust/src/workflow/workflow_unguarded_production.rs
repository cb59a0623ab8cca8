//! [`CHECK`]: a way to production that nobody guards.

use github_oidc::says_production;

use crate::lints::Severity;

use super::facts::{Facts, Job};
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

/// A job that calls a workflow cannot name an environment.
const IN_THE_CALLED: &str = "put `environment:` into the job of the called workflow, and trust only that environment's subject";

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    facts.jobs.iter().flat_map(complain).collect()
}

fn complain(job: &Job<'_>) -> Vec<Complaint> {
    // The environment of an action is that of the job which uses it.
    let Some(node) = job.node.filter(|_| !job.has_environment()) else {
        return Vec::new();
    };
    let name = node.text_at("name").unwrap_or_default();
    let is_production = says_production(job.id) || says_production(name);
    let logins = job.logins.iter().filter_map(|login| {
        let role = login.role.as_ref().filter(|_| !login.is_guarded)?;
        if !is_production && !says_production(&role.text) {
            return None;
        }
        Some(if login.way == Way::LocalWorkflow {
            let message = format!(
                "job {} calls a workflow whose job assumes a role of production, but names no \
                 environment: no reviewer, no branch rule stands before it",
                job.id
            );
            Complaint::new(&role.at, message).cured_by(IN_THE_CALLED)
        } else {
            let message = format!(
                "job {} assumes a role of production, but names no environment: no reviewer, no \
                 branch rule stands before it",
                job.id
            );
            Complaint::new(&role.at, message)
        })
    });
    logins.collect()
}
