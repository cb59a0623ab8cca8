//! What was delivered before a surprise, so that it is not delivered again.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::ops::ControlFlow;

use crate::read::{Item, Limits, read};
use crate::shape::assumptions;

/// What was delivered so far, records and those that cannot be read: how many, and a hash of where
/// they are. That takes no memory, however many they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Delivered {
    count: u64,
    places: DefaultHasher,
}

impl Delivered {
    pub(super) fn note(&mut self, item: &Item<'_>) {
        let (kind, byte) = match item {
            Item::Record(found) => (0, found.byte),
            Item::Unreadable(unreadable) => (1, unreadable.place.byte),
        };
        self.count += 1;
        self.places.write_u8(kind);
        self.places.write_u64(byte);
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether the full parser delivers just these first. It may not where the file is
    /// not valid JSON. Then all are delivered again: twice is better than never, and copies of an
    /// event are told by its id.
    pub(super) fn is_the_beginning_of(&self, file: &File, limits: &Limits) -> bool {
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
        again.count == self.count && again.places.finish() == self.places.finish()
    }
}
