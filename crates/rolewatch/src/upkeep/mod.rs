//! What the service is told about itself: canaries, and what somebody does to it. Items like these come by the same
//! rule and queue as assumptions, and never hide one: what is not exactly one of them is judged as ever.

mod canary;
mod deed;
mod drill;
mod news;
mod watched;

use chrono::{DateTime, Utc};
use serde::Deserialize;

pub use self::canary::{CANARY_DETAIL_TYPE, CANARY_SOURCE, Canary};
pub use self::deed::Deed;
pub use self::drill::{ArrivedDrill, DRILL_DETAIL_TYPE, DRILL_SOURCE, Drill};
use crate::alert::Alert;
use crate::pipeline::Item;
use crate::store::table::Table;
use crate::store::{Ledger, StoreError};

/// What belongs to this installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// What the names of its resources begin with, such as `rolewatch-`.
    pub names: Vec<String>,
    /// The ARNs of the roles that deploy it.
    pub deployers: Vec<String>,
    /// The parameter that holds the allowlist, where it is in one.
    pub allowlist: Option<String>,
}

/// What an item about the service itself was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// A canary arrived; whether it is the first of its region and hour.
    Canary(Canary, bool),
    /// Somebody did something to the service; whether that is news.
    Deed(Box<Deed>, bool),
    /// Something of the same kind was done to somebody else's.
    Unrelated,
}

/// Why an item about the service itself was not taken in: it has to come again.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotTakenIn {
    /// What the store said.
    pub error: StoreError,
    /// What would have been kept to be told.
    pub alert: Option<Box<Alert>>,
}

impl From<StoreError> for NotTakenIn {
    fn from(error: StoreError) -> Self {
        Self { error, alert: None }
    }
}

#[derive(Deserialize)]
struct Envelope {
    source: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
}

/// What an item is, if it is about the service itself.
enum Word {
    Canary(Canary),
    Deed(Box<Deed>),
}

/// Takes in an item about the service itself; nothing where it is not one. What is to be told of it is kept in
/// the store, for the next sweep.
///
/// # Errors
/// The store did not answer. What somebody does to the store itself is among what it then cannot keep, so the alert comes
/// with the error.
pub async fn attend<T: Table>(
    item: &Item,
    own: &Own,
    ledger: &Ledger<T>,
    now: DateTime<Utc>,
) -> Result<Option<Upkeep>, NotTakenIn> {
    match word(&item.body, now) {
        None => Ok(None),
        Some(Word::Canary(canary)) => {
            let new = ledger.hear(&canary, now).await?;
            Ok(Some(Upkeep::Canary(canary, new)))
        }
        Some(Word::Deed(deed)) => take_in(deed, own, ledger, now).await.map(Some),
    }
}

async fn take_in<T: Table>(
    deed: Box<Deed>,
    own: &Own,
    ledger: &Ledger<T>,
    now: DateTime<Utc>,
) -> Result<Upkeep, NotTakenIn> {
    let known = match deed.enabled_region() {
        Some(region) => ledger.is_heard(region, now).await,
        None => Ok(false),
    };
    let Some(alert) = news::alert(&deed, own, *known.as_ref().unwrap_or(&false)) else {
        return Ok(Upkeep::Unrelated);
    };
    let announced = match known {
        Ok(_) => ledger.announce(&alert, now).await,
        Err(error) => Err(error),
    };
    match announced {
        Ok(new) => Ok(Upkeep::Deed(deed, new)),
        Err(error) => Err(NotTakenIn {
            error,
            alert: Some(Box::new(alert)),
        }),
    }
}

fn word(body: &[u8], now: DateTime<Utc>) -> Option<Word> {
    let Envelope {
        source,
        detail_type,
    } = serde_json::from_slice(body).ok()?;
    if source == CANARY_SOURCE && detail_type == CANARY_DETAIL_TYPE {
        return Canary::read(body, now).map(Word::Canary);
    }
    if detail_type != watched::DETAIL_TYPE || !watched::is_source(&source) {
        return None;
    }
    Deed::read(body).map(|deed| Word::Deed(Box::new(deed)))
}

#[cfg(test)]
mod tests;
