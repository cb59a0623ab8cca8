//! [`CHECK`]: a whole organisation gets in.

use crate::witness::Reach;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-whole-organisation",
    title: "every repository of the owner gets in",
    severity: Severity::High,
    explanation: include_str!("trust-whole-organisation.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let whole = facts
        .scopes
        .iter()
        .filter(|scope| scope.worst.reach == Reach::OtherRepository && scope.any_repository);
    whole
        .filter_map(|scope| {
            scope.complain(
                facts,
                format!("{} admits every repository of its owner", scope.name()),
            )
        })
        .collect()
}
