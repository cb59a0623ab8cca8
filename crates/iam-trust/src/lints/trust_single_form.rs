//! [`CHECK`]: the other form of the same subject stays out.

use std::collections::BTreeSet;

use github_oidc::Subject;

use crate::witness::{Reach, Token, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Scope;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-single-form",
    title: "only one form of the subject gets in",
    severity: Severity::Info,
    explanation: include_str!("trust-single-form.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for scope in &facts.scopes {
        let Some((survey, blame)) = facts.survey(scope).zip(scope.blame) else {
            continue;
        };
        let known = scope.worst.reach <= Reach::OtherRepository && survey.issuer.signs_ids();
        let mine = survey.admitted.iter();
        let mine = mine.filter(|token| !token.custom && token.blamed == scope.worst.blamed);
        let token = Facts::plainest(mine).filter(|_| known);
        let Some(complaint) = token.and_then(|token| complain(facts, scope, token)) else {
            continue;
        };
        if seen.insert(&blame.condition.place) {
            complaints.push(complaint);
        }
    }
    complaints
}

fn complain(facts: &Facts<'_>, scope: &Scope<'_>, token: &Token) -> Option<Complaint> {
    let Subject::Standard(subject) = Subject::parse(token.subject()) else {
        return None;
    };
    let (owner, name) = (subject.repository.owner, subject.repository.name);
    let context = subject.context.subject_suffix();
    let claims = &token.request.claims;
    let id = |claim: &str| claims.get(claim).and_then(|ids| ids.first());
    let (other, form) = if owner.id.is_some() {
        (
            format!("repo:{}/{}:{context}", owner.text, name.text),
            "classic",
        )
    } else {
        let (owner_id, id) = (id("repository_owner_id")?, id("repository_id")?);
        let (owner, name) = (owner.text, name.text);
        (
            format!("repo:{owner}@{owner_id}/{name}@{id}:{context}"),
            "immutable",
        )
    };
    let request = token.request.clone().with_claim("sub", &other);
    let witness = Witness::verified(facts.policy, &request, false)?;
    let message = format!(
        "{} does not match the {form} form of the same subject",
        scope.name()
    );
    Some(Complaint::at(scope.place(), message).witness(Some(witness)))
}
