//! Turns of a lane, taken by several at once, on the table under test: at no time two, and no
//! alert by two.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::Case;
use crate::store::table::Table;
use crate::store::{Ledger, PostingTurn, Slot, Standing, Windows, Wish};

fn wish<'a>(lane: &'a str, ids: &'a [&'a str], now: DateTime<Utc>) -> Wish<'a> {
    Wish {
        lane,
        ids,
        urgent: false,
        gives_way: true,
        latest: now + TimeDelta::minutes(1),
    }
}

/// Takes a turn, until it worked: others are in the way.
async fn take<T: Table>(ledger: &Ledger<T>, wish: Wish<'_>, now: DateTime<Utc>) -> PostingTurn {
    for _ in 0..100 {
        if let Ok(turn) = ledger.take_turn(wish, now).await {
            return turn;
        }
    }
    panic!("{}: no turn in a hundred tries", wish.lane)
}

pub(super) async fn nobody_posts_at_the_same_time<T: Table>(at: &Case<'_, T>) {
    let ledger = Ledger::new(at.table, Windows::default());
    let now = DateTime::from_timestamp(at.now, 0).unwrap_or_default();
    let lane = at.partition.as_str();
    let name = |i: usize| format!("{lane} {i}");
    // Each wants to post one of its own, and one that all of them have.
    let workers = (0..5).map(async |i| {
        let (own, shared) = (name(i), name(99));
        take(&ledger, wish(lane, &[&own, &shared], now), now).await
    });
    let turns = join_all(workers).await;
    let mut starts: Vec<DateTime<Utc>> = turns.iter().filter_map(start).collect();
    starts.sort_unstable();
    let seconds: Vec<i64> = starts.iter().map(|it| (*it - now).num_seconds()).collect();
    assert_eq!(seconds, [0, 1, 2, 3, 4], "{lane}");
    let claimed = turns.iter().filter(|it| it.standings[1] == Standing::Open);
    assert_eq!(claimed.count(), 1, "{lane}: {turns:?}");
    assert!(turns.iter().all(|it| it.standings[0] == Standing::Open));
    // What was posted is known; a claim of somebody who died passes.
    let (first, shared) = (name(0), name(99));
    let ids = [first.as_str(), shared.as_str()];
    let posted = ledger
        .mark_posted(wish(lane, &ids[..1], now), false, now)
        .await;
    assert!(posted.is_ok(), "{lane}: {posted:?}");
    let much_later = now + TimeDelta::hours(1);
    let wish = wish(lane, &ids, much_later);
    let turn = take(&ledger, wish, much_later).await;
    assert_eq!(turn.standings, [Standing::Posted, Standing::Open], "{lane}");
    let Slot::At(_, claim) = turn.slot else {
        panic!("{lane}: {turn:?}")
    };
    let opens = ledger
        .mark_refused(wish, claim, Some(300), much_later)
        .await;
    let opens = opens.unwrap_or_default();
    assert_eq!(opens, much_later + TimeDelta::seconds(300), "{lane}");
    let turn = take(&ledger, wish, much_later).await;
    assert_eq!(turn.slot, Slot::Closed(opens), "{lane}");
    assert_eq!(turn.standings, [Standing::Posted, Standing::Open], "{lane}");
    assert!(first_times(&ledger, lane, now).await, "{lane}");
}

fn start(turn: &PostingTurn) -> Option<DateTime<Utc>> {
    match turn.slot {
        Slot::At(start, _) => Some(start),
        Slot::Closed(_) | Slot::NotNeeded => None,
    }
}

/// Of several that say the same, one is the first; and another, when it was not heard.
async fn first_times<T: Table>(ledger: &Ledger<T>, what: &str, now: DateTime<Utc>) -> bool {
    let first = async || {
        let tries = (0..4).map(async |_| ledger.first_time(what, 60, now).await);
        let answers = join_all(tries).await;
        answers.iter().filter(|it| matches!(it, Ok(true))).count() == 1
    };
    let once = first().await;
    let unsaid = ledger.unsaid(what, now).await.is_ok();
    once && unsaid && first().await
}
