//! [`CHECK`]: a pattern that leaves the owner open.

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Openness;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-any-owner",
    title: "a repository of this name gets in, whoever owns it",
    severity: Severity::Critical,
    explanation: include_str!("trust-any-owner.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let scopes = facts.scopes.iter();
    let any = scopes.filter(|scope| scope.openness() == Some(Openness::AnyOwner));
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
