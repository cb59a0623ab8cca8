//! Which reports were told, and where: a second run for a period makes its page anew and tells
//! nobody twice, not even where two run at the very same moment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::window::LEASE;
use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};

/// Where a report is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldTo {
    /// Slack.
    Slack,
    /// The subscribers of the topic for reports.
    Mail,
}

/// Whether a report is to be told.
#[derive(Debug, PartialEq, Eq)]
pub enum Telling {
    /// It is the caller's to tell, and to end with [`Ledger::end_telling`]: within a minute, after
    /// which another may take it on.
    Due(Turn),
    /// It was told.
    Told,
    /// Somebody else is telling it. If that fails, whoever comes a minute later tells it.
    Busy,
}

/// The right to tell one report in one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn {
    key: Key,
    lease: i64,
}

/// What is remembered: when it was told, or until when somebody is telling it. Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum State {
    Told(i64),
    Leased { lease: i64 },
}

impl ToldTo {
    fn key(self, report: &str) -> Key {
        let to = match self {
            Self::Slack => "slack",
            Self::Mail => "mail",
        };
        keys::reported(report, to)
    }
}

impl<T: Table> Ledger<T> {
    /// Takes it upon the caller to tell the report of this name, unless that was done (with
    /// `again`: even so) or somebody else is at it.
    ///
    /// # Errors
    /// The store did not answer. If it took the turn all the same, the next one is in a minute.
    pub async fn take_telling(
        &self,
        report: &str,
        to: ToldTo,
        again: bool,
        now: DateTime<Utc>,
    ) -> Result<Telling, StoreError> {
        let (key, now) = (to.key(report), now.timestamp());
        self.transact(now, |draft| take(draft, &key, again, now))
            .await
    }

    /// Ends a turn: it was told, or it was not, and is due for whoever comes next. What dies
    /// between telling and this tells again.
    ///
    /// # Errors
    /// The store did not answer: it may be told twice.
    pub async fn end_telling(
        &self,
        turn: &Turn,
        told: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let now = now.timestamp();
        self.transact(now, |draft| end(draft, turn, told, now))
            .await
    }
}

fn take(draft: &mut Draft, key: &Key, again: bool, now: i64) -> Result<Telling, NotRead> {
    match draft.get::<State>(key)? {
        Some(State::Told(_)) if !again => return Ok(Telling::Told),
        Some(State::Leased { lease }) if now < lease => return Ok(Telling::Busy),
        _ => {}
    }
    let lease = now + LEASE;
    put(draft, key, State::Leased { lease }, now)?;
    let key = key.clone();
    Ok(Telling::Due(Turn { key, lease }))
}

fn end(draft: &mut Draft, turn: &Turn, told: bool, now: i64) -> Result<(), NotRead> {
    let own = State::Leased { lease: turn.lease };
    if told {
        put(draft, &turn.key, State::Told(now), now)
    } else if draft.get::<State>(&turn.key)? == Some(own) {
        // Not deleted: report has no permission to.
        put(draft, &turn.key, State::Leased { lease: now }, now)
    } else {
        Ok(()) // too late: somebody else took it on
    }
}

fn put(draft: &mut Draft, key: &Key, state: State, now: i64) -> Result<(), NotRead> {
    draft.put(key, &state, Some(now + keys::ROLLUP_LIFE))
}
