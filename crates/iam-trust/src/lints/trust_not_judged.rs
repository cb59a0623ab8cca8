//! [`CHECK`]: no token was found that gets in, and nothing says why.

use crate::request::ACTION;
use crate::witness::Survey;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity, trust_dead_statement, trust_unknown_claim};

pub(super) const CHECK: Check = Check {
    id: "trust-not-judged",
    title: "who gets in could not be found out",
    severity: Severity::Medium,
    explanation: include_str!("trust-not-judged.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let surveys = facts.surveys.iter();
    let allows = surveys.filter(|survey| survey.statement.actions.cover(ACTION, true));
    allows
        .filter_map(|survey| complain(facts, survey))
        .collect()
}

fn complain(facts: &Facts<'_>, survey: &Survey<'_>) -> Option<Complaint> {
    let message = if !survey.complete {
        "judged in part: there are too many ways to satisfy these conditions"
    } else if survey.admitted.is_empty() && !is_explained(facts, survey) {
        "not judged: no token could be built that gets in; try `trust explain`"
    } else {
        return None;
    };
    Some(Complaint::at(&survey.statement.place, message))
}

/// Whether it is known why nobody gets in: another check says it, or it follows from the policy.
fn is_explained(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    survey.is_denied(facts.policy)
        || survey.shut_by().is_some()
        || trust_dead_statement::explains(facts, survey)
        || trust_unknown_claim::explains(facts, survey)
}
