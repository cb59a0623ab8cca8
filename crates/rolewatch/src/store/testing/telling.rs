//! Reports are told once, whatever the table: the ledger's lease on top of it.

use chrono::{DateTime, TimeDelta};
use futures_util::future::join_all;

use super::{Case, NOW};
use crate::store::table::Table;
use crate::store::{Ledger, Telling, ToldTo, Turn, Windows};

/// The runs that come at the same moment.
const RUNS: usize = 6;

/// The turns among these answers; nobody may be told that it was told.
fn turns(answers: Vec<Telling>) -> Vec<Turn> {
    let turn = |answer| match answer {
        Telling::Due(turn) => Some(turn),
        Telling::Busy => None,
        Telling::Told => panic!("nobody told it yet"),
    };
    answers.into_iter().filter_map(turn).collect()
}

pub(super) async fn telling<T: Table>(at: &Case<'_, T>) {
    let ledger = Ledger::new(at.table, Windows::default());
    let start = DateTime::from_timestamp(NOW, 0).unwrap_or_default();
    let after = |seconds| start + TimeDelta::seconds(seconds);
    // Other runs on this table have reports of their own.
    let week = |name: &str| format!("{} {name}", at.partition);
    let report = week("2100-W01");
    let take = async |report: &str, to, again, time| {
        let answer = ledger.take_telling(report, to, again, time).await;
        answer.unwrap_or_else(|error| panic!("{}: take: {error}", at.partition))
    };
    let end = async |turn: &Turn, told, time| {
        let answer = ledger.end_telling(turn, told, time).await;
        answer.unwrap_or_else(|error| panic!("{}: end: {error}", at.partition));
    };
    let all = async |time| {
        let runs = (0..RUNS).map(|_| take(&report, ToldTo::Slack, false, time));
        let mut turns = turns(join_all(runs).await);
        assert_eq!(turns.len(), 1, "{}: {turns:?}", at.partition);
        turns.remove(0)
    };

    // One of several at the very same moment; while it has its turn, nobody else, not even again.
    let died = all(start).await;
    for again in [false, true] {
        let answer = take(&report, ToldTo::Slack, again, after(59)).await;
        assert_eq!(answer, Telling::Busy);
    }
    // It died: when its lease has run out, one of the next. Its late failure takes nothing away.
    let failed = all(after(60)).await;
    end(&died, false, after(61)).await;
    let answer = take(&report, ToldTo::Slack, false, after(62)).await;
    assert_eq!(answer, Telling::Busy);
    // That one failed and said so: the next need not wait.
    end(&failed, false, after(63)).await;
    let told = all(after(63)).await;
    end(&told, true, after(64)).await;
    end(&failed, false, after(65)).await;
    let answer = take(&report, ToldTo::Slack, false, after(400 * 86_400)).await;
    assert_eq!(answer, Telling::Told);
    // Asked for by hand, once more, and again by one.
    let answer = take(&report, ToldTo::Slack, true, after(70)).await;
    assert_eq!(turns(vec![answer]).len(), 1);
    // Elsewhere, and another week, are other matters.
    for (report, to) in [
        (report.clone(), ToldTo::Mail),
        (week("2100-W02"), ToldTo::Slack),
    ] {
        let answer = take(&report, to, false, after(70)).await;
        assert_eq!(turns(vec![answer]).len(), 1, "{report} {to:?}");
    }
}
