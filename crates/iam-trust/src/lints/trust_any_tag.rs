//! [`CHECK`]: any tag of a named repository gets in.

use crate::witness::{ContextKind, Reach};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-any-tag",
    title: "any tag of the repository gets in",
    severity: Severity::Low,
    explanation: include_str!("trust-any-tag.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let any = facts.scopes.iter().filter(|scope| {
        scope.worst.reach == Reach::Intended && scope.worst.kind == ContextKind::Tag
    });
    any.filter_map(|scope| {
        let repository = format!("{}/{}", scope.worst.owner, scope.worst.repository);
        let message = format!("{} admits any tag of {repository:?}", scope.name());
        scope.complain(facts, message)
    })
    .collect()
}
