//! The adapter in memory is the reference: whatever is done to it and to a table, both must
//! answer alike.

use std::collections::BTreeMap;

use super::Case;
use crate::store::MemoryTable;
use crate::store::table::{Change, Expect, Key, Sorts, Table, Write};

const STEPS: usize = 150;
const NAMES: usize = 5;

/// Random enough, and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }

    fn time(&mut self, now: i64) -> Option<i64> {
        let ahead = i64::try_from(self.below(12)).unwrap_or(0);
        (ahead > 3).then_some(now + ahead)
    }

    fn counters(&mut self) -> BTreeMap<String, u64> {
        let mut counters = BTreeMap::new();
        for name in ["a", "b", "c"] {
            if self.below(2) == 0 {
                counters.insert(name.to_owned(), self.0 >> 60);
            }
        }
        counters
    }

    fn write(&mut self, key: Key, current: Option<u64>, now: i64) -> Write {
        let expect = match self.below(6) {
            0 => Expect::Absent,
            1 => Expect::Present,
            2 => Expect::Version(self.0 >> 62),
            // Mostly right, or hardly any commit would happen.
            3 | 4 => current.map_or(Expect::Absent, Expect::Version),
            _ => Expect::Anything,
        };
        let change = match self.below(5) {
            0 => Change::Keep,
            1 => Change::Delete,
            2 => Change::Add(self.counters()),
            _ => Change::Put {
                value: format!("{:x}", self.0),
                counters: self.counters(),
                expires: self.time(now),
            },
        };
        Write {
            key,
            expect,
            change,
        }
    }
}

pub(super) async fn same_as_memory<T: Table>(at: &Case<'_, T>) {
    let memory = MemoryTable::default();
    let mut random = Random(20_260_901);
    let keys: Vec<Key> = (0..NAMES).map(|i| at.key(&i.to_string())).collect();
    for step in 0..STEPS {
        let now = i64::try_from(step / 2).unwrap_or(0);
        let (ours, reference) = (at.later(now), at.reference(&memory, now));
        let before = reference.read(&keys).await;

        let mut writes = Vec::new();
        for (key, item) in keys.iter().zip(&before) {
            if random.below(NAMES) < 2 {
                let version = item.as_ref().map(|item| item.version);
                writes.push(random.write(key.clone(), version, ours.now));
            }
        }
        let wanted = reference.commit(&writes).await;
        let story = || format!("step {step}: {writes:?} on {before:?}");
        assert_eq!(ours.commit(&writes).await, wanted, "{}", story());
        let items = reference.read(&keys).await;
        assert_eq!(ours.read(&keys).await, items, "{}", story());
        let until = random.below(NAMES).to_string();
        let limit = random.below(NAMES);
        let listed = reference.list(Sorts::Until(&until), limit).await;
        assert_eq!(
            ours.list(Sorts::Until(&until), limit).await,
            listed,
            "{}",
            story()
        );
        let listed = reference.list(Sorts::After(&until), limit).await;
        assert_eq!(
            ours.list(Sorts::After(&until), limit).await,
            listed,
            "{}",
            story()
        );
    }
}

impl<T: Table> Case<'_, T> {
    /// The same case on the reference.
    fn reference<'a>(&self, memory: &'a MemoryTable, seconds: i64) -> Case<'a, MemoryTable> {
        Case {
            table: memory,
            partition: self.partition.clone(),
            now: self.now + seconds,
        }
    }
}
