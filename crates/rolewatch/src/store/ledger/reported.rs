//! What was told where, and must not be told there again: reports, and alerts that are handed on
//! to other places than Slack.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::table::{Key, Table};

/// Where a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldTo {
    /// Slack.
    Slack,
    /// The subscribers of the topic for reports.
    Mail,
}

impl ToldTo {
    fn key(self, report: &str) -> Key {
        let to = match self {
            Self::Slack => "slack",
            Self::Mail => "mail",
        };
        keys::told(&format!("report {report} {to}"))
    }
}

impl<T: Table> Ledger<T> {
    /// Whether the report of this name was told there.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn report_is_told(
        &self,
        report: &str,
        to: ToldTo,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.is_told(&to.key(report), now).await
    }

    /// Records that it was. What dies between telling and this tells again.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn mark_report_told(
        &self,
        report: &str,
        to: ToldTo,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let key = to.key(report);
        self.mark_told(&key, keys::ROLLUP_LIFE, now).await
    }

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
        self.is_told(&handed_on(alert, to), now).await
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
        let key = handed_on(alert, to);
        self.mark_told(&key, keys::HANDED_ON_LIFE, now).await
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
        let (key, now) = (keys::told(what), now.timestamp());
        self.transact(now, |draft| {
            let first = !draft.exists(&key)?;
            if first {
                draft.put(&key, &now, Some(now + life.num_seconds()))?;
            }
            Ok(first)
        })
        .await
    }

    async fn is_told(&self, key: &Key, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.transact(now.timestamp(), |draft| draft.exists(key))
            .await
    }

    async fn mark_told(&self, key: &Key, life: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let now = now.timestamp();
        self.transact(now, |draft| draft.put(key, &now, Some(now + life)))
            .await
    }
}

fn handed_on(alert: &str, to: &str) -> Key {
    keys::told(&format!("alert {alert} {to}"))
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::store::{MemoryTable, Windows};

    /// A table in memory never waits.
    fn done<R>(future: impl Future<Output = R>) -> R {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn a_report_is_told_once_in_each_place() {
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let is_told = |report, to, now| done(ledger.report_is_told(report, to, now)).unwrap();
        assert!(!is_told("2026-W47", ToldTo::Slack, now));
        for _ in 0..2 {
            done(ledger.mark_report_told("2026-W47", ToldTo::Slack, now)).unwrap();
        }
        assert!(is_told(
            "2026-W47",
            ToldTo::Slack,
            now + TimeDelta::days(400)
        ));
        assert!(!is_told("2026-W47", ToldTo::Mail, now));
        assert!(!is_told("2026-W48", ToldTo::Slack, now));
    }

    #[test]
    fn the_first_time_is_once_in_a_while() {
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let begin = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let life = TimeDelta::minutes(10);
        for (minutes, first) in [(0, true), (0, false), (9, false), (10, true), (11, false)] {
            let now = begin + TimeDelta::minutes(minutes);
            let answer = done(ledger.is_first("a", life, now)).unwrap();
            assert_eq!(answer, first, "{minutes}");
        }
        assert!(done(ledger.is_first("b", life, begin)).unwrap());
    }

    #[test]
    fn an_alert_is_handed_on_once_to_each_place() {
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let is_handed_on = |alert, to| done(ledger.is_handed_on(alert, to, now)).unwrap();
        assert!(!is_handed_on("a", "chat"));
        done(ledger.mark_handed_on("a", "chat", now)).unwrap();
        assert!(is_handed_on("a", "chat"));
        assert!(!is_handed_on("a", "bus") && !is_handed_on("b", "chat"));
    }
}
