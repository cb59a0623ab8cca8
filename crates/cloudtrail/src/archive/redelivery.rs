//! What was delivered before a surprise, so that it is not delivered again.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::ops::ControlFlow;

use crate::read::{Item, Limits, read};
use crate::shape::assumptions;

/// Items that are known one by one. They are known all together however many they are.
const KNOWN: usize = 1 << 15;

/// What was delivered so far, records and those that cannot be read: how many, and hashes of what they
/// are, and where.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivered {
    count: u64,
    all: DefaultHasher,
    known: Vec<u64>,
}

impl Delivered {
    pub(super) fn note(&mut self, item: &Item<'_>) {
        let key = key(item);
        self.count += 1;
        self.all.write_u64(key);
        if self.known.len() < KNOWN {
            self.known.push(key);
        }
    }

    /// What of them the full parser delivers again.
    pub(super) fn again(self, file: &File, limits: &Limits) -> Again {
        if self.is_the_beginning_of(file, limits) {
            return Again::TheFirst(self.count);
        }
        let mut known = self.known;
        known.sort_unstable();
        Again::Known(known)
    }

    /// Whether the full parser delivers just these first. It may not where the file is not valid JSON.
    fn is_the_beginning_of(&self, file: &File, limits: &Limits) -> bool {
        if self.count == 0 {
            return true;
        }
        let mut again = Self::default();
        let _ = read(file, limits, assumptions, |item| {
            again.note(&item);
            if again.count < self.count {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        again.count == self.count && again.all.finish() == self.all.finish()
    }
}

/// What is not to be delivered again.
pub(super) enum Again {
    /// So many, before anything else.
    TheFirst(u64),
    /// These, in order. Whatever is not among them is delivered: twice is better than never, and copies
    /// of an event are told by its id.
    Known(Vec<u64>),
}

impl Again {
    /// Whether the next item is one of them.
    pub(super) fn holds(&mut self, item: &Item<'_>) -> bool {
        match self {
            Self::TheFirst(0) => false,
            Self::TheFirst(left) => {
                *left -= 1;
                true
            }
            Self::Known(known) => known.binary_search(&key(item)).is_ok(),
        }
    }
}

/// Tells an item by where it is and what event it is of.
fn key(item: &Item<'_>) -> u64 {
    let mut key = DefaultHasher::new();
    match item {
        Item::Record(found) => {
            key.write_u64(found.byte);
            key.write_usize(found.raw.len());
            // All of it takes longer, and is not needed where it has an id.
            let id = found.record.event_id.as_deref().map(str::as_bytes);
            key.write(id.unwrap_or(found.raw));
        }
        Item::Unreadable(unreadable) => {
            key.write_u64(unreadable.place.byte);
            key.write(&unreadable.hash.0);
        }
    }
    key.finish()
}
