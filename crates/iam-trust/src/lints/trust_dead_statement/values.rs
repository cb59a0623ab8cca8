//! Values that no subject of GitHub's can equal.

use crate::fix::{Fix, move_condition, set_texts};
use crate::lints::complaint::Complaint;
use crate::lints::facts::Facts;
use crate::lints::scope::example;
use crate::pattern::has_wildcard;
use crate::policy::{Condition, Effect, Statement, Text};
use crate::request::Request;
use crate::witness::{Survey, Witness, is_mintable, repaired};

/// Complains of every dead value on the subject: in the surveyed statement, and in Denies.
pub(super) fn dead(facts: &Facts<'_>, survey: &Survey<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (statement, condition) in facts.conditions() {
        let own = statement.index == survey.statement.index || statement.effect == Effect::Deny;
        if !own || survey.claim(condition).as_deref() != Some("sub") {
            continue;
        }
        if !condition.operator.compares_text() {
            continue;
        }
        let values = condition.values.iter();
        let dead = values.filter(|value| !survey.is_live(condition, value));
        complaints.extend(dead.map(|value| complain(facts, survey, statement, condition, value)));
    }
    complaints
}

/// Whether a condition on the subject that must hold, or else denies, has dead values only.
pub(super) fn shut(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    let mut conditions = facts.conditions();
    conditions.any(|(statement, condition)| {
        let own = statement.index == survey.statement.index;
        let asks = condition.operator.is_negated() == (statement.effect == Effect::Deny);
        let of_subject = survey.claim(condition).as_deref() == Some("sub");
        let mut values = condition.values.iter();
        (own || statement.effect == Effect::Deny)
            && asks
            && of_subject
            && condition.operator.compares_text()
            && values.all(|value| !survey.is_live(condition, value))
    })
}

fn complain(
    facts: &Facts<'_>,
    survey: &Survey<'_>,
    statement: &Statement,
    condition: &Condition,
    value: &Text,
) -> Complaint {
    let operator = &condition.operator;
    let text = &value.text;
    let like = like_operator(condition).filter(|_| has_wildcard(text));
    let (meant, edited) = if let Some(like) = like
        && let Some(meant) = example(text)
    {
        let names_owner = !text.split('/').next().is_some_and(has_wildcard);
        let edited = move_condition(facts.policy, statement, condition, &like);
        (
            Some((format!("{like} {text:?}"), meant)),
            edited.filter(|_| names_owner),
        )
    } else {
        let plausible =
            |text: &str| is_mintable(text) || (operator.has_wildcards() && example(text).is_some());
        let repaired = repaired(text, plausible);
        let edited = repaired
            .as_ref()
            .and_then(|by| replaced(facts, condition, value, by));
        let meant = repaired.and_then(|by| Some((format!("{by:?}"), example(&by)?)));
        (meant, edited)
    };
    let note = match &meant {
        Some((meant, _)) => format!("; {meant} was probably meant"),
        None => String::new(),
    };
    let message = format!(
        "no subject that GitHub signs satisfies {} {text:?}{note}",
        operator.name
    );
    let witness = meant.and_then(|(_, subject)| {
        let mut request = Request::new(&subject);
        request.issuer = survey.issuer.clone();
        let rules_out = operator.is_negated() == (statement.effect == Effect::Allow);
        Witness::verified(facts.policy, &request, rules_out)
    });
    let keep = facts.keep(survey);
    let fix = witness.as_ref().zip(edited);
    let fix =
        fix.and_then(|(witness, text)| Fix::verified(facts.policy, text, Some(witness), &keep));
    Complaint::at(&value.place, message)
        .witness(witness)
        .fix(fix)
}

/// The operator with wildcards in the place of one without.
fn like_operator(condition: &Condition) -> Option<String> {
    let name = &condition.operator.name;
    for (exact, like) in [
        ("StringEqualsIgnoreCase", "StringLike"),
        ("StringNotEqualsIgnoreCase", "StringNotLike"),
        ("StringEquals", "StringLike"),
        ("StringNotEquals", "StringNotLike"),
    ] {
        if condition.operator.bare_name().eq_ignore_ascii_case(exact) {
            return Some(name.replacen(condition.operator.bare_name(), like, 1));
        }
    }
    None
}

fn replaced(facts: &Facts<'_>, condition: &Condition, value: &Text, by: &str) -> Option<String> {
    if condition.values.iter().any(|value| !value.open.is_empty()) {
        return None;
    }
    let values = condition.values.iter();
    let values = values.map(|one| {
        if one.place == value.place {
            by
        } else {
            &one.text
        }
    });
    let values: Vec<String> = values.map(str::to_owned).collect();
    set_texts(&facts.policy.text, &condition.span, &values)
}
