//! A draft of a commit: reads what it needs, stages what changes, and becomes one list of
//! writes that only holds if nothing it read has changed since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::table::{Change, Expect, Item, Key, Write};

/// An item is needed that was not read yet. The draft knows which; read them and start over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotRead;

/// What was read, and what is to change.
#[derive(Debug, Default)]
pub(super) struct Draft {
    read: HashMap<Key, Option<Item>>,
    wanted: BTreeSet<Key>,
    staged: BTreeMap<Key, Staged>,
}

#[derive(Debug, Default)]
struct Staged {
    fate: Fate,
    added: BTreeMap<String, u64>,
}

/// What becomes of an item besides additions.
#[derive(Debug, Default)]
enum Fate {
    /// It stays.
    #[default]
    Kept,
    /// It is made this.
    Put(Put),
    /// It is deleted.
    Deleted,
}

#[derive(Debug)]
struct Put {
    value: String,
    counters: BTreeMap<String, u64>,
    expires: Option<i64>,
}

impl Draft {
    /// Forgets what is staged, and keeps what was read.
    pub(super) fn restart(&mut self) {
        self.staged.clear();
    }

    /// The keys that were asked for and not read.
    pub(super) fn take_wanted(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.wanted).into_iter().collect()
    }

    /// Asks for a key ahead of its use.
    pub(super) fn want(&mut self, key: Key) {
        if !self.read.contains_key(&key) {
            self.wanted.insert(key);
        }
    }

    /// What was read.
    pub(super) fn learn(&mut self, keys: Vec<Key>, items: Vec<Option<Item>>) {
        self.read.extend(keys.into_iter().zip(items));
    }

    fn original(&mut self, key: &Key) -> Result<Option<&Item>, NotRead> {
        if !self.read.contains_key(key) {
            self.wanted.insert(key.clone());
            return Err(NotRead);
        }
        Ok(self.read.get(key).and_then(Option::as_ref))
    }

    /// Whether there is an item, staged changes included.
    pub(super) fn exists(&mut self, key: &Key) -> Result<bool, NotRead> {
        match self.staged.get(key).map(|staged| &staged.fate) {
            Some(Fate::Put(_)) => Ok(true),
            Some(Fate::Deleted) => Ok(false),
            Some(Fate::Kept) | None => Ok(self.original(key)?.is_some()),
        }
    }

    /// An item's value, staged changes included; none where there is no item, or none that can
    /// be read (written by a newer version, say): it is then as if it had never been.
    pub(super) fn get<T: DeserializeOwned>(&mut self, key: &Key) -> Result<Option<T>, NotRead> {
        match self.staged.get(key).map(|staged| &staged.fate) {
            Some(Fate::Put(put)) => Ok(serde_json::from_str(&put.value).ok()),
            Some(Fate::Deleted) => Ok(None),
            Some(Fate::Kept) | None => {
                let item = self.original(key)?;
                Ok(item.and_then(|item| serde_json::from_str(&item.value).ok()))
            }
        }
    }

    /// Stages an item. Its key has to be read first, so that the commit can expect something.
    pub(super) fn put(
        &mut self,
        key: &Key,
        value: &impl Serialize,
        expires: Option<i64>,
    ) -> Result<(), NotRead> {
        self.original(key)?;
        // Every value here is a struct of texts and numbers, which has a JSON form.
        let value = serde_json::to_string(value).unwrap_or_default();
        let put = Put {
            value,
            counters: BTreeMap::new(),
            expires,
        };
        self.staged.entry(key.clone()).or_default().fate = Fate::Put(put);
        Ok(())
    }

    /// Stages a deletion, where there is something to delete.
    pub(super) fn delete(&mut self, key: &Key) -> Result<(), NotRead> {
        if self.exists(key)? {
            self.staged.entry(key.clone()).or_default().fate = Fate::Deleted;
        }
        Ok(())
    }

    /// Stages additions to an item that exists, staged or not.
    pub(super) fn add(&mut self, key: &Key, counters: impl IntoIterator<Item = (String, u64)>) {
        let staged = self.staged.entry(key.clone()).or_default();
        let into = match &mut staged.fate {
            Fate::Put(put) => &mut put.counters,
            _ => &mut staged.added,
        };
        for (name, count) in counters {
            *into.entry(name).or_default() += count;
        }
    }

    /// The writes, each expecting just what was read.
    pub(super) fn writes(&self) -> Vec<Write> {
        let write = |(key, staged): (&Key, &Staged)| {
            let original = self.read.get(key).and_then(Option::as_ref);
            let unchanged = original.map_or(Expect::Absent, |item| Expect::Version(item.version));
            let (expect, change) = match &staged.fate {
                Fate::Put(put) => (
                    unchanged,
                    Change::Put {
                        value: put.value.clone(),
                        counters: put.counters.clone(),
                        expires: put.expires,
                    },
                ),
                Fate::Deleted => (unchanged, Change::Delete),
                Fate::Kept => (Expect::Present, Change::Add(staged.added.clone())),
            };
            Write {
                key: key.clone(),
                expect,
                change,
            }
        };
        self.staged.iter().map(write).collect()
    }
}
