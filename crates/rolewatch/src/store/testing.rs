//! What every [`Table`] must do, as a test that its adapter runs; and that a snooze of the
//! [`Ledger`](super::Ledger) works on it.
//!
//! ```ignore
//! contract(&MyTable::new(), "any-text-that-no-earlier-run-on-this-table-used").await;
//! ```
//!
//! Decided here, beyond what [`Table`] says itself:
//! - An item that is deleted or expired is forgotten with its version: what is put in its place is
//!   a new item, of version 1. Who holds a version across that must compare the value too.
//! - [`Change::Put`] keeps nothing of the old item but the count of its versions.
//! - [`Change::Add`] leaves the version alone, so [`Expect::Version`] says nothing of counters: a
//!   [`Change::Put`] of counters that were read before can undo what was added since.
//! - A counter stops at [`u64::MAX`]; it never wraps.
//! - [`Commit::Conflict`] without a failed expectation comes only of somebody else's writing. Who
//!   is alone gets exact answers.
//! - `sort` is ordered by its bytes in UTF-8, as `str` is in Rust.
//! - Part of what must work is [`LONG_VALUE`], [`MOST_COUNTERS`], [`super::table::MOST_WRITES`], and any text as
//!   value or counter. Keys are not empty; a partition has at most 2,048 bytes, a sort 1,024.

mod model;
mod races;
mod reads;
mod snoozes;
mod telling;
mod turns;
mod writes;

use std::collections::BTreeMap;

use super::table::{Change, Commit, Expect, Item, Key, Sorts, Table, Write};

/// Bytes that a value may have. `DynamoDB` takes 400 kB an item, names and counters included, and
/// 4 MB a commit.
pub const LONG_VALUE: usize = 300_000;

/// The most counters in one [`Change::Add`]. `DynamoDB` takes 300 operators an expression.
pub const MOST_COUNTERS: usize = 250;

/// The present of all cases: 2100. An emulator, or `DynamoDB` itself, deletes what expired long
/// before the real present; nothing here ever does.
const NOW: i64 = 4_102_444_800;

/// Text that breaks what concatenates, truncates, trims, normalises or displays.
const HOSTILE: &[&str] = &[
    " ",
    "a\0b",
    "\u{202e}gnp.exe\u{2066}",
    "e\u{301} \u{e9} \u{feff}\u{fffd}\u{ffff}\u{10ffff}",
    "'\"\\`${jndi:x}{{7*7}}<script>",
    "#n :now, pk = :p) OR attribute_exists(pk",
    "c_a.b[0]%2e\r\n\t\u{1b}[31m",
];

/// Tests everything on one table, which may hold whatever else.
///
/// # Panics
/// Where the table does not do what it must. The message names the case.
pub async fn contract<T: Table>(table: &T, run: &str) {
    let case = |name: &str| Case {
        table,
        partition: format!("{run}/{name}"),
        now: NOW,
    };
    reads::nothing(&case("nothing")).await;
    writes::put(&case("put")).await;
    writes::keep(&case("keep")).await;
    writes::add(&case("add")).await;
    writes::delete(&case("delete")).await;
    writes::all_or_nothing(&case("all-or-nothing")).await;
    reads::many_keys(&case("many-keys")).await;
    writes::expiry(&case("expiry")).await;
    reads::list(&case("list")).await;
    reads::texts(&case("texts")).await;
    reads::numbers(&case("numbers")).await;
    races::one_wins(&case("one-wins")).await;
    races::nothing_is_lost(&case("nothing-is-lost")).await;
    turns::nobody_posts_at_the_same_time(&case("turns")).await;
    model::same_as_memory(&case("model")).await;
    telling::telling(&case("telling")).await;
    snoozes::from_finding_to_end(&case("snoozes")).await;
}

/// A partition of its own for one case, and the moment it plays at.
struct Case<'a, T> {
    table: &'a T,
    partition: String,
    now: i64,
}

impl<T: Table> Case<'_, T> {
    /// The same case, so many seconds later.
    fn later(&self, seconds: i64) -> Self {
        Self {
            table: self.table,
            partition: self.partition.clone(),
            now: self.now + seconds,
        }
    }

    fn key(&self, sort: &str) -> Key {
        Key::new(&self.partition, sort)
    }

    fn write(&self, sort: &str, expect: Expect, change: Change) -> Write {
        let key = self.key(sort);
        Write {
            key,
            expect,
            change,
        }
    }

    async fn commit(&self, writes: &[Write]) -> Commit {
        let answer = self.table.commit(writes, self.now).await;
        answer.unwrap_or_else(|error| panic!("{}: commit: {error}", self.partition))
    }

    async fn one(&self, sort: &str, expect: Expect, change: Change) -> Commit {
        self.commit(&[self.write(sort, expect, change)]).await
    }

    async fn read(&self, keys: &[Key]) -> Vec<Option<Item>> {
        let answer = self.table.read(keys, self.now).await;
        answer.unwrap_or_else(|error| panic!("{}: read: {error}", self.partition))
    }

    async fn get(&self, sort: &str) -> Option<Item> {
        let mut items = self.read(&[self.key(sort)]).await;
        assert_eq!(items.len(), 1, "{}", self.partition);
        items.remove(0)
    }

    async fn version(&self, sort: &str) -> Option<u64> {
        self.get(sort).await.map(|item| item.version)
    }

    async fn list(&self, sorts: Sorts<'_>, limit: usize) -> Vec<(Key, Item)> {
        let answer = self.table.list(&self.partition, sorts, limit, self.now);
        let answer = answer.await;
        answer.unwrap_or_else(|error| panic!("{}: list: {error}", self.partition))
    }

    async fn sorts(&self, sorts: Sorts<'_>, limit: usize) -> Vec<String> {
        let items = self.list(sorts, limit).await;
        items.into_iter().map(|(key, _)| key.sort).collect()
    }
}

fn value(text: impl Into<String>) -> Change {
    Change::Put {
        value: text.into(),
        counters: BTreeMap::new(),
        expires: None,
    }
}

fn lasting_until(expires: i64) -> Change {
    Change::Put {
        value: "mortal".into(),
        counters: counters(&[("a", 1)]),
        expires: Some(expires),
    }
}

fn counters(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let counts = counts.iter();
    counts
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

fn add_one(name: &str) -> Change {
    Change::Add(counters(&[(name, 1)]))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::store::MemoryTable;

    #[test]
    fn memory_keeps_the_contract() {
        // It never waits, so one look is enough.
        let table = MemoryTable::default();
        contract(&table, "run").now_or_never().unwrap();
    }
}
