//! [`CHECK`]: the other form of the same subject stays out.

use std::collections::BTreeSet;

use github_oidc::Subject;

use crate::witness::{Blame, Reach, Token, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
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
        let Some(survey) = facts.survey(scope) else {
            continue;
        };
        let known = scope.worst.reach <= Reach::OtherRepository && survey.issuer.signs_ids();
        let mine = survey.admitted.iter();
        let mine = mine.filter(|token| !token.custom && token.blamed == scope.worst.blamed);
        let token = Facts::plainest(mine).filter(|_| known);
        let Some((token, blame)) = token.zip(token.and_then(|token| survey.name_blame(token)))
        else {
            continue;
        };
        let Some(complaint) = complain(facts, blame, token) else {
            continue;
        };
        if seen.insert(&blame.condition.place) {
            complaints.push(complaint);
        }
    }
    complaints
}

fn complain(facts: &Facts<'_>, blame: Blame<'_>, token: &Token) -> Option<Complaint> {
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
        "{:?} does not match the {form} form of the same subject",
        blame.value.text
    );
    Some(Complaint::at(&blame.value.place, message).witness(Some(witness)))
}
