//! [`CHECK`]: a pattern that leaves the owner open.

use crate::witness::Reach;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-any-owner",
    title: "a repository of this name gets in, whoever owns it",
    severity: Severity::Critical,
    explanation: include_str!("trust-any-owner.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let any = facts.scopes.iter().filter(|scope| {
        let pinned = !scope.any_repository || scope.worst.is_custom();
        scope.worst.reach == Reach::Anyone && pinned && scope.names_repositories()
    });
    any.filter_map(|scope| {
        let message = format!(
            "{} leaves the owner open: anyone can match it",
            scope.name()
        );
        let complaint = scope.complain(facts, message)?;
        Some(complaint.severity(facts.stranger_severity(scope)))
    })
    .collect()
}
