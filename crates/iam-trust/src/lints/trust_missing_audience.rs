//! [`CHECK`]: no audience is asked for.

use crate::claims::STS_AUDIENCE;
use crate::fix::{Fix, add_condition, is_narrower, set_texts};
use crate::witness::{Survey, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-missing-audience",
    title: "a token for another service gets in",
    severity: Severity::Medium,
    explanation: include_str!("trust-missing-audience.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let surveys = facts.surveys.iter();
    surveys
        .filter_map(|survey| complain(facts, survey))
        .collect()
}

fn complain(facts: &Facts<'_>, survey: &Survey<'_>) -> Option<Complaint> {
    let token = Facts::plainest(&survey.admitted)?;
    let audience = survey.marker.audience();
    let request = token.request.clone().with_claim("aud", &audience);
    let witness = Witness::verified(facts.policy, &request, true)?;
    let conditions = survey.on_claim("aud");
    let weak = conditions
        .iter()
        .flat_map(|condition| &condition.values)
        .next();
    let place = weak.map_or(&survey.statement.place, |value| &value.place);
    let key = format!("{}:aud", survey.issuer.provider());
    let wanted = [STS_AUDIENCE.to_owned()];
    let edited = match &*conditions {
        [] => add_condition(
            facts.policy,
            survey.statement,
            "StringEquals",
            &key,
            &wanted,
        ),
        [only] if only.operator.wants_text() && only.is_literal() && is_narrower(only, &wanted) => {
            set_texts(&facts.policy.text, &only.span, &wanted)
        }
        _ => None,
    };
    let keep = facts.keep(survey);
    let fix = edited.and_then(|text| Fix::verified(facts.policy, text, Some(&witness), &keep));
    let message = "no condition asks for an audience: a token for another service gets in";
    Some(
        Complaint::at(place, message)
            .witness(Some(witness))
            .fix(fix),
    )
}
