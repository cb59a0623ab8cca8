//! The port to what remembers: which events were seen, what of them was delivered, what a week
//! amounted to. Its verbs are the domain's; how an adapter keeps it is its own affair.

mod memory;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::fmt;
use std::future::Future;

use chrono::{DateTime, Utc};

pub use self::memory::MemoryTable;
use crate::assumption::Observation;
use crate::detect::Decision;
use crate::tally::Tally;

/// An observation and what was decided about it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What happened.
    pub observation: Observation,
    /// What is to be told of it.
    pub decision: Decision,
}

/// What is to be done with one finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Publish it, then record that with [`Store::mark_delivered`].
    Publish,
    /// Nothing: its delivery is recorded.
    Delivered,
}

/// What the store says of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whether the event was counted before; it is not counted again.
    pub seen: bool,
    /// One answer for each finding of the decision, in order.
    pub findings: Vec<Disposition>,
}

/// A week of the ISO calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    /// The year that the week belongs to.
    pub year: i32,
    /// From 1.
    pub week: u32,
}

/// Why the store did not answer. Trying again can help: nothing was half done.
#[derive(Debug, thiserror::Error)]
#[error("the store did not answer: {0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What remembers.
pub trait Store: Sync {
    /// Takes in a batch: counts each event that was not counted before, and says for each finding
    /// what is to be done. Asking again for the same event gives the same answer until its
    /// delivery is recorded.
    fn admit(
        &self,
        batch: &[Judged],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Admission>, StoreError>> + Send;

    /// Records that findings, named by their ids, were delivered.
    fn mark_delivered(
        &self,
        findings: &[&str],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What a week amounted to.
    fn week(&self, week: IsoWeek) -> impl Future<Output = Result<Tally, StoreError>> + Send;
}

impl IsoWeek {
    /// The week that a moment (UTC) is in.
    #[must_use]
    pub fn of(time: DateTime<Utc>) -> Self {
        use chrono::Datelike;
        let week = time.iso_week();
        Self {
            year: week.year(),
            week: week.week(),
        }
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-W{:02}", self.year, self.week)
    }
}
