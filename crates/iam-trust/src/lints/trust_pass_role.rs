//! [`CHECK`]: a workflow may pass every role of the account.

use crate::input::Grant;
use crate::witness::Witness;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-pass-role",
    title: "a workflow may pass every role of the account",
    severity: Severity::Medium,
    explanation: include_str!("trust-pass-role.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let Some(token) = facts.intended() else {
        return Vec::new();
    };
    let grants = facts.role.permissions.grants.iter();
    grants
        .filter_map(|grant| match grant {
            Grant::PassRole(place) => Some(place),
            Grant::Administrator(_) => None,
        })
        .map(|place| {
            let witness = Witness::verified(facts.policy, &token.request, true);
            Complaint::at(
                place,
                "iam:PassRole on * lets a workflow use every role of the account",
            )
            .witness(witness)
        })
        .collect()
}
