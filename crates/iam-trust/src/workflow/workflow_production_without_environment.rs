//! [`CHECK`]: a way to production that nobody guards.

use crate::lints::Severity;
use crate::place::step;

use super::expression::says_production;
use super::facts::{Facts, Job, scalar};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-production-without-environment",
    title: "a production role is assumed outside an environment",
    severity: Severity::High,
    help: "give the job `environment: production`, and trust only that environment's subject",
    explanation: include_str!("workflow-production-without-environment.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    facts.jobs.iter().flat_map(complain).collect()
}

fn complain(job: &Job<'_>) -> Vec<Complaint> {
    // The environment of a composite action is that of the job which uses it.
    let Some(node) = job.node.filter(|node| node.get("environment").is_none()) else {
        return Vec::new();
    };
    let name = node.text_at("name").unwrap_or_default();
    let is_production = says_production(job.id) || says_production(name);
    let logins = job.logins.iter().filter_map(|login| {
        let role = login.input("role-to-assume")?;
        let named = says_production(&scalar(role)?);
        (named || is_production).then(|| Complaint {
            message: format!(
                "job {} assumes a role of production, but names no environment: no reviewer, no \
                 branch rule stands before it",
                job.id
            ),
            pointer: step(&step(&login.pointer, "with"), "role-to-assume"),
            offset: role.span.start,
        })
    });
    logins.collect()
}
