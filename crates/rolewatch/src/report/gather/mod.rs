//! From rows of counts to a report. Its cost is in the number of rows, which is that of distinct
//! pairs of role and subject a day, and not in that of events.

mod awake;
mod complaints;
mod finish;
mod memory;
mod seen;
mod span;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Days, NaiveDate, Utc};

pub use self::awake::awake;
use self::complaints::Samples;
use self::memory::Memory;
use self::seen::Seen;
use self::span::Span;
use super::model::{Awake, Report, Snooze, Source, Trust};
use super::period::Period;
use crate::allowlist::{Allowlist, Rule};
use crate::store::{Row, Store, StoreError};

/// How far a report looks back from its last day: the longer of the two times after which a
/// rule counts as unused.
const LOOK_BACK: Days = Days::new(89);

/// Sums by name.
type Counts = BTreeMap<String, u64>;

/// What a report is told besides rows.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// When the report is made, where that is part of it.
    pub made_at: Option<DateTime<Utc>>,
    /// Inputs that could not be read to their end.
    pub failed_inputs: Vec<String>,
    /// What the trust function found.
    pub trust: Option<Trust>,
    /// Findings that somebody put off.
    pub snoozes: Option<Vec<Snooze>>,
    /// What is known of the watcher itself; regions and lag are taken from the rows.
    pub awake: Awake,
}

/// Takes in rows, in any order, and makes a report of them.
#[derive(Debug)]
pub struct Gatherer<'a> {
    period: Period,
    source: Source,
    allowlist: &'a Allowlist,
    /// Its rules by name.
    rules: HashMap<&'a str, &'a Rule>,
    current: Span,
    previous: Span,
    memory: Memory,
    /// The first day of any row.
    known_since: Option<NaiveDate>,
    /// The last day of any row.
    known_until: Option<NaiveDate>,
    /// Until when anything can have happened.
    now: DateTime<Utc>,
}

impl<'a> Gatherer<'a> {
    /// For a report about `period`, judged by the allowlist as it is now.
    #[must_use]
    pub fn new(
        period: Period,
        source: Source,
        allowlist: &'a Allowlist,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            period,
            source,
            allowlist,
            rules: allowlist
                .rules()
                .iter()
                .map(|rule| (rule.name.as_str(), rule))
                .collect(),
            current: Span::default(),
            previous: Span::default(),
            memory: Memory::default(),
            known_since: None,
            known_until: None,
            now,
        }
    }

    /// The days whose rows a report can make use of.
    #[must_use]
    pub fn days(&self) -> Period {
        let first = (self.period.last - LOOK_BACK).min(self.period.before().first);
        Period {
            first,
            last: self.period.last,
        }
    }

    /// Takes in a row. One that is too early tells at least since when something is known.
    pub fn add(&mut self, row: &Row) {
        let day = row.day;
        if day > self.period.last {
            return;
        }
        self.known_since = Some(self.known_since.map_or(day, |since| since.min(day)));
        self.known_until = self.known_until.max(Some(day));
        let seen = Seen::of(row);
        if self.days().contains(day) {
            self.memory.add(&seen, &self.rules, day < self.period.first);
        }
        if self.period.contains(day) {
            self.current.add(&seen, self.allowlist, Samples::Keep);
        } else if self.period.before().contains(day) {
            self.previous.add(&seen, self.allowlist, Samples::Drop);
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self, extras: Extras) -> Report {
        finish::report(&self, extras)
    }
}

/// A report from a store.
///
/// # Errors
/// The store did not answer.
pub async fn gather(
    store: &impl Store,
    mut gatherer: Gatherer<'_>,
    extras: Extras,
    now: DateTime<Utc>,
) -> Result<Report, StoreError> {
    // One by one: rows are many, and what is made of them is not.
    for day in gatherer.days().each_day() {
        store.each_row(day, now, |row| gatherer.add(&row)).await?;
    }
    Ok(gatherer.finish(extras))
}

/// A name as a number: sets of names are large, and only asked whether they have one.
fn hash(name: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
