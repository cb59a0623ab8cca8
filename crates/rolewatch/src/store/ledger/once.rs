//! What must not happen twice: an alert handed on to other places than Slack, a request taken.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::table::Table;

impl<T: Table> Ledger<T> {
    /// Whether an alert was handed on to that place.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn is_handed_on(
        &self,
        alert: &str,
        to: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let key = keys::handed_on(alert, to);
        self.transact(now.timestamp(), |draft| draft.exists(&key))
            .await
    }

    /// Records that it was. What dies in between hands it on again.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn mark_handed_on(
        &self,
        alert: &str,
        to: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (key, now) = (keys::handed_on(alert, to), now.timestamp());
        let until = Some(now + keys::HANDED_ON_LIFE);
        self.transact(now, |draft| draft.put(&key, &now, until))
            .await
    }

    /// Whether something happens for the first time in `life`; then it is remembered. Of several that
    /// ask at the same time one is the first.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn is_first(
        &self,
        what: &str,
        life: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (key, now) = (keys::pressed(what), now.timestamp());
        self.transact(now, |draft| {
            let first = !draft.exists(&key)?;
            if first {
                draft.put(&key, &now, Some(now + life.num_seconds()))?;
            }
            Ok(first)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::store::{MemoryTable, Windows};

    fn ledger() -> Ledger<MemoryTable> {
        Ledger::new(MemoryTable::default(), Windows::default())
    }

    #[test]
    fn the_first_time_is_once_in_a_while() {
        let ledger = ledger();
        let begin = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let is_first = |what, now| {
            let answer = ledger.is_first(what, TimeDelta::minutes(10), now);
            answer.now_or_never().unwrap().unwrap()
        };
        for (minutes, first) in [(0, true), (0, false), (9, false), (10, true), (11, false)] {
            let now = begin + TimeDelta::minutes(minutes);
            assert_eq!(is_first("a", now), first, "{minutes}");
        }
        assert!(is_first("b", begin));
    }

    #[test]
    fn an_alert_is_handed_on_once_to_each_place() {
        let ledger = ledger();
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let is_handed_on = |alert, to| {
            let answer = ledger.is_handed_on(alert, to, now);
            answer.now_or_never().unwrap().unwrap()
        };
        assert!(!is_handed_on("a", "chat"));
        let marked = ledger.mark_handed_on("a", "chat", now);
        marked.now_or_never().unwrap().unwrap();
        assert!(is_handed_on("a", "chat"));
        assert!(!is_handed_on("a", "bus") && !is_handed_on("b", "chat"));
    }
}
