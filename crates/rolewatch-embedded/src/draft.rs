//! All that a program does to a file in one go: there at its end, or not at all.

use std::fmt;

use redb::WriteTransaction;
use rolewatch::store::table::{Commit, Item, Key, Sorts, Table, TableError, Write};

use crate::{EmbeddedTable, ITEMS, get_all, range, write_all};

/// A table whose changes are in the file once they are kept. What is dropped, or dies, never happened.
pub struct Draft {
    // First, so that it ends before the database does.
    transaction: WriteTransaction,
    table: EmbeddedTable,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Draft").field(&self.table).finish()
    }
}

impl EmbeddedTable {
    /// From here on changes wait until they are kept.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn draft(self) -> Result<Draft, TableError> {
        let transaction = self.database.begin_write();
        Ok(Draft {
            transaction: transaction.map_err(|error| self.failed(&error.into()))?,
            table: self,
        })
    }
}

impl Draft {
    /// Puts all of it on the disk.
    ///
    /// # Errors
    /// It is not there.
    pub fn keep(self) -> Result<(), TableError> {
        let kept = self.transaction.commit();
        kept.map_err(|error| self.table.failed(&error.into()))
    }

    fn get_all(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, redb::Error> {
        get_all(&self.transaction.open_table(ITEMS)?, keys, now)
    }

    fn range(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, redb::Error> {
        range(
            &self.transaction.open_table(ITEMS)?,
            partition,
            sorts,
            limit,
            now,
        )
    }
}

impl Table for Draft {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        let items = self.get_all(keys, now);
        items.map_err(|error| self.table.failed(&error))
    }

    /// A conflict is seen before anything is written.
    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        let commit = write_all(&self.transaction, writes, now);
        commit.map_err(|error| self.table.failed(&error))
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        let items = self.range(partition, sorts, limit, now);
        items.map_err(|error| self.table.failed(&error))
    }
}
