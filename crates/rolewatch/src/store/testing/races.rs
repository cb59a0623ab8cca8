//! Several commits at once.

use futures_util::future::join_all;

use super::{Case, add_one, counters, value};
use crate::store::table::{Commit, Expect, Table};

pub(super) async fn one_wins<T: Table>(at: &Case<'_, T>) {
    for round in 0..5_u64 {
        let expect = match round {
            0 => Expect::Absent,
            version => Expect::Version(version),
        };
        // Alone and as one of two: the paths to a table may differ.
        let tries = (0..8).map(async |i| {
            let mut writes = vec![at.write("x", expect, value(format!("{i}")))];
            if i % 2 == 0 {
                writes.push(at.write(&format!("{round} {i}"), Expect::Absent, value("")));
            }
            at.commit(&writes).await
        });
        let answers = join_all(tries).await;
        let mut done = (0..).zip(&answers).filter(|(_, it)| **it == Commit::Done);
        let winner: u64 = match (done.next(), done.next()) {
            (Some((winner, _)), None) => winner,
            // Everybody was in everybody's way, as is allowed.
            (None, None) => {
                let answer = at.one("x", expect, value("0")).await;
                assert_eq!(answer, Commit::Done, "round {round}");
                0
            }
            _ => panic!("{}: round {round}: {answers:?}", at.partition),
        };
        let item = at.get("x").await.unwrap_or_default();
        assert_eq!(item.value, winner.to_string(), "round {round}");
        assert_eq!(item.version, round + 1);
    }
}

pub(super) async fn nothing_is_lost<T: Table>(at: &Case<'_, T>) {
    for sort in ["added", "replaced"] {
        assert_eq!(at.one(sort, Expect::Absent, value("0")).await, Commit::Done);
    }
    let workers = (0..6).map(async |worker| {
        for step in 0..4 {
            // Until it worked: others are in the way.
            while {
                let old = at.get("replaced").await.unwrap_or_default();
                let count = old.value.parse().unwrap_or(0) + 1;
                let put = value(count.to_string());
                let mut writes = vec![at.write("replaced", Expect::Version(old.version), put)];
                if (worker + step) % 2 == 0 {
                    writes.push(at.write("added", Expect::Anything, add_one("n")));
                }
                at.commit(&writes).await == Commit::Conflict
            } {}
            while at.one("added", Expect::Anything, add_one("n")).await == Commit::Conflict {}
        }
    });
    join_all(workers).await;
    let replaced = at.get("replaced").await.unwrap_or_default();
    assert_eq!((replaced.value.as_str(), replaced.version), ("24", 25));
    let added = at.get("added").await.unwrap_or_default();
    assert_eq!(added.counters, counters(&[("n", 24 + 12)]));
}
