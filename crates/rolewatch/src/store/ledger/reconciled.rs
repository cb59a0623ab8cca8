//! What reconciliation with CloudTrail's own history has come to.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::assumption::Observation;
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};

/// Items that are read at once.
const AT_ONCE: usize = 90;
const MISSED: &str = "missed";
const RUNS: &str = "runs";

/// How far reconciliation has come in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Nothing before this is looked for: there was no rolewatch.
    pub since: DateTime<Utc>,
    /// Everything before this is looked through.
    pub done_until: DateTime<Utc>,
    /// The span that is being looked through, where one is begun.
    pub open: Option<Open>,
}

/// A span that is being looked through, from its end back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its end.
    pub until: DateTime<Utc>,
    /// What is left is not after this.
    pub left: DateTime<Utc>,
}

impl<T: Table> Ledger<T> {
    /// How far reconciliation has come in a region; nothing before its first run.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn reconciliation(
        &self,
        region: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Progress>, StoreError> {
        let key = keys::reconciliation(region);
        let items = self.table.read(&[key], now.timestamp()).await?;
        let item = items.into_iter().next().flatten();
        Ok(item.and_then(|item| serde_json::from_str(&item.value).ok()))
    }

    /// Keeps how far it has come. A span that is done counts as a run of its day.
    ///
    /// # Errors
    /// The store did not answer. Keeping it again is safe.
    pub async fn keep_reconciliation(
        &self,
        region: &str,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let seconds = now.timestamp();
        self.transact(seconds, |draft| {
            draft.put(&keys::reconciliation(region), progress, None)?;
            if progress.open.is_none() {
                count(draft, progress.done_until.date_naive(), RUNS, seconds)?;
            }
            Ok(())
        })
        .await
    }

    /// Those of some events that were never taken in.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn unseen(
        &self,
        events: Vec<Observation>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Observation>, StoreError> {
        let mut unseen = Vec::new();
        for some in events.chunks(AT_ONCE) {
            let keys: Vec<Key> = some.iter().map(keys::event).collect();
            let items = self.table.read(&keys, now.timestamp()).await?;
            let missing = some.iter().zip(items).filter(|(_, item)| item.is_none());
            unseen.extend(missing.map(|(event, _)| event.clone()));
        }
        Ok(unseen)
    }

    /// Counts an event that was missed, once. Says whether it was counted now.
    ///
    /// # Errors
    /// The store did not answer. Counting again is safe.
    pub async fn count_missed(
        &self,
        event: &Observation,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let day = event.time().unwrap_or(now).date_naive();
        let seconds = now.timestamp();
        self.transact(seconds, |draft| {
            let mark = keys::missed(event);
            if draft.exists(&mark)? {
                return Ok(false);
            }
            draft.put(&mark, &(), Some(seconds + keys::EVENT_LIFE))?;
            count(draft, day, MISSED, seconds)?;
            Ok(true)
        })
        .await
    }

    /// How many events were missed from a day to another, both included; none where nothing was
    /// reconciled in that time.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn missed(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<u64>, StoreError> {
        let days = std::iter::successors(Some(first), |day| day.checked_add_days(Days::new(1)));
        let keys: Vec<Key> = days
            .take_while(|day| *day <= last)
            .map(keys::reconciled)
            .collect();
        let mut missed = None;
        for some in keys.chunks(AT_ONCE) {
            let items = self.table.read(some, now.timestamp()).await?;
            for item in items.into_iter().flatten() {
                let count = item.counters.get(MISSED).copied().unwrap_or_default();
                *missed.get_or_insert(0) += count;
            }
        }
        Ok(missed)
    }
}

fn count(draft: &mut Draft, day: NaiveDate, what: &str, now: i64) -> Result<(), NotRead> {
    let key = keys::reconciled(day);
    if !draft.exists(&key)? {
        draft.put(&key, &(), Some(now + keys::ROLLUP_LIFE))?;
    }
    draft.add(&key, [(what.to_owned(), 1)]);
    Ok(())
}
