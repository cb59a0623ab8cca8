//! The hop that nobody else watches: from CloudTrail to EventBridge, which is best effort. What
//! CloudTrail's own history knows of the roles that let GitHub in is held against what arrived; an
//! event that did not is put where it should have been, and takes the same way as all others.
//!
//! A refused call names no role as its resource, so CloudTrail does not find it by its role:
//! refused calls are not reconciled.

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
    /// One page of the events of a resource between two moments, both included, the newest first.
    fn page(
        &self,
        region: &str,
        resource: &str,
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
    fn put(&self, event: String) -> impl Future<Output = Result<(), String>> + Send;
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
    Inbox(String),
}

/// The names by which CloudTrail may have roles: their ARNs, and what is last in them.
#[must_use]
pub fn resources(roles: &[String]) -> Vec<String> {
    let names = roles.iter().filter_map(|role| role.rsplit('/').next());
    let mut all: Vec<String> = names.map(str::to_owned).collect();
    all.extend_from_slice(roles);
    all.sort();
    all.dedup();
    all
}

impl<T: Table, H: History, Q: Inbox> Reconciler<T, H, Q> {
    /// Goes on where the last run ended, region by region. A region that fails keeps no other from
    /// being looked through. `tired` says when there is no time for another page: the next run
    /// goes on from there.
    pub async fn run(
        &self,
        regions: &[String],
        roles: &[String],
        now: DateTime<Utc>,
        tired: impl Fn() -> bool + Sync,
    ) -> Summary {
        let mut run = Run::new(self, resources(roles), now, &tired);
        for region in regions {
            if let Err(trouble) = self.region(region, &mut run).await {
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

    async fn region(&self, region: &str, run: &mut Run<'_, T, H, Q>) -> Result<(), Trouble> {
        let Some(mut progress) = self.store.reconciliation(region, run.now).await? else {
            // What happened before anybody watched was not missed.
            let first = Progress {
                since: run.now - MARGIN,
                done_until: run.now - MARGIN,
                open: None,
            };
            let kept = self.store.keep_reconciliation(region, &first, run.now);
            return Ok(kept.await?);
        };
        let looked = run.look_through(region, &mut progress).await;
        // However far it came.
        let kept = self.store.keep_reconciliation(region, &progress, run.now);
        kept.await?;
        looked
    }
}
