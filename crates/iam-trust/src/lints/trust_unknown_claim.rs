//! [`CHECK`]: a claim that no policy can see.

use crate::claims::{condition_keys, is_condition_key};
use crate::fix::rename_key;
use crate::policy::{Condition, Effect, SetOperator, Statement};
use crate::request::Request;
use crate::witness::{Survey, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-unknown-claim",
    title: "STS knows no such condition key",
    severity: Severity::Medium,
    explanation: include_str!("trust-unknown-claim.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for survey in &facts.surveys {
        for (statement, condition) in facts.conditions() {
            let own = statement.index == survey.statement.index;
            if own || statement.effect == Effect::Deny {
                complaints.extend(complain(facts, survey, statement, condition));
            }
        }
    }
    complaints
}

/// Whether this check says why nobody gets in by a statement.
pub(super) fn explains(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    let is_unknown = |condition: &Condition| unknown(facts, survey, condition).is_some();
    let mut conditions = survey.statement.conditions.iter();
    let mut denies = facts.policy.statements.iter().filter(|statement| {
        let conditions = &statement.conditions;
        statement.effect == Effect::Deny && !conditions.is_empty()
    });
    conditions.any(|condition| !is_vacuous(condition) && is_unknown(condition))
        || denies.any(|deny| {
            let mut conditions = deny.conditions.iter();
            conditions.all(|condition| is_vacuous(condition) && is_unknown(condition))
        })
}

/// Whether a missing key satisfies a condition.
fn is_vacuous(condition: &Condition) -> bool {
    let operator = &condition.operator;
    operator.if_exists || operator.is_negated() || operator.set == Some(SetOperator::ForAllValues)
}

fn complain(
    facts: &Facts<'_>,
    survey: &Survey<'_>,
    statement: &Statement,
    condition: &Condition,
) -> Option<Complaint> {
    let (claim, misspelt) = unknown(facts, survey, condition)?;
    let operator = &condition.operator;
    let vacuous = is_vacuous(condition);
    let effect = if vacuous { "always" } else { "never" };
    let key = &condition.key;
    let message = format!(
        "{key:?} is no condition key, so {} {effect} holds; the keys are {}",
        operator.name,
        condition_keys(&survey.issuer).join(", ")
    );
    let (witness, shown) = witness(facts, survey, condition, &claim, vacuous);
    let fix = misspelt.and_then(|key| {
        let edited = rename_key(facts.policy, statement, condition, &key)?;
        facts.opening(edited, None, &[])
    });
    let complaint = Complaint::at(&condition.place, message).fix(fix);
    Some(complaint.witness(witness.map(|witness| witness.showing(&shown, &[&claim]))))
}

/// The claim of a key that STS does not know, and the key that was meant where only the provider is
/// misspelt.
fn unknown(
    facts: &Facts<'_>,
    survey: &Survey<'_>,
    condition: &Condition,
) -> Option<(String, Option<String>)> {
    if let Some(claim) = survey.claim(condition) {
        let known = is_condition_key(&survey.issuer, &claim);
        return (!known).then_some((claim, None));
    }
    let key = condition.lower_key();
    let (provider, claim) = key.rsplit_once([':', '/']).unwrap_or(("", key));
    let others = facts.surveys.iter();
    let mut others = others.map(|other| other.issuer.provider().to_ascii_lowercase());
    let meant = provider.is_empty() || provider.contains("github");
    if !meant || others.any(|other| other == provider) || key.starts_with("aws:") {
        return None;
    }
    let known = is_condition_key(&survey.issuer, claim);
    let right = format!("{}:{claim}", survey.issuer.provider());
    Some((claim.to_owned(), known.then_some(right)))
}

/// A token with the wanted claim that does not get in, or one without it that does.
fn witness(
    facts: &Facts<'_>,
    survey: &Survey<'_>,
    condition: &Condition,
    claim: &str,
    vacuous: bool,
) -> (Option<Witness>, Request) {
    let wanted = condition.values.first().map_or("", |value| &value.text);
    if vacuous && let Some(token) = Facts::plainest(&survey.admitted) {
        let value = if condition.operator.is_negated() {
            wanted
        } else {
            survey.marker.word
        };
        let request = token.request.clone().with_claim(claim, value);
        return (Witness::verified(facts.policy, &request, true), request);
    }
    let request = Facts::example(survey).with_claim(claim, &wanted.replace(['*', '?'], ""));
    (Witness::verified(facts.policy, &request, false), request)
}
