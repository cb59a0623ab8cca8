//! Canaries: counted once, due where they came before.

use chrono::TimeDelta;

use super::*;
use crate::store::CanaryCount;

#[test]
fn a_canary_counts_once() {
    let ledger = ledger();
    for new in [true, false] {
        let heard = attended(&ledger, &canary("eu-west-1", "2026-11-20T10:00:00Z"));
        assert!(matches!(heard, Some(Upkeep::Canary(_, it)) if it == new));
    }
    attended(&ledger, &canary("eu-west-1", "2026-11-20T07:00:00Z"));
    attended(&ledger, &canary("us-east-1", "2026-11-20T09:59:00Z"));
    let day = now().date_naive();
    let count = block_on(ledger.canaries(day, day, now())).unwrap();
    // eu-west-1 is due at 7, 8, 9 and 10, us-east-1 at 9: the hour that is not over is due once it was heard.
    let wanted = CanaryCount {
        received: 3,
        due: 5,
        regions: 2,
        silent: Vec::new(),
    };
    assert_eq!(count, Some(wanted));
    for (region, heard) in [
        ("eu-west-1", true),
        ("us-east-1", true),
        ("eu-north-1", false),
    ] {
        let is_heard = block_on(ledger.is_heard(region, now())).unwrap();
        assert_eq!(is_heard, heard, "{region}");
    }
    let last = block_on(ledger.last_heard(now())).unwrap();
    let last: Vec<String> = last
        .iter()
        .map(|(region, at)| format!("{region} {at}"))
        .collect();
    assert_eq!(
        last,
        [
            "eu-west-1 2026-11-20 10:00:00 UTC",
            "us-east-1 2026-11-20 09:00:00 UTC"
        ]
    );
}

#[test]
fn a_region_that_fell_silent_is_due_all_day() {
    let ledger = ledger();
    attended(&ledger, &canary("eu-west-1", "2026-11-18T23:00:00Z"));
    let days = (at("2026-11-19T00:00:00Z").date_naive(), now());
    let count = block_on(ledger.canaries(days.0, days.0, days.1)).unwrap();
    assert_eq!(count, Some(silent(24, &["eu-west-1"])));
}

fn silent(due: u64, regions: &[&str]) -> CanaryCount {
    CanaryCount {
        received: 0,
        due,
        regions: regions.len() as u64,
        silent: regions.iter().map(|&it| it.to_owned()).collect(),
    }
}

/// Hears a region each hour of these days.
fn hear_all(ledger: &Ledger<MemoryTable>, region: &str, from: &str, days: u64) {
    let from = at(from);
    for hour in 0..24 * i64::try_from(days).unwrap() {
        let sent = from + TimeDelta::hours(hour);
        let canary = Canary {
            region: region.into(),
            sent,
        };
        assert!(block_on(ledger.hear(&canary, sent)).unwrap());
    }
}

#[test]
fn a_region_that_is_silent_all_week_stays_due() {
    let ledger = ledger();
    let monday = at("2026-11-16T00:00:00Z");
    let week = |first: DateTime<Utc>| {
        let (first, over) = (first.date_naive(), first + TimeDelta::days(8));
        block_on(ledger.canaries(first, first + TimeDelta::days(6), over)).unwrap()
    };
    assert_eq!(week(monday), None, "none was ever heard");
    hear_all(&ledger, "eu-west-1", "2026-11-10T00:00:00Z", 3);
    assert_eq!(
        week(monday),
        Some(silent(168, &["eu-west-1"])),
        "all are dead"
    );
    hear_all(&ledger, "us-east-1", "2026-11-16T00:00:00Z", 7);
    let count = week(monday).unwrap();
    assert_eq!((count.received, count.due, count.regions), (168, 336, 2));
    assert_eq!(count.silent, ["eu-west-1"]);
    // The 12th was the last: a month later it is retired.
    let last = at("2026-12-07T00:00:00Z");
    let days = (at("2026-12-12T00:00:00Z") - last).num_days() + 1;
    let count = week(last).unwrap();
    assert_eq!(count.due, 168 + 24 * u64::try_from(days).unwrap());
    assert_eq!(
        week(at("2026-12-14T00:00:00Z")),
        Some(silent(168, &["us-east-1"]))
    );
    assert_eq!(week(at("2027-01-04T00:00:00Z")), None);
}
