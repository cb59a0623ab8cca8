//! Slack is away for days: for fewer than the queue keeps a message, for more, and never back.

use chrono::TimeDelta;
use rolewatch::dispatch::{Clock, Fate, Letter, MOST_RECEIVES, Outcome};
use rolewatch::finding::Severity;
use rolewatch::store::MemoryTable;

use crate::slack::{StandIn, Weather};
use crate::world::{World, alert, letter, run, start};

const DAY: i64 = 86_400;

/// A few alerts, and what becomes of them where Slack does this for so long.
fn away_for(days: i64, weather: Weather) -> World<MemoryTable> {
    let back = start() + TimeDelta::days(days);
    let world = World::new(StandIn::new(move |now, _| {
        if now < back { weather } else { Weather::Fine }
    }));
    for (i, severity) in [Severity::Critical, Severity::High, Severity::Low]
        .into_iter()
        .enumerate()
    {
        world.send(alert(&format!("finding-{i}"), severity), 0);
    }
    world.run();
    world
}

#[test]
fn what_waits_for_less_than_twelve_days_is_posted() {
    let world = away_for(11, Weather::Error);
    assert_eq!(world.slack.seen().len(), 3);
    assert!(world.dead.lock().unwrap().is_empty());
    let took = world.time.now() - start();
    assert!(
        took < TimeDelta::days(11) + TimeDelta::minutes(40),
        "{took}"
    );
}

#[test]
fn what_waits_for_longer_is_put_among_the_dead_letters_before_the_queue_forgets_it() {
    for weather in [
        Weather::Error,
        Weather::Hangs,
        Weather::Throttled(30),
        Weather::Throttled(3600),
    ] {
        let world = away_for(99, weather);
        let mut dead = world.dead.lock().unwrap().clone();
        dead.sort();
        let ids: Vec<&str> = dead.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["finding-0", "finding-1", "finding-2"], "{weather:?}");
        for (_, why) in &dead {
            assert!(why.ends_with(", for 12 days"), "{why}");
        }
        // The world itself holds that none was received after 14 days.
        let took = (world.time.now() - start()).num_seconds();
        assert!((12 * DAY..12 * DAY + DAY / 2).contains(&took), "{took} s");
        assert!(*world.most_receives.lock().unwrap() < MOST_RECEIVES);
        assert!(world.slack.seen().is_empty());
    }
}

#[test]
fn so_is_what_has_no_place_to_go_for_as_long() {
    let world = World::new(StandIn::fine());
    let of_age = |days| Letter {
        sent: Some(start() - TimeDelta::days(days)),
        ..letter(&alert(&format!("finding-{days}"), Severity::High), 700)
    };
    let letters = [of_age(11), of_age(12)];
    let outcome = Outcome::without_slack(&world.ledger, &letters, "no such parameter", start());
    let fates = run(&world.time, outcome).fates;
    assert!(matches!(
        fates[0],
        Fate::Held {
            seconds: 1800..,
            ..
        }
    ));
    let why = "no such parameter, for 12 days".to_owned();
    assert_eq!(fates[1], Fate::Parked { why });
}

#[test]
fn age_alone_parks_nothing_that_slack_takes() {
    let world = World::new(StandIn::fine());
    let old = Letter {
        sent: Some(start() - TimeDelta::days(13)),
        ..letter(&alert("finding", Severity::High), 900)
    };
    let outcome = run(&world.time, world.dispatch(&[old]));
    assert!(
        matches!(outcome.fates[0], Fate::Posted { .. }),
        "{outcome:?}"
    );
}
