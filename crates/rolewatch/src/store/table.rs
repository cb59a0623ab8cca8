//! What an adapter provides: items under keys, read together and committed together.
//!
//! The protocol of [`super::Ledger`] is written once, on top of this. An adapter has no opinion
//! on what the items mean; it must be exact on three things only: a commit happens as a whole or
//! not at all, an expectation is checked in the same instant, and an item past its expiry does
//! not exist, whether it was deleted yet or not.

use std::collections::BTreeMap;
use std::future::Future;

/// The name of an item. Short: names that others choose are hashed into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Items of one partition can be listed, in the order of `sort`.
    pub partition: String,
    /// The name within the partition.
    pub sort: String,
}

/// Which items of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorts<'a> {
    /// All.
    All,
    /// Those up to this one, which is one of them.
    Until(&'a str),
    /// Those after this one, which need not be there: what a list with a limit left.
    After(&'a str),
}

/// An item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// A JSON text, the ledger's business; may be empty.
    pub value: String,
    /// Numbers that are only ever added to.
    pub counters: BTreeMap<String, u64>,
    /// Changes with every [`Change::Put`]; what a later one can expect.
    pub version: u64,
    /// Seconds since 1970 from which on the item does not exist.
    pub expires: Option<i64>,
}

/// What an item must be for a commit to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anything.
    Anything,
    /// Not there.
    Absent,
    /// There, in any version.
    Present,
    /// There, in just this version.
    Version(u64),
}

/// What a commit does to an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing; only the expectation counts.
    Keep,
    /// Makes the item what is given; its version becomes the old one's successor (1 for a new
    /// item).
    Put {
        /// The new value.
        value: String,
        /// The new counters.
        counters: BTreeMap<String, u64>,
        /// The new expiry.
        expires: Option<i64>,
    },
    /// Adds to counters; those that are not there are zero. Value, version and expiry stay. An
    /// item that does not exist is left alone, unless the expectation forbids it.
    Add(BTreeMap<String, u64>),
    /// Deletes the item.
    Delete,
}

/// One item's part of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Which item.
    pub key: Key,
    /// What it must be.
    pub expect: Expect,
    /// What becomes of it.
    pub change: Change,
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commit {
    /// All of it happened.
    Done,
    /// None of it did: an item was not as expected, or somebody else was writing it. Read again.
    Conflict,
}

/// Why an adapter has no answer. A commit may then have happened all the same.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TableError(pub String);

/// The most items in one [`Table::commit`], as `DynamoDB` has it.
pub const MOST_WRITES: usize = 100;

/// Items under keys.
pub trait Table: Sync {
    /// The items with these keys, in order, as they are right now (strongly consistent).
    fn read(
        &self,
        keys: &[Key],
        now: i64,
    ) -> impl Future<Output = Result<Vec<Option<Item>>, TableError>> + Send;

    /// Does all of it, or nothing. No key stands twice, and there are at most [`MOST_WRITES`].
    fn commit(
        &self,
        writes: &[Write],
        now: i64,
    ) -> impl Future<Output = Result<Commit, TableError>> + Send;

    /// Waits, before a commit is drafted again that met so many conflicts in a row, so that those
    /// who met do not meet again. Where commits take no time there is nothing to wait for.
    fn back_off(&self, _conflicts: u32) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// The items of a partition with these `sort`s, in their order, at most `limit`.
    fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> impl Future<Output = Result<Vec<(Key, Item)>, TableError>> + Send;
}

/// Whoever only borrows a table has it all the same.
impl<T: Table> Table for &T {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        (**self).read(keys, now).await
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        (**self).commit(writes, now).await
    }

    async fn back_off(&self, conflicts: u32) {
        (**self).back_off(conflicts).await;
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        (**self).list(partition, sorts, limit, now).await
    }
}

impl Key {
    /// A key.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }
}

impl<'a> Sorts<'a> {
    /// Whether this is one of them.
    #[must_use]
    pub fn contains(self, sort: &str) -> bool {
        match self {
            Self::All => true,
            Self::Until(until) => sort <= until,
            Self::After(after) => sort > after,
        }
    }

    /// Where to begin: nothing of what comes earlier is one of them.
    #[must_use]
    pub fn from(self) -> &'a str {
        match self {
            Self::All | Self::Until(_) => "",
            Self::After(after) => after,
        }
    }
}

impl Item {
    /// Whether the item still exists at `now`, in seconds since 1970.
    #[must_use]
    pub fn is_alive(&self, now: i64) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl Expect {
    /// Whether an item, alive or none, is as expected.
    #[must_use]
    pub fn holds(self, item: Option<&Item>) -> bool {
        match self {
            Self::Anything => true,
            Self::Absent => item.is_none(),
            Self::Present => item.is_some(),
            Self::Version(version) => item.is_some_and(|item| item.version == version),
        }
    }
}

impl Change {
    /// What becomes of an item, alive or none.
    #[must_use]
    pub fn apply(&self, item: Option<Item>) -> Option<Item> {
        match self {
            Self::Keep => item,
            Self::Delete => None,
            Self::Put {
                value,
                counters,
                expires,
            } => Some(Item {
                value: value.clone(),
                counters: counters.clone(),
                version: item.map_or(0, |old| old.version) + 1,
                expires: *expires,
            }),
            Self::Add(counters) => item.map(|mut item| {
                for (name, count) in counters {
                    let counter = item.counters.entry(name.clone()).or_default();
                    *counter = counter.saturating_add(*count);
                }
                item
            }),
        }
    }
}
