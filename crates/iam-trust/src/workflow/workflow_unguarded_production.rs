//! [`CHECK`]: a way to production that nobody guards.

use github_oidc::says_production;

use crate::json::Node;
use crate::lints::Severity;

use super::expression::expressions;
use super::facts::{Facts, Job};
use super::login::Way;
use super::matrix::variants;
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
    let is_production = says_production(job.id) || says(name, node) == Says::Production;
    let logins = job.logins.iter().filter_map(|login| {
        let role = login.role.as_ref().filter(|_| !login.is_guarded)?;
        let said = if is_production {
            Says::Production
        } else {
            says(&role.text, node)
        };
        if said == Says::NotKnown {
            let message = format!(
                "job {} names no environment, and its role is an expression: whether it is one of \
                 production is not known",
                job.id
            );
            return Some(Complaint::unknown(&role.at, message));
        }
        if said == Says::Nothing {
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

#[derive(Copy, Clone, PartialEq, Eq)]
enum Says {
    Nothing,
    Production,
    /// An expression decides it.
    NotKnown,
}

/// Contexts whose names do not tell what is in them. Those of variables and secrets do.
const DECIDED_IN_THE_RUN: [&str; 4] = ["inputs", "needs", "steps", "github.event"];

/// What a text of a job says, with what its matrix puts in.
fn says(text: &str, job: &Node) -> Says {
    let found = variants(text, job);
    let mut texts = found.texts.iter().map(String::as_str);
    if says_production(text) || texts.any(says_production) {
        return Says::Production;
    }
    let is_decided = |inside: &str| {
        let inside = inside.to_ascii_lowercase();
        DECIDED_IN_THE_RUN
            .iter()
            .any(|context| inside.contains(&format!("{context}.")))
    };
    if found.are_all && !expressions(text).any(is_decided) {
        Says::Nothing
    } else {
        Says::NotKnown
    }
}
