//! [`CHECK`]: one role for several stages.

use github_oidc::{Context, Subject};

use crate::witness::{ContextKind, Reach, Token, Witness};

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-mixed-contexts",
    title: "production and another stage share one role",
    severity: Severity::Low,
    explanation: include_str!("trust-mixed-contexts.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let tokens = || {
        let surveys = facts.surveys.iter();
        surveys.flat_map(|survey| survey.admitted.iter().map(move |token| (survey, token)))
    };
    let production = tokens().find(|(_, token)| stage(token) == Some(Stage::Production));
    let Some((_, production)) = production else {
        return Vec::new();
    };
    let other = tokens().find(|(_, token)| stage(token) == Some(Stage::Other));
    let Some((survey, other)) = other else {
        return Vec::new();
    };
    let place = survey
        .blame(other)
        .map_or(&survey.statement.place, |blame| &blame.value.place);
    let (one, two) = (production.subject(), other.subject());
    let message = format!("{one:?} and {two:?} get into the same role");
    let witness = Witness::verified(facts.policy, &other.request, true);
    vec![Complaint::at(place, message).witness(witness)]
}

#[derive(PartialEq)]
enum Stage {
    Production,
    Other,
}

/// Words for what is not production.
const OTHERS: [&str; 8] = [
    "dev",
    "test",
    "stag",
    "preview",
    "sandbox",
    "qa",
    "review",
    "integration",
];

/// The stage that a named context says; nothing for branches and tags, which say none.
fn stage(token: &Token) -> Option<Stage> {
    if token.reach != Reach::Intended {
        return None;
    }
    match (Subject::parse(token.subject()).context()?, token.kind) {
        (Context::PullRequest, _) => Some(Stage::Other),
        (Context::Environment(name), ContextKind::Pinned) => {
            let name = name.to_ascii_lowercase();
            let other = OTHERS.iter().any(|word| name.contains(word));
            let production = name.contains("prod") && !other;
            match (production, other) {
                (true, _) => Some(Stage::Production),
                (_, true) => Some(Stage::Other),
                _ => None,
            }
        }
        _ => None,
    }
}
