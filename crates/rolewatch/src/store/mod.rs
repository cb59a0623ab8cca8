//! The port to what remembers: which events were seen, what of them was delivered, what a week
//! amounted to. Its verbs are the domain's; how it is kept is an adapter's affair.
//!
//! The protocol (quiet windows, leases, exactly-once counts) is [`Ledger`]'s, written once on
//! top of a [`table::Table`], of which every adapter provides one. It is described in
//! `docs/architecture.md`.

mod draft;
mod ledger;
mod memory;
pub mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::fmt;
use std::future::Future;

use chrono::{DateTime, Days, NaiveDate, Utc};

pub use self::ledger::{
    About, Adoption, AllowlistVersion, CanaryCount, CannotSnooze, Claim, Counter, Covered,
    DrillAlert, FEW, GoodAllowlist, LONGEST_SNOOZE, Ledger, Open, PostingTurn, Progress, Receipt,
    Row, Slot, Snooze, SnoozeRequest, Spot, Standing, Telling, Thread, ToldTo, Turn, Windows, Wish,
    can_be_snoozed,
};
pub use self::memory::MemoryTable;
use crate::alert::Alert;
use crate::allowlist::Allowlist;
use crate::assumption::Observation;
use crate::detect::Decision;

/// What became of one event.
#[derive(Clone, Debug)]
pub struct Admission {
    /// What happened.
    pub observation: Observation,
    /// What was decided about it, memory included.
    pub decision: Decision,
    /// Whether the event was counted before; it is not counted again.
    pub seen: bool,
    /// What is to be done for its findings.
    pub findings: Vec<Disposition>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Admitted {
    /// Each event in the batch's order; nothing for one that was not taken in.
    pub events: Vec<Option<Admission>>,
    /// Why, where any was not.
    pub failed: Option<StoreError>,
}

impl Admitted {
    /// All of them.
    ///
    /// # Errors
    /// One was not taken in.
    pub fn all(self) -> Result<Vec<Admission>, StoreError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.events.into_iter().flatten().collect()),
        }
    }
}

/// What is to be done with one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Publish it, then record that with [`Store::mark_delivered`], or give it back with
    /// [`Store::release`]. Nobody else is told to for a minute.
    Publish(Box<Alert>, Receipt),
    /// Come again later: an alert that tells of this one too is on its way, of another event or of
    /// another copy of this.
    Wait,
    /// Nothing more: it is delivered, or counted with one that is, or kept until
    /// [`Store::sweep`] finds its time come, or only recorded.
    Settled,
    /// Nothing more: a snooze covers it, and has counted it.
    Snoozed,
}

/// An alert whose time has come: a gathered one, or the summary of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What to publish.
    pub alert: Alert,
    /// What to hand to [`Store::mark_delivered`] then.
    pub receipt: Receipt,
    /// Since when it is to be told.
    pub since: DateTime<Utc>,
}

/// A week of the ISO calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    /// The year that the week belongs to.
    pub year: i32,
    /// From 1.
    pub week: u32,
}

/// Why the store did nothing. Trying again can help.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, or refuses.
    #[error("the store did not answer: {0}")]
    Down(String),
    /// It is well, and others were always faster. Nothing happened.
    #[error("the store is busy: others kept changing the same items")]
    Busy,
}

/// What remembers.
pub trait Store: Sync {
    /// Takes in a batch: judges each event with what is remembered, counts it if it was not
    /// counted before, and says for each finding what is to be done. What some events fail at
    /// keeps no other from being taken in.
    fn admit_each(
        &self,
        batch: Vec<Observation>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Admitted> + Send;

    /// The same where all or nothing is of use.
    fn admit(
        &self,
        batch: Vec<Observation>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Admission>, StoreError>> + Send {
        async move { self.admit_each(batch, allowlist, now).await.all() }
    }

    /// Records that alerts were delivered.
    fn mark_delivered(
        &self,
        receipts: &[Receipt],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives back what was not delivered, so that the next who comes may deliver it at once.
    /// Where this fails, that is possible in a minute.
    fn release(
        &self,
        receipts: &[Receipt],
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The alerts whose time has come, leased to the caller for a minute.
    fn sweep(
        &self,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Due>, StoreError>> + Send;

    /// What a week amounted to: a row for each day, role and subject.
    fn week(
        &self,
        week: IsoWeek,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// What a day (UTC) amounted to: hands over a row for each role and subject, one by one.
    fn each_row(
        &self,
        day: NaiveDate,
        now: DateTime<Utc>,
        take: impl FnMut(Row) + Send,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
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

    /// Its days, from Monday.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        let monday = NaiveDate::from_isoywd_opt(self.year, self.week, chrono::Weekday::Mon);
        (0..7).filter_map(move |day| monday?.checked_add_days(Days::new(day)))
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-W{:02}", self.year, self.week)
    }
}
