//! The protocol of remembering, on top of any table.
//!
//! A batch is drafted from what was read, and committed as a whole, on condition that nothing
//! it read has changed. What can be expected without reading (an assumption like one that was
//! expected earlier that day) is committed at once, in one round trip.

mod allowlist_versions;
mod canary;
mod drill;
mod event;
mod fast;
mod good_allowlist;
mod kept;
mod keys;
mod notice;
mod once;
mod posting;
mod recall;
mod reconciled;
mod reported;
mod rollup;
mod sighting;
mod snooze;
mod sweep;
mod thread;
mod watch;
mod window;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use self::allowlist_versions::AllowlistVersion;
pub use self::canary::CanaryCount;
pub use self::drill::DrillAlert;
pub use self::event::Receipt;
pub use self::good_allowlist::{Adoption, GoodAllowlist};
pub use self::posting::{Claim, FEW, PostingTurn, Slot, Standing, Wish};
pub use self::reconciled::{Open, Progress};
pub use self::reported::{Telling, ToldTo, Turn};
pub use self::rollup::{About, Counter, Row};
pub use self::snooze::{
    CannotSnooze, Covered, LONGEST_SNOOZE, Snooze, SnoozeRequest, can_be_snoozed,
};
pub use self::thread::{Spot, Thread};
use super::draft::{Draft, NotRead};
use super::table::{Commit, Table, TableError};
use super::{Admission, Admitted, Due, IsoWeek, Store, StoreError};
use crate::allowlist::Allowlist;
use crate::assumption::Observation;

/// Events that are drafted together. Each writes 25 items at the very most (five findings with a
/// window, a mark and a name each, and what is counted and learnt), and a commit holds a hundred.
const GROUP: usize = 4;
/// Events that are committed together without reading. Each writes three items at most.
const KNOWN_GROUP: usize = 25;
/// How often a draft is made again after a conflict. Adapters wait in between, see
/// [`Table::back_off`].
const TRIES: u32 = 16;
/// Reads of one draft: the keys that follow from the events, then those that follow from what
/// was read, and those from that.
const READS: usize = 12;

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// From a window's first alert until alike findings alert again.
    pub quiet: TimeDelta,
    /// How long findings of low severity gather into one alert.
    pub gather: TimeDelta,
}

impl Windows {
    /// Every finding is told at once.
    pub const NONE: Self = Self {
        quiet: TimeDelta::zero(),
        gather: TimeDelta::zero(),
    };
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            quiet: TimeDelta::hours(1),
            gather: TimeDelta::minutes(5),
        }
    }
}

/// A [`Store`] on a table.
#[derive(Debug)]
pub struct Ledger<T> {
    table: T,
    windows: Windows,
}

/// What a draft is made under.
#[derive(Clone, Copy, Debug)]
struct Terms<'a> {
    allowlist: &'a Allowlist,
    windows: Windows,
    /// Seconds since 1970.
    now: i64,
}

impl<T: Table> Ledger<T> {
    /// A ledger on this table.
    pub fn new(table: T, windows: Windows) -> Self {
        Self { table, windows }
    }

    /// The table, for whoever keeps something else in it.
    pub fn table(&self) -> &T {
        &self.table
    }

    async fn admit_group(
        &self,
        group: &[Observation],
        terms: Terms<'_>,
    ) -> Result<Vec<Admission>, StoreError> {
        if let Some(admissions) = self.admit_as_known(group, terms).await? {
            return Ok(admissions);
        }
        self.transact(terms.now, |draft| {
            for observation in group {
                event::want(draft, observation, terms);
            }
            all(group
                .iter()
                .map(|observation| event::admit(draft, observation, terms)))
        })
        .await
    }

    /// Commits what is known without reading; nothing where that does not hold.
    async fn admit_as_known(
        &self,
        group: &[Observation],
        terms: Terms<'_>,
    ) -> Result<Option<Vec<Admission>>, StoreError> {
        let Some((admissions, writes)) = fast::plan(group, terms) else {
            return Ok(None);
        };
        match self.table.commit(&writes, terms.now).await? {
            Commit::Done => Ok(Some(admissions)),
            Commit::Conflict => Ok(None),
        }
    }

