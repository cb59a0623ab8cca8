//! [`CHECK`]: what could not be judged is said.

use crate::policy::{Effect, Text};
use crate::request::ACTION;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-unresolved-value",
    title: "a value is known only when the template is deployed",
    severity: Severity::Low,
    explanation: include_str!("trust-unresolved-value.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = Vec::new();
    for (_, condition) in facts.conditions() {
        let values = condition
            .values
            .iter()
            .filter(|value| !value.open.is_empty());
        complaints.extend(values.map(|value| complain(value, Severity::Low)));
    }
    for survey in &facts.surveys {
        let entries = survey.statement.principals.entries.iter();
        let open = entries.filter(|entry| entry.value.unknown);
        complaints.extend(open.map(|entry| complain(&entry.value, Severity::Info)));
    }
    complaints.extend(of_any_provider(facts));
    complaints
}

/// Statements for a provider that is open, where no condition says whose tokens are meant.
fn of_any_provider(facts: &Facts<'_>) -> Vec<Complaint> {
    let statements = facts.policy.statements.iter().filter(|statement| {
        let mut surveys = facts.surveys.iter();
        let surveyed = surveys.any(|survey| survey.statement.index == statement.index);
        let mut conditions = statement.conditions.iter();
        let of_provider = conditions.any(|condition| {
            let key = condition.key.rsplit_once(':');
            key.is_some_and(|(provider, _)| provider.contains('.'))
        });
        let allows = statement.effect == Effect::Allow && statement.actions.cover(ACTION, true);
        allows && !surveyed && !of_provider
    });
    let entries = statements.flat_map(|statement| &statement.principals.entries);
    let open = entries.filter(|entry| entry.may_be_any_provider());
    open.map(|entry| {
        let names = entry.value.open.join(", ");
        let message = format!("not judged: which identity provider this is depends on {names}");
        Complaint::at(&entry.value.place, message)
    })
    .collect()
}

/// Where part of a value is known, the rest was taken for a plain name; where none is, it was not
/// judged at all.
fn complain(value: &Text, unknown: Severity) -> Complaint {
    let names = value.open.join(", ");
    let (message, severity) = if value.unknown {
        (format!("not judged: the value is {names}"), unknown)
    } else {
        let message = format!("judged as if {names} were a plain name without wildcards");
        (message, Severity::Info)
    };
    Complaint::at(&value.place, message).severity(severity)
}
