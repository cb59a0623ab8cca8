//! What is read and listed, and what can be written in an item.

use std::collections::BTreeMap;

use super::{Case, HOSTILE, LONG_VALUE, MOST_COUNTERS, NOW, counters, lasting_until, value};
use crate::store::table::{Change, Commit, Expect, Key, Sorts, Table, Write};

pub(super) async fn nothing<T: Table>(at: &Case<'_, T>) {
    assert_eq!(at.commit(&[]).await, Commit::Done);
    assert_eq!(at.read(&[]).await, []);
    assert_eq!(at.list(Sorts::All, 10).await, []);
    assert_eq!(at.get("x").await, None);
}

pub(super) async fn many_keys<T: Table>(at: &Case<'_, T>) {
    let keys: Vec<Key> = (0..120).map(|i| at.key(&format!("{i}"))).collect();
    // Every third is there.
    let there: Vec<Write> = keys
        .iter()
        .step_by(3)
        .map(|key| at.write(&key.sort, Expect::Absent, value(&key.sort)))
        .collect();
    assert_eq!(at.commit(&there).await, Commit::Done);
    // In the order asked for; asking twice answers twice.
    let mut asked: Vec<Key> = keys.iter().rev().cloned().collect();
    asked.push(keys[0].clone());
    let items = at.read(&asked).await;
    assert_eq!(items.len(), asked.len());
    for (i, (key, item)) in asked.iter().zip(items).enumerate() {
        let number = if i == 120 { 0 } else { 119 - i };
        let found = item.map(|item| item.value);
        let wanted = (number % 3 == 0).then(|| key.sort.clone());
        assert_eq!(found, wanted, "{key:?}");
    }
}

pub(super) async fn list<T: Table>(at: &Case<'_, T>) {
    // By bytes: upper case first, "10" before "9", and UTF-8's order where UTF-16's is another.
    let sorted = [
        "10",
        "9",
        "A",
        "a",
        "a!",
        "a\u{0}b",
        "ab",
        "\u{e9}",
        "\u{ffff}",
        "\u{10000}",
    ];
    let mut sorted = sorted.map(str::to_owned);
    sorted.sort();
    for sort in sorted.iter().rev() {
        let put = value(sort.repeat(1_000));
        assert_eq!(at.one(sort, Expect::Absent, put).await, Commit::Done);
    }
    // Neighbours whose names begin alike are other partitions.
    for neighbour in ["", "0", "/", "\u{0}"] {
        let key = Key::new(format!("{}{neighbour}", at.partition), "x");
        if key.partition != at.partition {
            let write = Write {
                key,
                expect: Expect::Anything,
                change: value("neighbour"),
            };
            assert_eq!(at.commit(&[write]).await, Commit::Done);
        }
    }
    assert_eq!(at.sorts(Sorts::All, 100).await, sorted);
    assert_eq!(at.sorts(Sorts::All, usize::MAX).await, sorted);
    for limit in 0..=sorted.len() {
        assert_eq!(
            at.sorts(Sorts::All, limit).await,
            sorted[..limit],
            "{limit}"
        );
    }
    for (i, until) in sorted.iter().enumerate() {
        assert_eq!(
            at.sorts(Sorts::Until(until), 100).await,
            sorted[..=i],
            "{until:?}"
        );
    }
    assert_eq!(at.sorts(Sorts::Until(""), 100).await, [""; 0]);
    assert_eq!(at.sorts(Sorts::Until("0"), 100).await, [""; 0]);
    assert_eq!(at.sorts(Sorts::Until("aa"), 2).await, sorted[..2]);
    for (i, after) in sorted.iter().enumerate() {
        let rest = &sorted[i + 1..];
        assert_eq!(at.sorts(Sorts::After(after), 100).await, *rest, "{after:?}");
        let two = &rest[..rest.len().min(2)];
        assert_eq!(at.sorts(Sorts::After(after), 2).await, *two, "{after:?}");
    }
    // Those that are not there have a place among the others all the same.
    assert_eq!(at.sorts(Sorts::After(""), 100).await, sorted);
    assert_eq!(at.sorts(Sorts::After("0"), 100).await, sorted);
    assert_eq!(at.sorts(Sorts::After("aa"), 2).await, sorted[6..8]);
    assert_eq!(at.sorts(Sorts::After("\u{10ffff}"), 2).await, [""; 0]);
    for (key, item) in at.list(Sorts::All, 100).await {
        assert_eq!(key.partition, at.partition);
        assert_eq!(item.value, key.sort.repeat(1_000));
    }
    // Expired ones do not count toward the limit.
    for sort in &sorted[..5] {
        at.one(sort, Expect::Present, lasting_until(NOW + 1)).await;
    }
    assert_eq!(at.later(1).sorts(Sorts::All, 3).await, sorted[5..8]);
}

