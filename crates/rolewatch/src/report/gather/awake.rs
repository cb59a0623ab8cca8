//! What a store knows of the watcher itself.

use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::report::model::{Awake, Canaries, Change, Version};
use crate::report::period::Period;
use crate::store::table::Table;
use crate::store::{AllowlistVersion, Ledger, StoreError};

/// The canaries, what was missed, and the versions of the allowlist. Regions and lag are taken from the rows;
/// what is not in a store stays unknown.
///
/// # Errors
/// The store did not answer.
pub async fn awake<T: Table>(
    store: &Ledger<T>,
    period: Period,
    now: DateTime<Utc>,
) -> Result<Awake, StoreError> {
    let before = period.before();
    let canaries = store.canaries(period.first, period.last, now).await?;
    let canaries_before = store.canaries(before.first, before.last, now).await?;
    let from = period.first.and_time(NaiveTime::MIN).and_utc();
    let to = period.last.and_time(NaiveTime::MIN).and_utc() + Days::new(1);
    let versions = store.allowlist_versions(from, to, now).await?;
    let missed = store.missed(period.first, period.last, now).await?;
    let missed_before = store.missed(before.first, before.last, now).await?;
    Ok(Awake {
        reconciled: missed.map(|now| Change {
            now,
            before: missed_before,
        }),
        canaries: Canaries::of(canaries, canaries_before),
        // A service without an allowlist, or of before they were remembered.
        allowlist_versions: (!versions.is_empty())
            .then(|| versions.into_iter().map(version).collect()),
        ..Awake::default()
    })
}

fn version(of: AllowlistVersion) -> Version {
    Version {
        version: of.version,
        since: DateTime::from_timestamp(of.since, 0).unwrap_or_default(),
        author: of.author,
    }
}
