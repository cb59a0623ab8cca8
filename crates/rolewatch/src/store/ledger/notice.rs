//! Alerts that are not about an event: each is kept once, with a mark among what is due, and the
//! next sweep tells it under a lease, as it does a window's summary.

use serde::{Deserialize, Serialize};

use super::event::{Delivery, Receipt};
use super::kept::Kept;
use super::window::LEASE;
use super::{Ledger, keys};
use crate::alert::Alert;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Key, Table};
use crate::store::{Due, StoreError};

/// An alert on its way to being told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Notice {
    /// Until when somebody is telling it.
    lease: i64,
    notice: Kept,
}

impl<T: Table> Ledger<T> {
    /// Keeps an alert that is about no event, for the next sweep to tell. Returns whether it is
    /// new: one with the same id is kept only once in 100 days.
    ///
    /// # Errors
    /// The store did not answer. Keeping it again is safe.
    pub async fn announce(
        &self,
        alert: &Alert,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<bool, StoreError> {
        let now = now.timestamp();
        self.transact(now, |draft| keep(draft, alert, now)).await
    }
}

/// Stages an alert, unless it was told or kept before.
pub(super) fn keep(draft: &mut Draft, alert: &Alert, now: i64) -> Result<bool, NotRead> {
    let (told, due) = (keys::told(&alert.id), keys::due(now, &alert.id));
    draft.want(due.clone());
    if draft.exists(&told)? {
        return Ok(false);
    }
    draft.put(&told, &now, Some(now + keys::EVENT_LIFE))?;
    let notice = Notice {
        lease: 0,
        notice: Kept::from(alert),
    };
    draft.put(&due, &notice, None)?;
    Ok(true)
}

/// What stands under a mark.
pub(super) enum Leased {
    /// Something else.
    Other,
    /// An alert that somebody else is telling.
    Held,
    /// An alert that is the caller's to tell.
    Due(Box<Due>),
}

/// Leases what stands under a mark, if it is an alert that was kept here.
pub(super) fn lease(draft: &mut Draft, key: &Key, now: i64) -> Result<Leased, NotRead> {
    let Some(mut notice) = draft.get::<Notice>(key)? else {
        return Ok(Leased::Other);
    };
    if now < notice.lease {
        return Ok(Leased::Held);
    }
    notice.lease = now + LEASE;
    draft.put(key, &notice, None)?;
    Ok(Leased::Due(Box::new(Due {
        alert: notice.notice.alert(),
        receipt: Receipt(Delivery::Due(key.clone())),
        since: keys::due_since(key),
    })))
}
