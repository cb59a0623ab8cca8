//! [`CHECK`]: an operator that a missing claim satisfies.

use crate::claims::is_condition_key;
use crate::fix::{Fix, move_condition};
use crate::policy::{Base, Condition, SetOperator};
use crate::witness::{Reach, Survey, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-vacuous-operator",
    title: "the condition holds when the claim is missing",
    severity: Severity::Medium,
    explanation: include_str!("trust-vacuous-operator.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let surveys = facts.surveys.iter();
    surveys
        .flat_map(|survey| {
            let conditions = survey.statement.conditions.iter();
            conditions.filter_map(|condition| complain(facts, survey, condition))
        })
        .collect()
}

fn complain(facts: &Facts<'_>, survey: &Survey<'_>, condition: &Condition) -> Option<Complaint> {
    let operator = &condition.operator;
    let claim = survey.claim(condition)?;
    let vacuous = operator.if_exists || operator.set == Some(SetOperator::ForAllValues);
    let known = is_condition_key(&survey.issuer, &claim);
    if !vacuous || !known || operator.is_negated() || is_guarded(survey, condition) {
        return None;
    }
    let without = survey.admitted.iter();
    let without = without.filter(|token| !token.request.claims.contains_key(&claim));
    let token = Facts::plainest(without);
    let witness = token.and_then(|token| Witness::verified(facts.policy, &token.request, true));
    let severity = match token.map(|token| token.reach) {
        None => Severity::Low,
        Some(Reach::Intended) => Severity::Medium,
        Some(_) => Severity::High,
    };
    let bare = operator.bare_name().to_owned();
    let edited = move_condition(facts.policy, survey.statement, condition, &bare);
    let mut keep = facts.keep(survey);
    keep.retain(|request| request.claims.contains_key(&claim));
    let fix = edited.and_then(|text| Fix::verified(facts.policy, text, witness.as_ref(), &keep));
    let note = match &witness {
        Some(_) => "and there are tokens without it",
        None => "though GitHub puts it into every token",
    };
    let name = &operator.name;
    let message = format!("{name} also holds for a token without {claim:?}, {note}");
    let complaint = Complaint::at(&condition.place, message).severity(severity);
    Some(complaint.witness(witness).fix(fix))
}

/// Whether `Null` asks for the key besides: the documented way to use `ForAllValues:`.
fn is_guarded(survey: &Survey<'_>, condition: &Condition) -> bool {
    survey.statement.conditions.iter().any(|other| {
        other.operator.base == Base::Null
            && other.lower_key() == condition.lower_key()
            && other.values.iter().all(|value| value.text == "false")
    })
}
