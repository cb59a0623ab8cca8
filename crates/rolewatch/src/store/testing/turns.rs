//! Turns of a lane, taken by several at once, on the table under test: at no time two, and no
//! alert by two.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;

use super::Case;
use crate::store::table::Table;
use crate::store::{Ledger, PostingTurn, Slot, Spot, Standing, Windows, Wish};

fn wish<'a>(lane: &'a str, ids: &'a [&'a str]) -> Wish<'a> {
    Wish {
        lane,
        ids,
        urgent: &[],
        gives_way: true,
        gathers: true,
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
    // Each wants to post one of its own, and one that all of them have: one of them may, now.
    let workers = (0..5).map(async |i| {
        let (own, shared) = (name(i), name(99));
        take(&ledger, wish(lane, &[&own, &shared]), now).await
    });
    let turns = join_all(workers).await;
    let (first, others): (Vec<_>, Vec<_>) = turns.iter().enumerate().partition(|(_, it)| has(it));
    let &[(winner, turn)] = first.as_slice() else {
        panic!("{lane}: {turns:?}")
    };
    assert_eq!(turn.standings, [Standing::Open; 2], "{lane}");
    let second = now + TimeDelta::seconds(1);
    let behind = others.iter().all(|(_, it)| it.slot == Slot::Wait(second));
    assert!(behind && others.len() == 4, "{lane}: {turns:?}");
    // A second later it is another's turn, and what both have is claimed.
    let (own, shared) = (name((winner + 1) % 5), name(99));
    let ids = [own.as_str(), shared.as_str()];
    let turn = take(&ledger, wish(lane, &ids), second).await;
    let claimed = Standing::Claimed(now + TimeDelta::seconds(40));
    assert!(has(&turn), "{lane}: {turn:?}");
    assert_eq!(turn.standings, [Standing::Open, claimed], "{lane}");
    // What was posted is known; a claim of somebody who died passes.
    let posted = ledger
        .mark_posted(wish(lane, &ids[..1]), second, second)
        .await;
    assert!(posted.is_ok(), "{lane}: {posted:?}");
    let much_later = now + TimeDelta::hours(1);
    let wish = wish(lane, &ids);
    let turn = take(&ledger, wish, much_later).await;
    assert_eq!(turn.standings, [Standing::Posted, Standing::Open], "{lane}");
    let Slot::Now(claim) = turn.slot else {
        panic!("{lane}: {turn:?}")
    };
    let opens = ledger
        .mark_refused(wish, claim, Some(300), much_later)
        .await;
    let opens = opens.unwrap_or_default();
    assert_eq!(opens, much_later + TimeDelta::seconds(300), "{lane}");
    let turn = take(&ledger, wish, much_later).await;
    assert_eq!(turn.slot, Slot::Wait(opens), "{lane}");
    assert_eq!(turn.standings, [Standing::Posted, Standing::Open], "{lane}");
    assert!(first_times(&ledger, lane, now).await, "{lane}");
    urgent_ones_overtake(&ledger, lane, opens).await;
    replies_are_counted(&ledger, lane, opens).await;
}

/// What several put into a thread at the same time is counted to the last, and not beside another.
async fn replies_are_counted<T: Table>(ledger: &Ledger<T>, lane: &str, now: DateTime<Utc>) {
    let spot = |ts: &str| Spot {
        channel: "C0123ABCD".into(),
        ts: ts.into(),
    };
    let (first, other, message) = (spot("1"), spot("2"), json!({"text": "x"}));
    let count = async |spot: &Spot| {
        for _ in 0..100 {
            if let Ok(thread) = ledger.count_in_thread(lane, "q", (spot, 3), now).await {
                return thread.map(|thread| thread.more);
            }
        }
        panic!("{lane}: not counted in a hundred tries")
    };
    assert_eq!(count(&first).await, None, "{lane}");
    let begun = ledger.begin_thread(lane, "q", (&first, &message), now);
    assert!(begun.await.is_ok(), "{lane}");
    let mut counts = join_all((0..4).map(|_| count(&first))).await;
    counts.sort_unstable();
    assert_eq!(counts, [3, 6, 9, 12].map(Some), "{lane}");
    assert_eq!(count(&other).await, None, "{lane}");
    let thread = ledger.thread(lane, "q", now).await.unwrap_or_default();
    let known = thread.map(|it| (it.spot, it.message, it.more));
    assert_eq!(known, Some((first, message, 12)), "{lane}");
    let later = now + TimeDelta::days(1);
    let thread = ledger.thread(lane, "q", later).await;
    assert_eq!(thread.ok(), Some(None), "{lane}");
}

/// What is urgent and was refused is posted before anybody else's message, whoever asks first.
async fn urgent_ones_overtake<T: Table>(ledger: &Ledger<T>, lane: &str, now: DateTime<Utc>) {
    let (mine, other) = (format!("{lane} urgent"), format!("{lane} other"));
    let (mine, other) = ([mine.as_str()], [other.as_str()]);
    let urgent = Wish {
        urgent: &mine,
        gives_way: false,
        ..wish(lane, &mine)
    };
    let turn = take(ledger, urgent, now).await;
    let Slot::Now(claim) = turn.slot else {
        panic!("{lane}: {turn:?}")
    };
    let opens = ledger.mark_refused(urgent, claim, Some(30), now).await;
    let opens = opens.unwrap_or_default();
    let turn = take(ledger, wish(lane, &other), opens).await;
    let behind = Slot::Wait(opens + TimeDelta::seconds(1));
    assert_eq!(turn.slot, behind, "{lane}");
    assert!(has(&take(ledger, urgent, opens).await), "{lane}");
    let posted = ledger.mark_posted(urgent, opens, opens).await;
    assert!(posted.is_ok(), "{lane}: {posted:?}");
    let later = opens + TimeDelta::seconds(1);
    assert!(
        has(&take(ledger, wish(lane, &other), later).await),
        "{lane}"
    );
}

fn has(turn: &PostingTurn) -> bool {
    matches!(turn.slot, Slot::Now(_))
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
