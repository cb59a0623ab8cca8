//! The hop that nobody else watches: from CloudTrail to EventBridge, which is best effort. What
//! CloudTrail's own history knows is held against what arrived; an event that did not is put where
//! it should have been, and takes the same way as all others.
//!
//! The history takes one thing to ask by, and is asked by the call's name: once a region, however
//! many roles there are, and refused calls, which name no role as their resource, are found too.

mod event;
mod run;
mod span;

use std::future::Future;

use chrono::{DateTime, TimeDelta, Utc};

use self::run::Run;
use crate::store::table::Table;
use crate::store::{Ledger, Progress, StoreError};

/// CloudTrail's history is some minutes late, and so may EventBridge be: what is younger is not
/// looked for yet.
pub const MARGIN: TimeDelta = TimeDelta::minutes(30);
/// What is already looked through is looked through again for so long: the history may have had
/// gaps that it filled later.
pub const OVERLAP: TimeDelta = TimeDelta::hours(2);

/// CloudTrail's own history of one region.
pub trait History: Sync {
    /// One page of the calls of AssumeRoleWithWebIdentity between two moments, both included, the
    /// newest first.
    fn page(
        &self,
        region: &str,
        between: (DateTime<Utc>, DateTime<Utc>),
        token: Option<String>,
    ) -> impl Future<Output = Result<Page, HistoryError>> + Send;
}

/// A page of records, each as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<String>,
    /// What to ask for the next page with.
    pub next: Option<String>,
}

/// Why the history did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("CloudTrail's history of {region}: {reason}")]
pub struct HistoryError {
    /// The region.
    pub region: String,
    /// What the service said, without anything that was sent.
    pub reason: String,
}

/// Where events should have arrived.
pub trait Inbox: Sync {
    /// Puts an event there, as EventBridge would have.
    fn put(&self, event: String) -> impl Future<Output = Result<(), NotPut>> + Send;
}

/// Why an event was not put there. Says nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPut {
    /// Another try can help.
    #[error("{0}")]
    Now(String),
    /// This one will never be taken.
    #[error("{0}")]
    Ever(String),
}

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events that were looked for.
    pub checked: u64,
    /// Those of them that had not arrived, counted now.
    pub missed: u64,
    /// What could not be done, by region.
    pub problems: Vec<String>,
}

/// Holds the history against what arrived.
#[derive(Debug)]
pub struct Reconciler<T, H, Q> {
    /// What arrived.
    pub store: Ledger<T>,
    /// What happened.
    pub history: H,
    /// Where it should have arrived.
    pub inbox: Q,
}

/// Why a region is not done.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    History(#[from] HistoryError),
    #[error("an event that was missed could not be put into the queue: {0}")]
    Inbox(#[from] NotPut),
}

impl<T: Table, H: History, Q: Inbox> Reconciler<T, H, Q> {
    /// Goes on where the last run ended, the region first that is furthest behind. One that fails
    /// keeps no other from being looked through. `tired` says when there is no time for another
    /// page: the next run goes on from there.
    pub async fn run(
        &self,
        regions: &[String],
        now: DateTime<Utc>,
        tired: impl Fn() -> bool + Sync,
    ) -> Summary {
        let mut run = Run::new(self, now, &tired);
        let mut left = Vec::with_capacity(regions.len());
        for region in regions {
            match self.store.reconciliation(region, now).await {
                Ok(progress) => left.push((region, progress)),
                Err(error) => run.summary.problems.push(format!("{region}: {error}")),
            }
        }
        left.sort_by_key(|(_, progress)| progress.as_ref().map(|it| it.done_until));
        for (region, progress) in left {
            if let Err(trouble) = self.region(region, progress, &mut run).await {
                run.summary.problems.push(format!("{region}: {trouble}"));
            }
        }
        run.summary
    }

    /// How far behind the present the region is that is furthest behind; nothing where one was
    /// never looked at.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn behind(
        &self,
        regions: &[String],
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        let mut behind = TimeDelta::zero();
        for region in regions {
            match self.store.reconciliation(region, now).await? {
                Some(progress) => behind = behind.max(now - progress.done_until),
                None => return Ok(None),
            }
        }
        Ok(Some(behind))
    }

    async fn region(
        &self,
        region: &str,
        progress: Option<Progress>,
        run: &mut Run<'_, T, H, Q>,
    ) -> Result<(), Trouble> {
        let Some(mut progress) = progress else {
            // What happened before anybody watched was not missed.
            let first = Progress {
                since: run.now - MARGIN,
                done_until: run.now - MARGIN,
                open: None,
            };
            let kept = self.store.keep_reconciliation(region, &first, run.now);
            return Ok(kept.await?);
        };
        let is_left_over = progress.open.is_some();
        run.look_through(region, &mut progress).await?;
        if is_left_over && progress.open.is_none() {
            run.look_through(region, &mut progress).await?;
        }
        Ok(())
    }
}