    /// Drafts until nothing more has to be read, commits, and starts over on a conflict.
    async fn transact<R>(
        &self,
        now: i64,
        draft_all: impl Fn(&mut Draft) -> Result<R, NotRead>,
    ) -> Result<R, StoreError> {
        for conflicts in 0..TRIES {
            if conflicts > 0 {
                self.table.back_off(conflicts).await;
            }
            let mut draft = Draft::default();
            let result = self.draft(&mut draft, now, &draft_all).await?;
            let writes = draft.writes();
            if writes.is_empty() || self.table.commit(&writes, now).await? == Commit::Done {
                return Ok(result);
            }
        }
        Err(StoreError::Busy)
    }

    async fn draft<R>(
        &self,
        draft: &mut Draft,
        now: i64,
        draft_all: &impl Fn(&mut Draft) -> Result<R, NotRead>,
    ) -> Result<R, StoreError> {
        for _ in 0..READS {
            draft.restart();
            let result = draft_all(draft);
            let keys = draft.take_wanted();
            match result {
                Ok(result) if keys.is_empty() => return Ok(result),
                _ => {}
            }
            let items = self.table.read(&keys, now).await?;
            draft.learn(keys, items);
        }
        Err(StoreError::Down(
            "a draft kept asking for more items".into(),
        ))
    }
}

impl Admitted {
    /// What became of some more events of the batch. Of several reasons to fail the graver one
    /// is kept.
    fn add(&mut self, group: &[Observation], result: Result<Vec<Admission>, StoreError>) {
        match result {
            Ok(admissions) => self.events.extend(admissions.into_iter().map(Some)),
            Err(error) => {
                self.events.extend(group.iter().map(|_| None));
                if !matches!(self.failed, Some(StoreError::Down(_))) {
                    self.failed = Some(error);
                }
            }
        }
    }
}

/// All results, or [`NotRead`] after every one of them was tried: so that one read fetches what
/// any of them lacks.
fn all<R>(results: impl Iterator<Item = Result<R, NotRead>>) -> Result<Vec<R>, NotRead> {
    let tried: Vec<Result<R, NotRead>> = results.collect();
    tried.into_iter().collect()
}

impl<T: Table> Store for Ledger<T> {
    async fn admit_each(
        &self,
        batch: Vec<Observation>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Admitted {
        let terms = Terms {
            allowlist,
            windows: self.windows,
            now: now.timestamp(),
        };
        let mut admitted = Admitted::default();
        for together in batch.chunks(KNOWN_GROUP) {
            // A small one is tried as known where it is drafted.
            if together.len() > GROUP
                && let Some(known) = self.admit_as_known(together, terms).await.transpose()
            {
                admitted.add(together, known);
                continue;
            }
            for group in together.chunks(GROUP) {
                // A store that is down is not asked again and again.
                let result = match admitted.failed {
                    Some(StoreError::Down(ref why)) => Err(StoreError::Down(why.clone())),
                    _ => self.admit_group(group, terms).await,
                };
                admitted.add(group, result);
            }
        }
        admitted
    }

    async fn mark_delivered(
        &self,
        receipts: &[Receipt],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let now = now.timestamp();
        for group in receipts.chunks(GROUP) {
            self.transact(now, |draft| {
                for receipt in group {
                    event::want_delivery(draft, receipt);
                }
                all(group
                    .iter()
                    .map(|receipt| event::mark_delivered(draft, receipt, now)))
            })
            .await?;
        }
        Ok(())
    }

    async fn release(&self, receipts: &[Receipt], now: DateTime<Utc>) -> Result<(), StoreError> {
        for group in receipts.chunks(GROUP) {
            self.transact(now.timestamp(), |draft| {
                all(group.iter().map(|receipt| event::release(draft, receipt)))
            })
            .await?;
        }
        Ok(())
    }

    async fn sweep(&self, now: DateTime<Utc>) -> Result<Vec<Due>, StoreError> {
        sweep::sweep(self, now.timestamp()).await
    }

    async fn week(&self, week: IsoWeek, now: DateTime<Utc>) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for day in week.days() {
            self.each_row(day, now, |row| rows.push(row)).await?;
        }
        Ok(rows)
    }

    async fn each_row(
        &self,
        day: NaiveDate,
        now: DateTime<Utc>,
        mut take: impl FnMut(Row) + Send,
    ) -> Result<(), StoreError> {
        rollup::each_row(&self.table, day, now.timestamp(), &mut take).await
    }
}

impl From<TableError> for StoreError {
    fn from(error: TableError) -> Self {
        Self::Down(error.0)
    }
}
