//! [`CHECK`]: any repository of any owner gets in.

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Openness;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-open-to-github",
    title: "anyone on GitHub gets in",
    severity: Severity::Critical,
    explanation: include_str!("trust-open-to-github.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let scopes = facts.scopes.iter();
    let open = scopes.filter(|scope| scope.openness() == Some(Openness::Everything));
    open.filter_map(|scope| {
        let message = format!(
            "{} admits every repository {}",
            scope.name(),
            facts.everybody(scope)
        );
        let complaint = scope.complain(facts, message)?;
        Some(complaint.severity(facts.stranger_severity(scope)))
    })
    .collect()
}
