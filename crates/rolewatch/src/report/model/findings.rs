//! Findings in a report.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Listed};
use crate::finding::Severity;
use crate::report::Period;
use crate::store;
use crate::words::role_name;

/// What was complained of. Findings alike (of one check, about one role and repository) are of
/// one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// All of them, those of severity info included.
    pub total: Change,
    /// By check, the worst first; those without any are left out.
    pub checks: Vec<CheckCount>,
    /// Checks that were not asked, because they need a memory of earlier events.
    pub not_asked: Vec<String>,
    /// Kinds of findings above info, the worst first.
    pub worst: Listed<Worst>,
    /// Whether the allowlist is in audit mode: findings are recorded and not alerted.
    pub audit: bool,
    /// Findings that somebody put off until later; null where that is not known.
    pub snoozes: Option<Vec<Snooze>>,
    /// The allowlist's silences that still hold at the period's end.
    pub silences: Vec<Silence>,
}

/// The findings of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckCount {
    /// The check's id.
    pub check: String,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it finds.
    pub title: String,
    /// How many there were.
    pub findings: Change,
    /// How many were silenced.
    pub silenced: Change,
    /// Kinds that the period before did not have; null where that is not known.
    pub new: Option<u64>,
    /// Kinds that it had as well.
    pub repeated: Option<u64>,
    /// Kinds that it had, and this one has not.
    pub resolved: Option<u64>,
}

/// Findings of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Worst {
    /// The check's id.
    pub check: String,
    /// How much they weigh.
    pub severity: Severity,
    /// What happened.
    pub title: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// The smallest rule that would have allowed it, TOML.
    pub suggestion: Option<String>,
    /// The role's ARN, where it is ours to know.
    pub role_arn: Option<String>,
    /// The repository, where it is known.
    pub repository: Option<String>,
    /// Who answers for the nearest rule.
    pub owner: Option<String>,
    /// How many there were.
    pub findings: Change,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// Whether the period before had them.
    pub state: State,
    /// Whether the allowlist as it is now would complain again.
    pub open: bool,
    /// CloudTrail's id of one of the events.
    pub event_id: Option<String>,
}

/// A kind of findings, compared with the period before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was not there.
    New,
    /// It was.
    Repeated,
    /// Nobody knows.
    Unknown,
}

/// Findings that somebody put off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snooze {
    /// What of, in words.
    pub what: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Who, where that is known.
    pub by: Option<String>,
    /// Why, where that is known.
    pub reason: Option<String>,
    /// How many findings it kept quiet.
    pub findings: u64,
}

/// A silence of the allowlist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Silence {
    /// The silenced check.
    pub check: String,
    /// What it covers, in words.
    pub about: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: NaiveDate,
    /// What it silenced.
    pub silenced: Change,
}

/// The snoozes that were on in a period, if only for a part of it.
#[must_use]
pub fn snoozes_of(period: Period, snoozes: &[store::Snooze]) -> Vec<Snooze> {
    let was_on = |it: &&store::Snooze| {
        it.since.date_naive() <= period.last && it.until.date_naive() >= period.first
    };
    snoozes.iter().filter(was_on).map(Snooze::from).collect()
}

impl From<&store::Snooze> for Snooze {
    fn from(snooze: &store::Snooze) -> Self {
        let covers = &snooze.covers;
        let role = covers.role_arn.as_deref().map(role_name);
        Self {
            what: format!(
                "{} of {} for {} in {}",
                covers.check,
                covers.repository.as_deref().unwrap_or("-"),
                role.unwrap_or("-"),
                covers.account.as_deref().unwrap_or("-"),
            ),
            until: snooze.until,
            by: Some(snooze.by.clone()),
            reason: Some(snooze.reason.clone()),
            findings: snooze.findings,
        }
    }
}
