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
    for scope in &facts.scopes {
        let Some((survey, blame)) = facts.survey(scope).zip(scope.blame) else {
            continue;
        };
        let named = survey.admitted.iter().filter(|token| {
            token.reach == Reach::Intended && !token.is_custom() && !token.subject().contains('@')
        });
        let Some(token) = Facts::plainest(named).filter(|_| survey.issuer.signs_ids()) else {
            continue;
        };
        if survey.blame(token).map(|of| &of.value.place) != Some(&blame.value.place) {
            continue;
        }
        let other = token.request.clone();
        let other = other.with_claim("repository_id", REPOSITORY_ID);
        let other = other.with_claim("repository_owner_id", OWNER_ID);
        let Some(witness) = Witness::verified(facts.policy, &other, true) else {
            continue;
        };
        if seen.insert(&blame.condition.place) {
            let witness = witness.showing(&other, &["repository_id", "repository_owner_id"]);
            let message = format!("whoever holds the name in {} gets in", scope.name());
            complaints.push(Complaint::at(scope.place(), message).witness(Some(witness)));
        }
    }
    complaints
}
