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
            let (name, owner) = (scope.name(), &scope.worst.owner);
            scope.complain(
                facts,
                format!("{name} admits every repository of {owner:?}"),
            )
        })
        .collect()
}
