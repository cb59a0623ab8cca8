//! What a commit does to an item, alone and among others.

use std::collections::BTreeMap;

use super::{Case, NOW, add_one, counters, lasting_until, value};
use crate::store::table::{Change, Commit, Expect, Item, MOST_WRITES, Sorts, Table, Write};

/// What a commit of one write must answer to each expectation.
async fn assert_expectations<T: Table>(at: &Case<'_, T>, sort: &str, holds: &[(Expect, bool)]) {
    let other = || at.write("other", Expect::Anything, value(""));
    for (expect, holds) in holds {
        let wanted = if *holds {
            Commit::Done
        } else {
            Commit::Conflict
        };
        let before = at.get(sort).await;
        let keep = at.write(sort, *expect, Change::Keep);
        let name = format!("{}: {sort}: {expect:?}", at.partition);
        assert_eq!(
            at.commit(std::slice::from_ref(&keep)).await,
            wanted,
            "{name} alone"
        );
        assert_eq!(at.commit(&[keep, other()]).await, wanted, "{name} with one");
        assert_eq!(at.get(sort).await, before, "{name} changed it");
    }
}

pub(super) async fn put<T: Table>(at: &Case<'_, T>) {
    let counted = Change::Put {
        value: "first".into(),
        counters: counters(&[("a", 1), ("b", 0)]),
        expires: Some(NOW + 100),
    };
    assert_eq!(at.one("x", Expect::Absent, counted).await, Commit::Done);
    let first = Item {
        value: "first".into(),
        counters: counters(&[("a", 1), ("b", 0)]),
        version: 1,
        expires: Some(NOW + 100),
    };
    assert_eq!(at.get("x").await, Some(first.clone()));
    for expect in [Expect::Absent, Expect::Version(0), Expect::Version(2)] {
        let answer = at.one("x", expect, value("never")).await;
        assert_eq!(answer, Commit::Conflict, "{expect:?}");
        assert_eq!(at.get("x").await, Some(first.clone()), "{expect:?}");
    }

    // Nothing of the old item stays.
    let answer = at.one("x", Expect::Version(1), value("second")).await;
    assert_eq!(answer, Commit::Done);
    let second = Item {
        value: "second".into(),
        version: 2,
        ..Item::default()
    };
    assert_eq!(at.get("x").await, Some(second));
    let answer = at.one("x", Expect::Version(1), value("never")).await;
    assert_eq!(answer, Commit::Conflict);

    for (expect, version) in [(Expect::Present, 3), (Expect::Anything, 4)] {
        assert_eq!(at.one("x", expect, value("")).await, Commit::Done);
        assert_eq!(at.version("x").await, Some(version), "{expect:?}");
    }
    for expect in [Expect::Present, Expect::Version(0), Expect::Version(1)] {
        let answer = at.one("new", expect, value("never")).await;
        assert_eq!(answer, Commit::Conflict, "{expect:?}");
        assert_eq!(at.get("new").await, None, "{expect:?}");
    }
    let answer = at.one("new", Expect::Anything, value("")).await;
    assert_eq!(answer, Commit::Done);
    assert_eq!(at.version("new").await, Some(1));
}

pub(super) async fn keep<T: Table>(at: &Case<'_, T>) {
    let absent = [
        (Expect::Anything, true),
        (Expect::Absent, true),
        (Expect::Present, false),
        (Expect::Version(0), false),
        (Expect::Version(1), false),
    ];
    assert_expectations(at, "x", &absent).await;
    at.one("x", Expect::Absent, value("1")).await;
    at.one("x", Expect::Present, value("2")).await;
    let present = [
        (Expect::Anything, true),
        (Expect::Absent, false),
        (Expect::Present, true),
        (Expect::Version(1), false),
        (Expect::Version(2), true),
    ];
    assert_expectations(at, "x", &present).await;
}

pub(super) async fn add<T: Table>(at: &Case<'_, T>) {
    // An item that is not there stays so, and holds nothing else up.
    for expect in [Expect::Anything, Expect::Absent] {
        assert_eq!(at.one("x", expect, add_one("a")).await, Commit::Done);
        let both = [
            at.write("x", expect, add_one("a")),
            at.write("other", Expect::Anything, value("")),
        ];
        assert_eq!(at.commit(&both).await, Commit::Done, "{expect:?}");
        assert_eq!(at.get("x").await, None, "{expect:?}");
    }
    assert_eq!(at.version("other").await, Some(2));
    for expect in [Expect::Present, Expect::Version(1)] {
        assert_eq!(at.one("x", expect, add_one("a")).await, Commit::Conflict);
    }

    at.one("x", Expect::Absent, lasting_until(NOW + 100)).await;
    for expect in [Expect::Anything, Expect::Present, Expect::Version(1)] {
        let more = Change::Add(counters(&[("a", 10), ("b", 0)]));
        assert_eq!(at.one("x", expect, more).await, Commit::Done);
    }
    for expect in [Expect::Absent, Expect::Version(2)] {
        assert_eq!(at.one("x", expect, add_one("a")).await, Commit::Conflict);
    }
    let no_counters = Change::Add(BTreeMap::new());
    assert_eq!(
        at.one("x", Expect::Present, no_counters).await,
        Commit::Done
    );
    let both = [
        at.write("x", Expect::Anything, add_one("c")),
        at.write("gone", Expect::Anything, add_one("c")),
        at.write("other", Expect::Version(2), add_one("c")),
    ];
    assert_eq!(at.commit(&both).await, Commit::Done);
    let added = Item {
        value: "mortal".into(),
        counters: counters(&[("a", 31), ("b", 0), ("c", 1)]),
        version: 1,
        expires: Some(NOW + 100),
    };
    assert_eq!(at.get("x").await, Some(added));
    assert_eq!(at.get("gone").await, None);
}

