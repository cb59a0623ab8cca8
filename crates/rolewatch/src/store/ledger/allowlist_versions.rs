//! Which versions of the allowlist were in force, and since when: for the report.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Ledger, keys};
use crate::store::StoreError;
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Table;

/// Versions that are remembered, the last ones: a new one each day for a year.
const MOST_VERSIONS: usize = 366;

/// A version that was recorded as the last good one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowlistVersion {
    /// As its source names it.
    pub version: String,
    /// When it was recorded, in seconds since 1970: within a minute of being in force.
    pub since: i64,
    /// Who wrote it, where the source knows.
    pub author: Option<String>,
}

impl<T: Table> Ledger<T> {
    /// The versions that were in force at any time between these two, the first one first.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn allowlist_versions(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<AllowlistVersion>, StoreError> {
        let read = |draft: &mut Draft| draft.get(&keys::allowlist_versions());
        let all: Option<Vec<AllowlistVersion>> = self.transact(now.timestamp(), read).await?;
        let mut versions = all.unwrap_or_default();
        versions.retain(|it| it.since < to.timestamp());
        // Of those from before only the last one was still in force.
        let before = versions.partition_point(|it| it.since <= from.timestamp());
        Ok(versions.split_off(before.saturating_sub(1)))
    }
}

/// Stages a version as the one in force.
pub(super) fn remember(
    draft: &mut Draft,
    version: &str,
    author: Option<&str>,
    now: i64,
) -> Result<(), NotRead> {
    let key = keys::allowlist_versions();
    let mut all: Vec<AllowlistVersion> = draft.get(&key)?.unwrap_or_default();
    // A clock that was set back, or another function's, puts nothing out of order.
    let since = all.last().map_or(now, |last| now.max(last.since));
    all.push(AllowlistVersion {
        version: version.to_owned(),
        since,
        author: author.map(str::to_owned),
    });
    all.drain(..all.len().saturating_sub(MOST_VERSIONS));
    draft.put(&key, &all, None)
}
