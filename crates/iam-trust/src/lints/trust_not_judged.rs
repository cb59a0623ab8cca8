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
    let unknown = facts.surveys.iter().filter(|survey| {
        let allows = survey.statement.actions.cover(ACTION, true);
        allows && survey.admitted.is_empty() && !is_explained(facts, survey)
    });
    let message = "not judged: no token could be built that gets in; try `trust explain`";
    unknown
        .map(|survey| Complaint::at(&survey.statement.place, message))
        .collect()
}

/// Whether it is known why nobody gets in: another check says it, or it follows from the policy.
fn is_explained(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    survey.is_denied(facts.policy)
        || survey.shut_by().is_some()
        || trust_dead_statement::explains(facts, survey)
        || trust_unknown_claim::explains(facts, survey)
}
