//! `unexpected-network`: the call came from outside the rule's networks.

use super::{Check, Complaint, Facts};
use crate::allowlist::Fault;
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unexpected-network",
    title: "the call came from outside the rule's networks",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("unexpected-network.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule) = facts.fault(Fault::Network)?;
    let source = match &assumption.source_ip {
        Some(source) => format!("the call came from {source}"),
        None => "the record does not tell the source".to_owned(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "unexpected network"),
        message: format!(
            "{source}, and rule \"{}\" expects {}",
            rule.name,
            rule.networks_text()
        ),
    })
}
