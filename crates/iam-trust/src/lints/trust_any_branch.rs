//! [`CHECK`]: any branch of a named repository gets in.

use crate::witness::{ContextKind, Reach};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-any-branch",
    title: "any branch of the repository gets in",
    severity: Severity::Medium,
    explanation: include_str!("trust-any-branch.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let any = facts.scopes.iter().filter(|scope| {
        scope.worst.reach == Reach::Intended && scope.worst.kind == ContextKind::Branch
    });
    any.filter_map(|scope| {
        let repository = format!("{}/{}", scope.worst.owner, scope.worst.repository);
        let message = format!("{} admits any branch of {repository:?}", scope.name());
        scope.complain(facts, message)
    })
    .collect()
}