pub(super) async fn delete<T: Table>(at: &Case<'_, T>) {
    for expect in [Expect::Anything, Expect::Absent] {
        assert_eq!(at.one("x", expect, Change::Delete).await, Commit::Done);
    }
    for expect in [Expect::Present, Expect::Version(1)] {
        assert_eq!(at.one("x", expect, Change::Delete).await, Commit::Conflict);
    }
    for expect in [Expect::Anything, Expect::Present, Expect::Version(2)] {
        at.one("x", Expect::Absent, value("1")).await;
        at.one("x", Expect::Version(1), value("2")).await;
        for other in [Expect::Absent, Expect::Version(1)] {
            assert_eq!(at.one("x", other, Change::Delete).await, Commit::Conflict);
        }
        assert_eq!(at.one("x", expect, Change::Delete).await, Commit::Done);
        assert_eq!(at.get("x").await, None, "{expect:?}");
    }
    let answer = at.one("x", Expect::Anything, value("new")).await;
    assert_eq!(answer, Commit::Done);
    assert_eq!(at.version("x").await, Some(1));
}

pub(super) async fn all_or_nothing<T: Table>(at: &Case<'_, T>) {
    let names: Vec<String> = (0..MOST_WRITES).map(|i| format!("{i:03}")).collect();
    let puts = |expect| -> Vec<Write> {
        let names = names.iter();
        names
            .map(|name| at.write(name, expect, value(name)))
            .collect()
    };
    let failing = [
        at.write("not there", Expect::Present, Change::Keep),
        at.write("not there", Expect::Version(1), Change::Delete),
        at.write("not there", Expect::Present, add_one("a")),
        at.write("not there", Expect::Version(3), value("never")),
    ];
    for (place, bad) in [0, 1, 50, MOST_WRITES - 1].into_iter().zip(failing) {
        let mut writes = puts(Expect::Absent);
        writes[place] = bad;
        assert_eq!(at.commit(&writes).await, Commit::Conflict, "{place}");
        assert_eq!(at.sorts(Sorts::All, 10).await, [""; 0], "{place}");
    }

    assert_eq!(at.commit(&puts(Expect::Absent)).await, Commit::Done);
    let items = at.list(Sorts::All, usize::MAX).await;
    assert_eq!(items.len(), MOST_WRITES);
    assert!(items.iter().all(|(key, item)| key.sort == item.value));
    assert_eq!(at.commit(&puts(Expect::Absent)).await, Commit::Conflict);

    // Every kind of change in one commit.
    let mut mixed = puts(Expect::Version(1));
    mixed[0].change = Change::Delete;
    mixed[1].change = Change::Keep;
    mixed[2].change = add_one("a");
    assert_eq!(at.commit(&mixed).await, Commit::Done);
    assert_eq!(at.get("000").await, None);
    assert_eq!(at.version("001").await, Some(1));
    let added = at.get("002").await.map(|item| item.counters);
    assert_eq!(added, Some(counters(&[("a", 1)])));
    assert_eq!(at.version("099").await, Some(2));
}

pub(super) async fn expiry<T: Table>(at: &Case<'_, T>) {
    let (before, after) = (at.later(9), at.later(10));
    for sort in ["read", "kept", "added", "deleted", "1", "2", "3"] {
        at.one(sort, Expect::Absent, value("first")).await;
        at.one(sort, Expect::Version(1), lasting_until(NOW + 10))
            .await;
    }
    let gone = [
        (Expect::Anything, true),
        (Expect::Absent, true),
        (Expect::Present, false),
        (Expect::Version(2), false),
    ];
    assert_eq!(before.version("read").await, Some(2));
    assert_eq!(after.get("read").await, None);
    assert_eq!(before.list(Sorts::All, 100).await.len(), 7);
    assert_eq!(
        before.one("kept", Expect::Version(2), Change::Keep).await,
        Commit::Done
    );
    assert_expectations(&after, "kept", &gone).await;

    // It is gone: nothing is added to it, and what is put is new.
    assert_eq!(
        after.one("added", Expect::Anything, add_one("a")).await,
        Commit::Done
    );
    assert_eq!(
        after.one("added", Expect::Present, add_one("a")).await,
        Commit::Conflict
    );
    assert_eq!(after.get("added").await, None);
    assert_eq!(
        after.one("deleted", Expect::Present, Change::Delete).await,
        Commit::Conflict
    );
    assert_eq!(
        after.one("deleted", Expect::Absent, Change::Delete).await,
        Commit::Done
    );
    assert_eq!(
        after.one("1", Expect::Present, value("never")).await,
        Commit::Conflict
    );
    assert_eq!(
        after.one("1", Expect::Absent, value("new")).await,
        Commit::Done
    );
    assert_eq!(
        after.one("2", Expect::Anything, value("new")).await,
        Commit::Done
    );
    let both = [
        after.write("3", Expect::Absent, value("new")),
        after.write("kept", Expect::Absent, Change::Keep),
    ];
    assert_eq!(after.commit(&both).await, Commit::Done);
    let new = Item {
        value: "new".into(),
        version: 1,
        ..Item::default()
    };
    for sort in ["1", "2", "3"] {
        assert_eq!(after.get(sort).await, Some(new.clone()), "{sort}");
    }
    assert_eq!(after.sorts(Sorts::All, 100).await, ["1", "2", "3", "other"]);
    // What was never alive.
    assert_eq!(
        at.one("stillborn", Expect::Absent, lasting_until(NOW))
            .await,
        Commit::Done
    );
    assert_eq!(at.get("stillborn").await, None);
}
