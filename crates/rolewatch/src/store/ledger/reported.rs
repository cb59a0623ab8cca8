//! Which reports were told, and where: a second run for a period makes its page anew and tells
//! nobody twice.

use chrono::{DateTime, Utc};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::table::Table;

/// Where a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldTo {
    /// Slack.
    Slack,
    /// The subscribers of the topic for reports.
    Mail,
}

impl ToldTo {
    fn key(self, report: &str) -> crate::store::table::Key {
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
        self.transact(now.timestamp(), |draft| draft.exists(&to.key(report)))
            .await
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
        let now = now.timestamp();
        self.transact(now, |draft| {
            draft.put(&to.key(report), &now, Some(now + keys::ROLLUP_LIFE))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use chrono::TimeDelta;

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
}