pub(super) async fn texts<T: Table>(at: &Case<'_, T>) {
    let long = HOSTILE.concat().repeat(4_096 / HOSTILE.concat().len() + 1);
    let huge = "\u{e4}x\n".repeat(LONG_VALUE / 4);
    assert_eq!(huge.len(), LONG_VALUE);
    let names: BTreeMap<String, u64> = HOSTILE
        .iter()
        .copied()
        .map(str::to_owned)
        .zip(1..)
        .collect();
    for (i, text) in ["", &long, &huge].iter().chain(HOSTILE).enumerate() {
        let sort = format!("{i} {}", HOSTILE[i % HOSTILE.len()]);
        let put = Change::Put {
            value: (*text).to_owned(),
            counters: names.clone(),
            expires: None,
        };
        assert_eq!(
            at.one(&sort, Expect::Absent, put).await,
            Commit::Done,
            "{i}"
        );
        let add = Change::Add(names.clone());
        assert_eq!(
            at.one(&sort, Expect::Version(1), add).await,
            Commit::Done,
            "{i}"
        );
        let item = at.get(&sort).await.unwrap_or_default();
        assert!(item.value == *text, "{}: {i}: another value", at.partition);
        let doubled = names.iter().map(|(name, count)| (name.clone(), count * 2));
        assert_eq!(item.counters, doubled.collect(), "{i}");
    }
    // A listing of a few MB, in as many pages as it takes.
    for i in 0..6 {
        let sort = format!("~{i}");
        assert_eq!(
            at.one(&sort, Expect::Absent, value(&huge)).await,
            Commit::Done
        );
    }
    let items = at.list(Sorts::All, 100).await;
    assert_eq!(
        items.iter().filter(|(_, item)| item.value == huge).count(),
        7
    );
    // And all of them in one commit and one read.
    let keys: Vec<Key> = (0..6).map(|i| at.key(&format!("~{i}"))).collect();
    let writes = keys
        .iter()
        .map(|key| at.write(&key.sort, Expect::Version(1), value(&huge)));
    assert_eq!(at.commit(&writes.collect::<Vec<_>>()).await, Commit::Done);
    let items = at.read(&keys).await;
    assert!(
        items
            .iter()
            .flatten()
            .all(|item| item.version == 2 && item.value == huge)
    );
}

pub(super) async fn numbers<T: Table>(at: &Case<'_, T>) {
    let big = counters(&[
        ("max", u64::MAX),
        ("near", u64::MAX - 1),
        ("odd", 9_007_199_254_740_993),
    ]);
    for (sort, expires) in [("never", None), ("last", Some(i64::MAX))] {
        let put = Change::Put {
            value: String::new(),
            counters: big.clone(),
            expires,
        };
        assert_eq!(at.one(sort, Expect::Absent, put).await, Commit::Done);
        let item = at.get(sort).await.unwrap_or_default();
        assert_eq!((item.counters, item.expires), (big.clone(), expires));
    }
    for _ in 0..2 {
        let add = Change::Add(counters(&[("max", u64::MAX), ("near", 1), ("odd", 1)]));
        assert_eq!(at.one("never", Expect::Present, add).await, Commit::Done);
    }
    let item = at.get("never").await.unwrap_or_default();
    let stopped = counters(&[
        ("max", u64::MAX),
        ("near", u64::MAX),
        ("odd", 9_007_199_254_740_995),
    ]);
    assert_eq!(item.counters, stopped);
    for expires in [i64::MIN, -1, 0] {
        let put = lasting_until(expires);
        assert_eq!(at.one("past", Expect::Absent, put).await, Commit::Done);
        assert_eq!(at.get("past").await, None);
    }

    let many: BTreeMap<String, u64> = (0..)
        .map(|i| (format!("h{i}"), i))
        .take(MOST_COUNTERS)
        .collect();
    at.one("many", Expect::Absent, value("")).await;
    let add = Change::Add(many.clone());
    assert_eq!(at.one("many", Expect::Present, add).await, Commit::Done);
    assert_eq!(at.get("many").await.map(|item| item.counters), Some(many));
}
