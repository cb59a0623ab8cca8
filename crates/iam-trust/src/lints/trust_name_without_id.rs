//! [`CHECK`]: a name can be registered again.

use std::collections::BTreeSet;

use github_oidc::Subject;

use crate::witness::{OWNER_ID, REPOSITORY_ID, Reach, Token, Witness};

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
        let named = survey.admitted.iter();
        let named = named.filter(|token| token.reach == Reach::Intended && !token.custom);
        let (with_ids, without): (Vec<_>, Vec<_>) =
            named.partition(|token| token.subject().contains('@'));
        for tokens in [without, with_ids] {
            let Some(token) = Facts::plainest(tokens) else {
                continue;
            };
            let Some((blame, witness)) = survey.name_blame(token).zip(witness(facts, token)) else {
                continue;
            };
            if seen.insert(&blame.condition.place) {
                let message = format!("whoever holds the name in {:?} gets in", blame.value.text);
                let complaint = Complaint::at(&blame.value.place, message);
                complaints.push(complaint.witness(Some(witness)));
            }
        }
    }
    complaints
}

/// The same token of another repository that has the name now, or of another owner.
fn witness(facts: &Facts<'_>, token: &Token) -> Option<Witness> {
    let own = |claim: &str| token.request.claims.get(claim)?.first().cloned();
    let (owner_id, id) = (own("repository_owner_id")?, own("repository_id")?);
    let others = [
        (OWNER_ID, REPOSITORY_ID),
        (&*owner_id, REPOSITORY_ID),
        (OWNER_ID, &*id),
    ];
    // A subject without ids can be another owner's.
    let immutable = token.subject().contains('@');
    let others = others.iter().take(if immutable { 3 } else { 1 });
    others.copied().find_map(|(owner_id, id)| {
        let mut other = token.request.clone();
        other = other.with_claim("repository_id", id);
        other = other.with_claim("repository_owner_id", owner_id);
        if let Subject::Standard(subject) = Subject::parse(token.subject())
            && immutable
        {
            let (owner, name) = (subject.repository.owner.text, subject.repository.name.text);
            let context = subject.context.subject_suffix();
            let subject = format!("repo:{owner}@{owner_id}/{name}@{id}:{context}");
            other = other.with_claim("sub", &subject);
        }
        let witness = Witness::verified(facts.policy, &other, true)?;
        Some(witness.showing(&other, &["repository_id", "repository_owner_id"]))
    })
}
