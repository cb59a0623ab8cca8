//! [`CHECK`]: a value or statement that no token satisfies.

mod statement;
mod values;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};
use crate::witness::Survey;

pub(super) const CHECK: Check = Check {
    id: "trust-dead-statement",
    title: "this can never match",
    severity: Severity::Medium,
    explanation: include_str!("trust-dead-statement.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for survey in &facts.surveys {
        if let Some(condition) = survey.expired(facts.options.now.as_deref()) {
            let message = "the time until which this statement matched is past: remove it";
            complaints.push(Complaint::at(&condition.place, message));
            continue;
        }
        let dead = values::dead(facts, survey);
        if dead.is_empty() && !survey.matched {
            complaints.extend(statement::dead(facts, survey));
        }
        complaints.extend(dead);
    }
    complaints.extend(statement::without_provider(facts));
    complaints
}

/// Whether this check says why nobody gets in by a statement.
pub(super) fn explains(facts: &Facts<'_>, survey: &Survey<'_>) -> bool {
    survey.expired(facts.options.now.as_deref()).is_some()
        || values::shut(facts, survey)
        || (!survey.matched && statement::dead(facts, survey).is_some())
}
