//! The report as data: `rolewatch.report/1`. Every rendering shows these numbers and no others.

mod activity;
mod awake;
mod findings;
mod tighten;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::activity::{
    Days, Denied, DeniedCause, Hours, NewContext, NewId, NewRepository, News, Pair, Renamed,
    RepositoryTrace, Role, Sessions, Trace,
};
pub use self::awake::{Awake, Canaries, Lag, LintCount, Region, Trust, Version};
pub use self::findings::{CheckCount, Findings, Silence, Snooze, State, Worst, snoozes_of};
pub use self::tighten::{Classic, Expiring, IdleRole, IdleRule, LongSession, Tighten, Wildcard};

/// The name and version of the JSON format.
pub const SCHEMA: &str = "rolewatch.report/1";

/// A report. Texts of records stand in it as they are: escape them for where they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `report`.
    pub r#type: Kind,
    /// The format's name and version.
    pub schema: String,
    /// What it is about.
    pub period: Covered,
    /// What it is compared with: as many days, right before.
    pub before: Covered,
    /// The first day of which anything is known; null where nothing is known at all.
    pub known_since: Option<NaiveDate>,
    /// From what it was made.
    pub source: Source,
    /// When, by the service. A report of the same archives is always the same, and has none.
    pub made_at: Option<DateTime<Utc>>,
    /// Inputs that could not be read to their end: what they hold is missing everywhere here.
    pub failed_inputs: Vec<String>,
    /// The report in a sentence.
    pub verdict: String,
    /// What there was, in numbers.
    pub totals: Totals,
    /// What was complained of.
    pub findings: Findings,
    /// The roles that were assumed or refused, now or in the period before, the busiest first.
    pub roles: Listed<Role>,
    /// What was not there before.
    pub news: News,
    /// What could be tightened.
    pub tighten: Tighten,
    /// What STS refused.
    pub denied: Denied,
    /// The trust policies of the account; null where no trust function does.
    pub trust: Option<Trust>,
    /// Whether sessions lead back to the run that asked for them.
    pub traceable: Trace,
    /// Whether the watcher was awake.
    pub awake: Awake,
    /// Judged calls by day and outcome; without days that have not begun.
    pub days: Vec<Days>,
    /// Judged calls by hour (UTC), a line a weekday, Monday first; without weekdays that have not
    /// begun.
    pub hours: Vec<Hours>,
    /// Who assumed what, the busiest first.
    pub matrix: Listed<Pair>,
    /// What is null or left out because it cannot be known, and why.
    pub not_known: Vec<NotKnown>,
}

/// The type of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A report.
    Report,
}

/// From what a report was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Log archives, read by the command line.
    Archives,
    /// A store's counts, read by the command line.
    Store,
    /// The service's own counts.
    Service,
}

/// Some days, and how much is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Covered {
    /// The ISO week, where it is one: `2026-W47`.
    pub week: Option<String>,
    /// The first day (UTC).
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// How much of it the source knows.
    pub known: Coverage,
}

/// How much of a period is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// It is over, and the source covers it.
    Whole,
    /// The source begins or ends within it, or it is not over.
    Partly,
    /// The source begins after it, or ends before it.
    Unknown,
}

/// A number, and the one of the period before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// In this period.
    pub now: u64,
    /// In the one before; null where that is not known.
    pub before: Option<u64>,
}

/// The first of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listed<T> {
    /// How many there are.
    pub total: u64,
    /// The first of them, at most 1,000.
    pub items: Vec<T>,
}

/// What there was. `judged` is `expected + unexpected + denied + ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// Sessions that STS issued to GitHub's tokens.
    pub assumptions: Change,
    /// Repositories that got them; what names no repository counts as one.
    pub repositories: Change,
    /// Roles that were assumed.
    pub roles: Change,
    /// Calls that the allowlist was asked about, refused ones included.
    pub judged: Change,
    /// Those that satisfy a rule.
    pub expected: Change,
    /// Those that do not.
    pub unexpected: Change,
    /// Of the unexpected ones, those that the allowlist as it is now would not expect either.
    pub open: u64,
    /// Those that STS refused, and no silence covers.
    pub denied: Change,
    /// Those that a silence covers.
    pub ignored: Change,
    /// Calls with other issuers' tokens.
    pub other: Change,
    /// Records that could not be judged.
    pub unreadable: Change,
}

/// Something that the source does not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotKnown {
    /// Where it would stand, such as `awake.canaries`.
    pub what: String,
    /// Why it is not known.
    pub why: String,
}

/// The most items of a list.
const MOST_LISTED: usize = 1000;

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<T> Listed<T> {
    /// The first of these.
    #[must_use]
    pub fn of(mut items: Vec<T>) -> Self {
        let total = items.len() as u64;
        items.truncate(MOST_LISTED);
        Self { total, items }
    }
}

impl Report {
    /// The JSON Schema of the format (draft 2020-12).
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// Why something is not known, if it is not.
    #[must_use]
    pub fn why_unknown(&self, what: &str) -> Option<&str> {
        let entry = self.not_known.iter().find(|entry| entry.what == what)?;
        Some(&entry.why)
    }
}
