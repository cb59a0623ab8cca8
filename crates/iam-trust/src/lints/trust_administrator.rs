//! [`CHECK`]: a workflow gets administrator permissions.

use crate::input::Grant;
use crate::witness::Witness;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-administrator",
    title: "a workflow gets administrator permissions",
    severity: Severity::High,
    explanation: include_str!("trust-administrator.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let Some(token) = facts.intended() else {
        return Vec::new();
    };
    let grants = facts.role.permissions.grants.iter();
    grants
        .filter_map(|grant| match grant {
            Grant::Administrator(place) => Some(place),
            Grant::PassRole(_) => None,
        })
        .map(|place| {
            let witness = Witness::verified(facts.policy, &token.request, true);
            Complaint::at(place, "the role may do everything, and a workflow gets in")
                .witness(witness)
        })
        .collect()
}
