//! Observations as bytes, one behind the other.

use std::ops::Range;

use anyhow::Context;
use chrono::{DateTime, Utc};
use rolewatch::assumption::Observation;

/// Items in a row: a key and a value each.
#[derive(Default)]
pub(crate) struct Packed {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where an item is: its key begins at `start`, its value at `value`.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    value: usize,
    end: usize,
}

/// What is sorted, by its key and then by its value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

impl Packed {
    /// Adds an observation under its identity.
    pub(crate) fn push(&mut self, observation: &Observation) -> anyhow::Result<()> {
        let value = postcard::to_stdvec(observation).context("cannot encode an observation")?;
        self.add(Key::by_identity(observation).bytes(), &value);
        Ok(())
    }

    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        self.places.push(Place {
            start,
            value: start + key.len(),
            end: self.bytes.len(),
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Bytes that the items take.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() + size_of::<Place>() * self.places.len()
    }

    pub(super) fn get(&self, number: usize) -> Option<Item<'_>> {
        self.places
            .get(number)
            .map(|place| item(&self.bytes, *place))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Item<'_>> {
        self.places.iter().map(|place| item(&self.bytes, *place))
    }

    pub(super) fn sort(&mut self) {
        let bytes = &self.bytes;
        let order = |a: &Place, b: &Place| item(bytes, *a).cmp(&item(bytes, *b));
        self.places.sort_unstable_by(order);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }
}

fn item(bytes: &[u8], place: Place) -> Item<'_> {
    let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
    Item {
        key: part(place.start..place.value),
        value: part(place.value..place.end),
    }
}

/// Bytes that sort as what they are made of.
#[derive(Default)]
pub(super) struct Key(Vec<u8>);

impl Key {
    /// Copies together, the best readable and earliest of them first.
    pub(super) fn by_identity(observation: &Observation) -> Self {
        let unreadable = matches!(observation, Observation::Unreadable(_));
        let mut key = Self::default();
        key.account(observation);
        key.text(observation.identity());
        key.0.push(unreadable.into());
        key.time(observation.time(), 0);
        key
    }

    /// As findings are printed; what has no time comes last.
    pub(super) fn by_time(observation: &Observation) -> Self {
        let mut key = Self::default();
        key.time(observation.time(), u8::MAX);
        key.account(observation);
        key.text(observation.identity());
        key
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn account(&mut self, observation: &Observation) {
        self.0.push(observation.account().is_some().into());
        self.text(observation.account().unwrap_or_default());
    }

    /// Ends in a zero, which is less than what a longer text goes on with.
    fn text(&mut self, text: &str) {
        self.0.extend(text.bytes());
        self.0.push(0);
    }

    fn time(&mut self, time: Option<DateTime<Utc>>, none: u8) {
        let Some(time) = time else {
            return self.0.push(none);
        };
        self.0.push(1);
        // With the sign turned about, what is before the epoch is less.
        let seconds = time.timestamp().cast_unsigned() ^ (1 << 63);
        self.0.extend(seconds.to_be_bytes());
        self.0.extend(time.timestamp_subsec_nanos().to_be_bytes());
    }
}
