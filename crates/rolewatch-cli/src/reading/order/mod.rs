//! Orders observations and drops duplicates, in memory that does not grow with their number.
//!
//! CloudTrail delivers at least once: copies of an event share account and event id, and can
//! stand far apart. So there are two sorts: by identity, which brings copies together, then by
//! time, account and id, the order in which findings are printed.
//!
//! Observations are kept as bytes behind a key whose bytes sort as they should: they take half the
//! memory so, are compared without looking into them, and go to a file and back as they are.

mod packed;
mod sorter;

use anyhow::Context;
use rolewatch::assumption::Observation;

pub(crate) use self::packed::Packed;
use self::packed::{Item, Key};
use self::sorter::{Merge, Sorter};

/// Observations are kept in memory up to about so many bytes; then they are spilt. While one
/// order is read the next is made, so that it is twice this for a moment.
const MEMORY: usize = 3 << 19;

/// Takes observations in any order.
pub(crate) struct Orderer {
    by_identity: Sorter,
}

impl Default for Orderer {
    fn default() -> Self {
        Self::within(MEMORY)
    }
}

/// Gives them back in the order of printing, without duplicates.
pub(crate) struct Ordered {
    merge: Merge,
    pub(crate) duplicates: u64,
}

impl Orderer {
    fn within(memory: usize) -> Self {
        Self {
            by_identity: Sorter::new(memory),
        }
    }

    pub(crate) fn extend(&mut self, batch: &Packed) -> anyhow::Result<()> {
        batch
            .iter()
            .try_for_each(|item| self.by_identity.push(item.key, item.value))
    }

    pub(crate) fn finish(self) -> anyhow::Result<Ordered> {
        let mut by_time = Sorter::new(self.by_identity.limit());
        let mut duplicates = 0;
        let mut previous: Option<Observation> = None;
        let mut by_identity = self.by_identity.finish()?;
        // The first of several copies is the one that counts.
        while let Some(item) = by_identity.next()? {
            let observation = unpack(item)?;
            if previous
                .as_ref()
                .is_some_and(|it| same_event(it, &observation))
            {
                duplicates += 1;
                continue;
            }
            by_time.push(Key::by_time(&observation).bytes(), item.value)?;
            previous = Some(observation);
        }
        Ok(Ordered {
            merge: by_time.finish()?,
            duplicates,
        })
    }
}

impl Iterator for Ordered {
    type Item = anyhow::Result<Observation>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.merge.next().transpose()?;
        Some(item.and_then(unpack))
    }
}

fn unpack(item: Item<'_>) -> anyhow::Result<Observation> {
    postcard::from_bytes(item.value).context("the temporary file is damaged")
}

fn same_event(a: &Observation, b: &Observation) -> bool {
    (a.account(), a.identity()) == (b.account(), b.identity())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolewatch::assumption::UnreadableRecord;

    fn event(account: &str, id: &str, second: i64) -> Observation {
        UnreadableRecord {
            account: Some(account.into()),
            event_id: Some(id.into()),
            time: chrono::DateTime::from_timestamp(second, 0),
            ..UnreadableRecord::default()
        }
        .into()
    }

    /// Numbers without order, the same in every run.
    fn scattered(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40)
    }

    fn ordered(memory: usize, observations: impl IntoIterator<Item = Observation>) -> Ordered {
        let mut orderer = Orderer::within(memory);
        for observation in observations {
            let mut batch = Packed::default();
            batch.push(&observation).unwrap();
            orderer.extend(&batch).unwrap();
        }
        orderer.finish().unwrap()
    }

    #[test]
    fn spilt_or_not_the_order_is_the_same() {
        let sorted = |memory| {
            let second = |n: u64| i64::try_from(n % 100).unwrap() - 50;
            let events = scattered(5000).map(|n| event("1", &n.to_string(), second(n)));
            let merged: Vec<_> = ordered(memory, events).map(Result::unwrap).collect();
            merged
        };
        let in_memory = sorted(usize::MAX);
        assert_eq!(in_memory.len(), 5000);
        assert_eq!(sorted(2_000), in_memory);
        let key = |it: &Observation| (it.time(), it.identity().to_owned());
        assert!(in_memory.is_sorted_by_key(key));
    }

    /// What is written to disk grows with the logarithm of what there is.
    #[test]
    fn only_runs_of_one_size_are_merged() {
        let mut sorter = Sorter::new(1);
        for number in scattered(64 * 64 + 2 * 64 + 3) {
            sorter.push(&number.to_be_bytes(), b"").unwrap();
        }
        assert_eq!(sorter.files(), [3, 2, 1]);
        let mut merge = sorter.finish().unwrap();
        let (mut count, mut last) = (0, Vec::new());
        while let Some(item) = merge.next().unwrap() {
            assert!(item.key >= &last[..]);
            last = item.key.to_vec();
            count += 1;
        }
        assert_eq!(count, 64 * 64 + 2 * 64 + 3);
    }

    #[test]
    fn duplicates_go_however_far_apart() {
        let twice = (0..300).chain(0..300);
        let events = twice.map(|n| event("1", &n.to_string(), n));
        let distinct = ordered(5_000, events.chain([event("2", "7", 7)]));
        assert_eq!(distinct.duplicates, 300);
        assert_eq!(
            distinct.map(Result::unwrap).count(),
            301,
            "another account's event 7 is another"
        );
    }

    #[test]
    fn what_has_no_time_comes_last() {
        let timeless: Observation = UnreadableRecord {
            hash: "x".into(),
            ..Default::default()
        }
        .into();
        let ordered = ordered(MEMORY, [timeless.clone(), event("1", "a", 5)]);
        assert_eq!(ordered.map(Result::unwrap).last(), Some(timeless));
    }

    #[test]
    fn the_earliest_copy_counts() {
        let copies = [event("1", "a", 7), event("1", "a", -7), event("1", "a", 0)];
        let ordered = ordered(MEMORY, copies);
        assert_eq!(ordered.duplicates, 2);
        let kept: Vec<_> = ordered.map(Result::unwrap).collect();
        assert_eq!(kept, [event("1", "a", -7)]);
    }
}
