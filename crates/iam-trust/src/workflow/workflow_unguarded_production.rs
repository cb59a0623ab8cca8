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
        let said = match says(&role.text, node) {
            _ if is_production => Says::Production,
            // Of all that is handed over the role may be what is known.
            Says::NotKnown if is_handed(login.way) && !names_role(&role.text) => Says::Nothing,
            said => said,
        };
        let calls = login.way == Way::LocalWorkflow;
        let complaint = match said {
            Says::Nothing => return None,
            Says::NotKnown => Complaint::unknown(&role.at, not_known(job.id, calls)),
            Says::Production => Complaint::new(&role.at, production(job.id, calls)),
        };
        Some(if calls {
            complaint.cured_by(IN_THE_CALLED)
        } else {
            complaint
        })
    });
    logins.collect()
}

fn production(job: &str, calls: bool) -> String {
    let does = if calls {
        "calls a workflow whose job assumes"
    } else {
        "assumes"
    };
    format!(
        "job {job} {does} a role of production, but names no environment: no reviewer, no branch \
         rule stands before it"
    )
}

fn not_known(job: &str, calls: bool) -> String {
    let who = if calls {
        "calls a workflow whose job"
    } else {
        "assumes a role, but"
    };
    format!(
        "job {job} {who} names no environment, and an expression decides the role: whether it is \
         one of production is not known"
    )
}

fn is_handed(way: Way) -> bool {
    matches!(way, Way::LocalAction | Way::LocalWorkflow)
}

/// Whether an expression in a text is called as a role is.
fn names_role(text: &str) -> bool {
    let mut expressions = expressions(text).map(str::to_ascii_lowercase);
    expressions.any(|inside| inside.contains("role") || inside.contains("arn"))
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
