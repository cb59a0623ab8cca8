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
    /// The item as it is to be; none to delete it. Not set where it is only added to.
    put: Option<Option<Put>>,
    added: BTreeMap<String, u64>,
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
        if let Some(put) = self.staged.get(key).and_then(|staged| staged.put.as_ref()) {
            return Ok(put.is_some());
        }
        Ok(self.original(key)?.is_some())
    }

    /// An item's value, staged changes included; none where there is no item, or none that can
    /// be read (written by a newer version, say): it is then as if it had never been.
    pub(super) fn get<T: DeserializeOwned>(&mut self, key: &Key) -> Result<Option<T>, NotRead> {
        if let Some(put) = self.staged.get(key).and_then(|staged| staged.put.as_ref()) {
            return Ok(put.as_ref().and_then(|put| serde_json::from_str(&put.value).ok()));
        }
        Ok(self.original(key)?.and_then(|item| serde_json::from_str(&item.value).ok()))
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
        let put = Put { value, counters: BTreeMap::new(), expires };
        self.staged.entry(key.clone()).or_default().put = Some(Some(put));
        Ok(())
    }

    /// Stages a deletion, where there is something to delete.
    pub(super) fn delete(&mut self, key: &Key) -> Result<(), NotRead> {
        if self.exists(key)? {
            self.staged.entry(key.clone()).or_default().put = Some(None);
        }
        Ok(())
    }

    /// Stages additions to an item that exists, staged or not.
    pub(super) fn add(&mut self, key: &Key, counters: impl IntoIterator<Item = (String, u64)>) {
        let staged = self.staged.entry(key.clone()).or_default();
        let into = match &mut staged.put {
            Some(Some(put)) => &mut put.counters,
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
            let (expect, change) = match &staged.put {
                Some(Some(put)) => (
                    unchanged,
                    Change::Put {
                        value: put.value.clone(),
                        counters: put.counters.clone(),
                        expires: put.expires,
                    },
                ),
                Some(None) => (unchanged, Change::Delete),
                None => (Expect::Present, Change::Add(staged.added.clone())),
            };
            Write { key: key.clone(), expect, change }
        };
        self.staged.iter().map(write).collect()
    }
}
