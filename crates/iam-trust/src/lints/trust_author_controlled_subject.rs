//! [`CHECK`]: a customised subject that does not say whose it is.

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Openness;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-author-controlled-subject",
    title: "the subject is made of claims that any author can set",
    severity: Severity::Critical,
    explanation: include_str!("trust-author-controlled-subject.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let scopes = facts.scopes.iter();
    let led = scopes.filter(|scope| scope.openness() == Some(Openness::Unnamed));
    led.filter_map(|scope| {
        let message = format!("{} names no repository and no owner", scope.name());
        let complaint = scope.complain(facts, message)?;
        Some(complaint.severity(facts.stranger_severity(scope)))
    })
    .collect()
}
