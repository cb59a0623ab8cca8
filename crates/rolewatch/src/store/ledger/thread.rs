//! Threads in channels: the first message about findings alike, in whose thread those after it go,
//! and how many they were.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::table::Table;

/// For how long findings alike go into one thread, in seconds. A day later they are news again.
const LIFE: i64 = 86_400;

/// Where a message is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The channel's id.
    pub channel: String,
    /// The message's number in it.
    pub ts: String,
}

/// A message, and what goes into its thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Where it is.
    pub spot: Spot,
    /// As it was posted.
    pub message: Value,
    /// How many findings like it came since.
    pub more: u64,
    /// Until when others go into its thread, in seconds since 1970.
    until: i64,
}

impl<T: Table> Ledger<T> {
    /// The thread of findings alike in a lane, if there is one.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn thread(
        &self,
        lane: &str,
        quiet: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Thread>, StoreError> {
        let key = keys::thread(lane, quiet);
        self.transact(now.timestamp(), |draft| draft.get(&key))
            .await
    }

    /// Remembers a message that others go into the thread of.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn begin_thread(
        &self,
        lane: &str,
        quiet: &str,
        (spot, message): (&Spot, &Value),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let key = keys::thread(lane, quiet);
        let until = now.timestamp() + LIFE;
        let thread = Thread {
            spot: spot.clone(),
            message: message.clone(),
            more: 0,
            until,
        };
        self.transact(now.timestamp(), |draft| {
            draft.put(&key, &thread, Some(until))
        })
        .await
    }

    /// Counts what went into the thread on this message. Answers with the thread as it is then, if
    /// it still is the one.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn count_in_thread(
        &self,
        lane: &str,
        quiet: &str,
        (spot, more): (&Spot, u64),
        now: DateTime<Utc>,
    ) -> Result<Option<Thread>, StoreError> {
        let key = keys::thread(lane, quiet);
        self.transact(now.timestamp(), |draft| {
            let Some(mut thread) = draft.get::<Thread>(&key)?.filter(|it| it.spot == *spot) else {
                return Ok(None);
            };
            thread.more = thread.more.saturating_add(more);
            draft.put(&key, &thread, Some(thread.until))?;
            Ok(Some(thread))
        })
        .await
    }
}
