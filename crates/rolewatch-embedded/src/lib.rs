//! rolewatch's store in one local file: the items of a [`Table`] in a redb database.
//!
//! One process at a time has the file open. A commit is on the disk when it is answered, and what
//! a killed process left half done never happened. The calls do their input and output where they
//! are called and never yield: made for a program that does one thing at a time, not for a server.

mod draft;
mod error;
mod item;

use std::path::PathBuf;

use redb::{
    Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, TableHandle,
    WriteTransaction,
};
use rolewatch::store::table::{Change, Commit, Item, Key, Sorts, Table, TableError, Write};

pub use self::draft::Draft;
pub use self::error::OpenError;
use self::error::unusable;

/// The items. redb orders such keys by partition and then by sort, each by its bytes.
const ITEMS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("items");
/// What there is to know of the file itself: [`FORMAT_KEY`] and [`SWEEP_KEY`].
const ABOUT: TableDefinition<&str, u64> = TableDefinition::new("rolewatch");

/// The most of a file that is held in memory, in bytes: what is read and what waits to be written.
const CACHE: usize = 16 << 20;

/// How items are written, see [`item`]; another way is another number.
const FORMAT: u64 = 1;
const FORMAT_KEY: &str = "format";

/// How many items there may be before the expired ones are deleted: twice as many as were left
/// the last time, so that looking costs each item a constant.
const SWEEP_KEY: &str = "sweep-at";
/// The fewest items for which it is worth looking for expired ones.
const WORTH_SWEEPING: u64 = 10_000;

/// Items in a file.
#[derive(Debug)]
pub struct EmbeddedTable {
    database: Database,
    path: PathBuf,
}

impl EmbeddedTable {
    /// Opens a file, or makes it. Reads all of it, to find damage now and not half way.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        let path = path.into();
        let database = Database::builder()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create(&path)
            .map_err(|error| unusable(&path, error.into()))?;
        match format(&database).map_err(|error| unusable(&path, error))? {
            Some(FORMAT) => Ok(Self { database, path }),
            Some(0) => Err(OpenError::Foreign(path)),
            Some(found) => Err(OpenError::Format { path, found }),
            None => {
                initialise(&database).map_err(|error| unusable(&path, error))?;
                Ok(Self { database, path })
            }
        }
    }

    fn get_all(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, redb::Error> {
        get_all(&self.database.begin_read()?.open_table(ITEMS)?, keys, now)
    }

    fn range(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, redb::Error> {
        let items = self.database.begin_read()?.open_table(ITEMS)?;
        range(&items, partition, sorts, limit, now)
    }

    fn apply(&self, writes: &[Write], now: i64) -> Result<Commit, redb::Error> {
        let transaction = self.database.begin_write()?;
        let commit = write_all(&transaction, writes, now)?;
        let changes = writes.iter().any(|write| write.change != Change::Keep);
        if commit == Commit::Done && changes {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(commit)
    }

    fn failed(&self, error: &redb::Error) -> TableError {
        TableError(format!("{}: {error}", self.path.display()))
    }
}

impl Table for EmbeddedTable {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        let items = self.get_all(keys, now);
        items.map_err(|error| self.failed(&error))
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        let commit = self.apply(writes, now);
        commit.map_err(|error| self.failed(&error))
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        let items = self.range(partition, sorts, limit, now);
        items.map_err(|error| self.failed(&error))
    }
}

/// The format of a state; none if there is nothing in the file, 0 if it is something else.
fn format(database: &Database) -> Result<Option<u64>, redb::Error> {
    let transaction = database.begin_read()?;
    let mut tables = transaction.list_tables()?.peekable();
    if tables.peek().is_none() {
        return Ok(None);
    }
    if !tables.any(|table| table.name() == ABOUT.name()) {
        return Ok(Some(0));
    }
    let about = transaction.open_table(ABOUT)?;
    let format = about.get(FORMAT_KEY)?;
    Ok(Some(format.map_or(0, |format| format.value())))
}

fn initialise(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ITEMS)?;
    transaction.open_table(ABOUT)?.insert(FORMAT_KEY, FORMAT)?;
    transaction.commit()?;
    Ok(())
}

fn get_all(
    items: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    keys: &[Key],
    now: i64,
) -> Result<Vec<Option<Item>>, redb::Error> {
    keys.iter().map(|key| get(items, key, now)).collect()
}

fn range(
    items: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    partition: &str,
    sorts: Sorts<'_>,
    limit: usize,
    now: i64,
) -> Result<Vec<(Key, Item)>, redb::Error> {
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    for entry in items.range((partition, sorts.from())..)? {
        let (key, bytes) = entry?;
        let (here, sort) = key.value();
        let is_in = sorts.contains(sort);
        if here != partition || !is_in && sort > sorts.from() {
            break;
        }
        if !is_in {
            continue; // the one that the others come after
        }
        if item::expires(bytes.value()).is_none_or(|expires| now < expires) {
            found.push((Key::new(partition, sort), decode(bytes.value())?));
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

fn get(
    items: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    key: &Key,
    now: i64,
) -> Result<Option<Item>, redb::Error> {
    let found = items.get((key.partition.as_str(), key.sort.as_str()))?;
    let item = found.map(|bytes| decode(bytes.value())).transpose()?;
    Ok(item.filter(|item| item.is_alive(now)))
}

fn write_all(
    transaction: &WriteTransaction,
    writes: &[Write],
    now: i64,
) -> Result<Commit, redb::Error> {
    let mut items = transaction.open_table(ITEMS)?;
    let mut old = Vec::with_capacity(writes.len());
    for write in writes {
        let item = get(&items, &write.key, now)?;
        if !write.expect.holds(item.as_ref()) {
            return Ok(Commit::Conflict);
        }
        old.push(item);
    }
    for (write, old) in writes.iter().zip(old) {
        let key = (write.key.partition.as_str(), write.key.sort.as_str());
        if write.change == Change::Keep {
            continue;
        }
        match write.change.apply(old) {
            Some(item) => items.insert(key, item::encode(&item).as_slice())?,
            None => items.remove(key)?,
        };
    }

    if items.len()? > WORTH_SWEEPING {
        let mut about = transaction.open_table(ABOUT)?;
        let sweep_at = about.get(SWEEP_KEY)?.map_or(0, |at| at.value());
        if items.len()? > sweep_at {
            items.retain(|_, bytes| item::expires(bytes).is_none_or(|expires| now < expires))?;
            about.insert(SWEEP_KEY, items.len()? * 2)?;
        }
    }
    Ok(Commit::Done)
}

fn decode(bytes: &[u8]) -> Result<Item, redb::Error> {
    item::decode(bytes).ok_or_else(|| redb::Error::Corrupted("an item cannot be read".into()))
}
