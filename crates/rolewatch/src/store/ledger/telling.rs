//! What is told once, by whoever gets to it first: a week's report to Slack, and by mail.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Table;

/// For how long nobody else tells what somebody is telling: longer than a call of a function may take.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Whether something is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Telling {
    /// It is not told yet: tell it, then say so with [`Ledger::end_telling`].
    Due,
    /// It was told.
    Told,
    /// Somebody else is at it. If they fail, it is due again in a few minutes.
    Busy,
}

/// What is remembered of it: told, or being told until then.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum State {
    Told,
    Until(i64),
}

impl<T: Table> Ledger<T> {
    /// Takes it upon the caller to tell what has this name, for a few minutes.
    ///
    /// # Errors
    /// The store did not answer. Trying again is safe.
    pub async fn take_telling(
        &self,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<Telling, StoreError> {
        let (at, until) = (now.timestamp(), (now + LEASE).timestamp());
        self.transact(at, |draft| take(draft, name, at, until))
            .await
    }

    /// Records that it was told; or that it was not after all, and whoever comes next is to.
    ///
    /// # Errors
    /// The store did not answer: it may be told twice.
    pub async fn end_telling(
        &self,
        name: &str,
        told: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let at = now.timestamp();
        let state = if told { State::Told } else { State::Until(at) };
        let key = keys::telling(name);
        self.transact(at, |draft| {
            draft.want(key.clone());
            draft.get::<State>(&key)?;
            draft.put(&key, &state, Some(at + keys::ROLLUP_LIFE))
        })
        .await
    }
}

fn take(draft: &mut Draft, name: &str, now: i64, until: i64) -> Result<Telling, NotRead> {
    let key = keys::telling(name);
    match draft.get::<State>(&key)? {
        Some(State::Told) => Ok(Telling::Told),
        Some(State::Until(lease)) if lease > now => Ok(Telling::Busy),
        _ => {
            draft.put(&key, &State::Until(until), Some(now + keys::ROLLUP_LIFE))?;
            Ok(Telling::Due)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::store::{MemoryTable, Windows};

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        // The table in memory never waits.
        let mut future = pin!(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => unreachable!("the table in memory waits for nothing"),
        }
    }

    #[test]
    fn what_was_told_is_not_told_again_and_what_failed_is() {
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let take = |at| block_on(ledger.take_telling("2026-W47 slack", at)).unwrap();
        let end = |told| {
            block_on(ledger.end_telling("2026-W47 slack", told, now)).unwrap();
        };
        assert_eq!(take(now), Telling::Due);
        assert_eq!(take(now), Telling::Busy);
        assert_eq!(take(now + LEASE), Telling::Due); // whoever had it is gone
        end(false);
        assert_eq!(take(now), Telling::Due);
        end(true);
        assert_eq!(take(now + TimeDelta::days(30)), Telling::Told);
        let other = block_on(ledger.take_telling("2026-W48 slack", now)).unwrap();
        assert_eq!(other, Telling::Due);
    }
}
