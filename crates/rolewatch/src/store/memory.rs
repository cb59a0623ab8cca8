//! A table in this process's memory, gone with it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::table::{Commit, Item, Key, Sorts, Table, TableError, Write};

/// Items in a map. Expired ones are deleted when the map has doubled since the last time.
#[derive(Debug, Default)]
pub struct MemoryTable {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    /// How many items there may be before the expired ones are deleted.
    sweep_at: usize,
}

/// The fewest items for which it is worth looking for expired ones.
const WORTH_SWEEPING: usize = 10_000;

impl MemoryTable {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned state is whole: nothing panics between two of its changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many items there are, expired ones that were not deleted yet included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl State {
    fn get(&self, key: &Key, now: i64) -> Option<&Item> {
        self.items.get(key).filter(|item| item.is_alive(now))
    }

    fn commit(&mut self, writes: &[Write], now: i64) -> Commit {
        if !writes
            .iter()
            .all(|write| write.expect.holds(self.get(&write.key, now)))
        {
            return Commit::Conflict;
        }
        for write in writes {
            let old = self.get(&write.key, now).cloned();
            match write.change.apply(old) {
                Some(item) => self.items.insert(write.key.clone(), item),
                None => self.items.remove(&write.key),
            };
        }
        if self.items.len() > self.sweep_at.max(WORTH_SWEEPING) {
            self.items.retain(|_, item| item.is_alive(now));
            self.sweep_at = self.items.len() * 2;
        }
        Commit::Done
    }
}

impl Table for MemoryTable {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        let state = self.lock();
        Ok(keys
            .iter()
            .map(|key| state.get(key, now).cloned())
            .collect())
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        Ok(self.lock().commit(writes, now))
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        let state = self.lock();
        let from = Bound::Included(Key::new(partition, sorts.from()));
        let alive = state
            .items
            .range((from, Bound::Unbounded))
            .take_while(|(key, _)| key.partition == partition)
            .skip_while(|(key, _)| key.sort == sorts.from() && !sorts.contains(&key.sort))
            .take_while(|(key, _)| sorts.contains(&key.sort))
            .filter(|(_, item)| item.is_alive(now));
        Ok(alive
            .take(limit)
            .map(|(key, item)| (key.clone(), item.clone()))
            .collect())
    }
}
