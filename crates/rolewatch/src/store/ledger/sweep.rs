//! What has a time to come: gathered findings, the summaries of windows that close, and what is
//! not about an event.

use serde::Deserialize;

use super::event::{Delivery, Receipt};
use super::notice::{self, Leased};
use super::window::{Frozen, LEASE, Pending, Window, freeze};
use super::{Ledger, keys, snooze};
use crate::finding::stable_id;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::{Item, Key, Sorts, Table};
use crate::store::{Due, StoreError};

/// Alerts that one sweep takes on; the next one takes the rest.
const AT_ONCE: usize = 50;
/// Marks that one sweep looks at: more, so that some that cannot be told do not keep it from the
/// rest.
const LOOKED_AT: usize = 4 * AT_ONCE;

/// Until when somebody is, or was, telling what stands under a mark.
#[derive(Deserialize)]
struct Lease {
    /// None yet, where it was never tried.
    #[serde(default)]
    lease: i64,
}

/// Leases what is due: what was not tried yet before what was, and that before what was tried later.
/// So what is never taken comes after everything else that is looked at, though it is older.
pub(super) async fn sweep<T: Table>(ledger: &Ledger<T>, now: i64) -> Result<Vec<Due>, StoreError> {
    let until = keys::due_until(now);
    let marks = ledger
        .table
        .list(keys::DUE, Sorts::Until(&until), LOOKED_AT, now)
        .await?;
    let mut due = Vec::new();
    for key in by_turn(marks, now) {
        if due.len() == AT_ONCE {
            break;
        }
        due.extend(
            ledger
                .transact(now, |draft| lease(draft, &key, now))
                .await?,
        );
    }
    Ok(due)
}

/// The marks that nobody is telling, in the order in which they are to be.
fn by_turn(marks: Vec<(Key, Item)>, now: i64) -> Vec<Key> {
    let lease = |item: &Item| serde_json::from_str(&item.value).map_or(0, |it: Lease| it.lease);
    let marks = marks.into_iter().map(|(key, item)| (lease(&item), key));
    let mut free: Vec<(i64, Key)> = marks.filter(|(lease, _)| *lease <= now).collect();
    free.sort_by_key(|(lease, _)| *lease);
    free.into_iter().map(|(_, key)| key).collect()
}

/// Leases one mark, if nobody else has it and there is anything to tell.
fn lease(draft: &mut Draft, key: &Key, now: i64) -> Result<Option<Due>, NotRead> {
    let Some((at, quiet)) = key.sort.split_once('#') else {
        return Ok(None);
    };
    match notice::lease(draft, key, now)? {
        Leased::Other => {}
        Leased::Held => return Ok(None),
        Leased::Due(due) => return Ok(Some(*due)),
    }
    if draft.get::<Pending>(key)?.is_some() {
        take_out(draft, quiet, at)?;
    }
    let Some(mut frozen) = draft.get::<Frozen>(key)? else {
        draft.delete(key)?;
        return Ok(None);
    };
    if now < frozen.lease {
        return Ok(None);
    }
    if frozen.counted.count == 0 && !frozen.gathered {
        draft.delete(key)?;
        return Ok(None);
    }
    frozen.lease = now + LEASE;
    draft.put(key, &frozen, None)?;
    let alert = frozen.alert(stable_id(&["window", quiet, at]));
    snooze::told(draft, &alert, now)?;
    Ok(Some(Due {
        alert,
        receipt: Receipt(Delivery::Due(key.clone())),
        since: keys::due_since(key),
    }))
}

/// Takes the counts out of the window whose mark this is; the window goes on, and counts anew.
fn take_out(draft: &mut Draft, quiet: &str, at: &str) -> Result<(), NotRead> {
    let key = keys::window(quiet);
    let Some(mut window) = draft.get::<Window>(&key)? else {
        return Ok(());
    };
    if window.due.is_none_or(|due| at != format!("{due:012}")) {
        return Ok(());
    }
    freeze(draft, quiet, &window)?;
    window.taken_out = window.due.take().unwrap_or_default();
    window.counted = super::window::Counted::default();
    window.put(draft, &key)
}
