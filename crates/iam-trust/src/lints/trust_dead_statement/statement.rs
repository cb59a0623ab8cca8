//! Statements that no token satisfies as a whole.

use crate::fix::set_texts;
use crate::lints::complaint::Complaint;
use crate::lints::facts::Facts;
use crate::pattern::has_wildcard;
use crate::policy::{Condition, Effect, PrincipalEntry, PrincipalKind, Statement, provider_url};
use crate::request::{ACTION, Request};
use crate::witness::{Survey, Witness};

/// A statement that trusts GitHub, and matches none of its tokens.
pub(super) fn dead(facts: &Facts<'_>, survey: &Survey<'_>) -> Option<Complaint> {
    if !survey.statement.actions.cover(ACTION, true) {
        return wrong_action(facts, survey);
    }
    if let Some(condition) = survey.shut_by() {
        return wants_principal(facts, survey, condition);
    }
    let conditions = &survey.statement.conditions;
    let understood = |condition: &Condition| {
        let known = survey.claim(condition);
        let known = known.is_some_and(|claim| crate::is_condition_key(&survey.issuer, &claim));
        let exact = condition.values.iter().all(|value| {
            let literal = !condition.operator.has_wildcards() || !has_wildcard(&value.text);
            literal && !value.text.contains("${") && value.open.is_empty()
        });
        known && exact && condition.operator.compares_text()
    };
    if !conditions.iter().all(understood) {
        return None;
    }
    let message = "no token that GitHub signs satisfies all conditions of this statement together";
    let witness = Witness::verified(facts.policy, &Facts::example(survey), false);
    Some(Complaint::at(&survey.statement.place, message).witness(witness))
}

/// A condition on who signs the call. Whoever trusts everybody may mean others than GitHub by it.
fn wants_principal(
    facts: &Facts<'_>,
    survey: &Survey<'_>,
    condition: &Condition,
) -> Option<Complaint> {
    let mut entries = survey.statement.principals.entries.iter();
    entries.find_map(PrincipalEntry::github_issuer)?;
    let message = format!(
        "a web identity has no {:?}, so {} never holds",
        condition.key, condition.operator.name
    );
    let witness = Witness::verified(facts.policy, &Facts::example(survey), false);
    Some(Complaint::at(&condition.place, message).witness(witness))
}

/// `sts:AssumeRole` for a provider, which must be `sts:AssumeRoleWithWebIdentity`. A statement on
/// other actions, `sts:TagSession` say, may stand beside one that lets in.
fn wrong_action(facts: &Facts<'_>, survey: &Survey<'_>) -> Option<Complaint> {
    let mut patterns = survey.statement.actions.patterns.iter();
    let wrong = patterns.find(|pattern| {
        pattern
            .text
            .to_ascii_lowercase()
            .starts_with("sts:assumerole")
    })?;
    let negated = survey.statement.actions.negated;
    let message = if negated {
        format!(
            "NotAction leaves out {:?}, all that a web identity asks for",
            wrong.text
        )
    } else {
        format!(
            "a web identity never asks for {:?}; {ACTION} was meant",
            wrong.text
        )
    };
    let witness = Witness::verified(facts.policy, &Facts::example(survey), false);
    // Another principal may need the action as it stands.
    let mut entries = survey.statement.principals.entries.iter();
    let ours = entries.all(|entry| entry.github_issuer().is_some());
    let ours = ours && !wrong.computed && !negated;
    let edited = set_texts(&facts.policy.text, &wrong.span, &[ACTION.to_owned()]);
    let fix = edited
        .filter(|_| ours)
        .and_then(|text| facts.opening(text, witness.as_ref(), &[]));
    Some(
        Complaint::at(&wrong.place, message)
            .witness(witness)
            .fix(fix),
    )
}

/// Statements with conditions on GitHub's claims whose principal is none of its providers.
pub(super) fn without_provider(facts: &Facts<'_>) -> Vec<Complaint> {
    let statements = facts.policy.statements.iter();
    let orphans = statements.filter(|statement| {
        let surveyed = facts.surveys.iter();
        let mut surveyed = surveyed.map(|survey| survey.statement.index);
        statement.effect == Effect::Allow
            && statement.actions.cover(ACTION, true)
            && !surveyed.any(|index| index == statement.index)
            && statement.conditions.iter().any(is_of_github)
            && !trusts_another(statement)
    });
    let complain = |statement: &Statement| {
        let place = statement.principals.entries.first();
        let place = place.map_or(&statement.place, |entry| &entry.value.place);
        let message = "the conditions are on GitHub's claims, but the principal is no provider of \
                       GitHub's; its ARN is \
                       arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com";
        let request = Request::new("repo:your-org/your-repo:ref:refs/heads/main");
        Complaint::at(place, message).witness(Witness::verified(facts.policy, &request, false))
    };
    orphans.map(complain).collect()
}

fn is_of_github(condition: &Condition) -> bool {
    let key = condition.lower_key();
    let provider = key.rsplit_once(':').map(|(provider, _)| provider);
    provider == Some("token.actions.githubusercontent.com")
}

/// Whether a principal is another provider, whose tokens the statement may be for.
fn trusts_another(statement: &Statement) -> bool {
    statement.principals.entries.iter().any(|entry| {
        entry.kind == PrincipalKind::Federated
            && provider_url(&entry.value.text).is_some_and(|url| !url.contains("github"))
    })
}
