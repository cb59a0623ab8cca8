//! Canaries: each hour every region sends an event the way that assumptions come.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Facts, Probe, counted, listed};

/// A region's latest canary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The region.
    pub region: String,
    /// The hour in which it was sent.
    pub sent: DateTime<Utc>,
}

/// One an hour, and an hour in which it may be on its way.
const OLD: TimeDelta = TimeDelta::hours(2);
const NAME: &str = "canary";
const CURE: &str = "docs/operations.md#a-canary-is-missing";

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let heard = match &facts.canaries {
        Err(not) => return vec![not.probe(NAME, "the canaries that came")],
        Ok(heard) => heard,
    };
    let home = &facts.stack.region;
    let is_new = facts.stack.changed.is_some_and(|at| facts.now - at < OLD);
    let old: Vec<String> = heard
        .iter()
        .filter(|it| facts.now - it.sent >= OLD)
        .map(|it| {
            format!(
                "{} ({} h ago)",
                it.region,
                (facts.now - it.sent).num_hours()
            )
        })
        .collect();
    let fresh: Vec<&str> = heard
        .iter()
        .filter(|it| facts.now - it.sent < OLD)
        .map(|it| it.region.as_str())
        .collect();
    if !old.is_empty() {
        let message = format!("no canary came for two hours from {}", listed(&old));
        return vec![Probe::fail(NAME, message, CURE)];
    }
    if !fresh.contains(&home.as_str()) {
        let message = format!("no canary came from {home} today or yesterday");
        return vec![if is_new {
            Probe::warn(
                NAME,
                message,
                "the stack is new: the first comes within an hour",
            )
        } else {
            Probe::fail(NAME, message, CURE)
        }];
    }
    vec![count(facts, &fresh)]
}

/// Whether as many regions send as the stack expects.
fn count(facts: &Facts, fresh: &[&str]) -> Probe {
    let message = format!(
        "{} heard in the last two hours: {}",
        counted(fresh.len(), "region"),
        listed(fresh)
    );
    let said = facts
        .stack
        .parameter("Regions")
        .and_then(|it| it.parse::<usize>().ok());
    match said {
        Some(said) if fresh.len() < said => {
            Probe::fail(NAME, format!("{message}; the stack expects {said}"), CURE)
        }
        _ => Probe::ok(NAME, message),
    }
}
