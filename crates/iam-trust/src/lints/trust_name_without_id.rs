//! [`CHECK`]: a name can be registered again.

use std::collections::BTreeSet;

use crate::witness::{OWNER_ID, REPOSITORY_ID, Reach, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-name-without-id",
    title: "the repository is known by its name alone",
    severity: Severity::Info,
    explanation: include_str!("trust-name-without-id.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for survey in facts.surveys.iter().filter(|one| one.issuer.signs_ids()) {
        let named = survey.admitted.iter().filter(|token| {
            token.reach == Reach::Intended && !token.custom && !token.subject().contains('@')
        });
        let Some(token) = Facts::plainest(named) else {
            continue;
        };
        let Some(blame) = survey.blame(token) else {
            continue;
        };
        let other = token.request.clone();
        let other = other.with_claim("repository_id", REPOSITORY_ID);
        let other = other.with_claim("repository_owner_id", OWNER_ID);
        let Some(witness) = Witness::verified(facts.policy, &other, true) else {
            continue;
        };
        if seen.insert(&blame.condition.place) {
            let witness = witness.showing(&other, &["repository_id", "repository_owner_id"]);
            let message = format!("whoever holds the name in {:?} gets in", blame.value.text);
            let complaint = Complaint::at(&blame.value.place, message);
            complaints.push(complaint.witness(Some(witness)));
        }
    }
    complaints
}
