//! Pacing and order.

use chrono::TimeDelta;
use rolewatch::alert::Alert;
use rolewatch::dispatch::{Clock, Fate};
use rolewatch::finding::Severity;

use crate::slack::{StandIn, Weather};
use crate::world::{World, alert, start};

fn alerts(severity: Severity, count: usize) -> Vec<Alert> {
    let name = severity.as_str();
    (0..count)
        .map(|i| alert(&format!("{name}-{i:02}"), severity))
        .collect()
}

fn texts(world: &World<rolewatch::store::MemoryTable>) -> Vec<String> {
    world
        .slack
        .take()
        .iter()
        .map(|it| it.message["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn few_alerts_are_single_and_the_most_severe_first() {
    let world = World::new(StandIn::fine());
    let severities = [
        Severity::Low,
        Severity::Critical,
        Severity::Info,
        Severity::High,
    ];
    let batch = severities.map(|severity| alerts(severity, 1)).concat();
    world.deliver(&batch);
    let order: Vec<String> = texts(&world);
    let words: Vec<&str> = order
        .iter()
        .map(|text| text.split(':').next().unwrap())
        .collect();
    assert_eq!(words, ["critical", "high", "low", "info"]);
}

#[test]
fn a_storm_is_one_digest_but_for_what_is_critical() {
    let world = World::new(StandIn::fine());
    let storm = [
        alerts(Severity::Medium, 20),
        alerts(Severity::Critical, 2),
        alerts(Severity::High, 3),
    ];
    let outcome = world.deliver(&storm.concat());
    let texts = texts(&world);
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].starts_with("critical: ") && texts[1].starts_with("critical: "));
    assert_eq!(texts[2], "high: 23 alerts at once: 3 high, 20 medium");
    let together = outcome.fates.iter().map(|fate| match fate {
        Fate::Posted { together, .. } => *together,
        other => panic!("{other:?}"),
    });
    assert_eq!(together.collect::<Vec<_>>()[18..23], [23, 23, 1, 1, 23]);
}

/// When each message came, in seconds, and its first words.
fn timetable(world: &World<rolewatch::store::MemoryTable>) -> Vec<(i64, String)> {
    let seen = world.slack.take().into_iter();
    seen.map(|it| {
        let text = it.message["text"].as_str().unwrap().to_owned();
        ((it.at - start()).num_seconds(), text)
    })
    .collect()
}

#[test]
fn a_storm_that_comes_one_by_one_is_a_digest_each_twenty_seconds() {
    let world = World::new(StandIn::fine());
    for (i, alert) in alerts(Severity::Medium, 45).into_iter().enumerate() {
        world.send(alert, i64::try_from(i).unwrap() * 2);
    }
    for (i, alert) in alerts(Severity::Critical, 3).into_iter().enumerate() {
        world.send(alert, 21 + i64::try_from(i).unwrap() * 20);
    }
    world.run();
    let (critical, others): (Vec<_>, Vec<_>) = timetable(&world)
        .into_iter()
        .partition(|(_, text)| text.starts_with("critical: "));
    // What is critical waits for nothing.
    let times = critical.iter().map(|(at, _)| *at);
    assert_eq!(times.collect::<Vec<_>>(), [21, 41, 61]);
    // The first five are single; then each 20 s one tells of what came meanwhile; few are single again.
    let singles = others.iter().filter(|(_, it)| !it.contains("at once"));
    let times: Vec<i64> = singles.map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 2, 4, 6, 8, 106, 107]);
    let digests: Vec<_> = others
        .iter()
        .filter(|(_, it)| it.contains("at once"))
        .map(|(at, text)| (*at, text.as_str()))
        .collect();
    assert_eq!(
        digests,
        [
            (22, "medium: 6 alerts at once: 6 medium"),
            (43, "medium: 11 alerts at once: 11 medium"),
            (64, "medium: 11 alerts at once: 11 medium"),
            (85, "medium: 10 alerts at once: 10 medium"),
        ]
    );
}

/// The worse the storm, the more is in a digest, and not the more digests: they are five seconds
/// apart.
#[test]
fn a_fast_storm_is_few_digests_too() {
    let world = World::new(StandIn::fine());
    for (i, alert) in alerts(Severity::Medium, 180).into_iter().enumerate() {
        world.send(alert, i64::try_from(i).unwrap() / 3);
    }
    world.run();
    let told = timetable(&world);
    let digests: Vec<i64> = told
        .iter()
        .filter(|(_, text)| text.contains("at once"))
        .map(|(at, _)| *at)
        .collect();
    assert!(told.len() <= 20, "{told:?}");
    assert!(
        digests.windows(2).all(|two| two[1] - two[0] >= 4),
        "{told:?}"
    );
    assert!(digests.last().is_some_and(|last| *last <= 90), "{told:?}");
}

#[test]
fn few_that_were_kept_for_others_are_single_when_nobody_came() {
    let world = World::new(StandIn::fine());
    for (i, alert) in alerts(Severity::High, 7).into_iter().enumerate() {
        world.send(alert, i64::try_from(i).unwrap() * 3);
    }
    world.run();
    let times: Vec<i64> = timetable(&world).into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [0, 3, 6, 9, 12, 21, 22]);
}

#[test]
fn a_storm_of_one_place_is_none_of_another() {
    let mut slack = StandIn::fine();
    slack.owners = vec!["#team"];
    let world = World::new(slack);
    let mut batch = alerts(Severity::Medium, 8);
    for alert in &mut batch[6..] {
        alert.owner = Some("#team".into());
    }
    for (i, alert) in batch.into_iter().enumerate() {
        world.send(alert, i64::try_from(i).unwrap() * 2);
    }
    world.run();
    let seen = world.slack.take().into_iter();
    let times: Vec<_> = seen
        .map(|it| (it.place, (it.at - start()).num_seconds()))
        .filter(|(place, _)| place == "#team")
        .map(|(_, at)| at)
        .collect();
    assert_eq!(times, [12, 14]);
}

#[test]
fn owners_have_digests_of_their_own() {
    let mut slack = StandIn::fine();
    slack.owners = vec!["#team"];
    let world = World::new(slack);
    let mut batch = alerts(Severity::Medium, 10);
    for alert in &mut batch[..4] {
        alert.owner = Some("#team".into());
    }
    world.deliver(&batch);
    let places: Vec<String> = world.slack.take().into_iter().map(|it| it.place).collect();
    assert_eq!(places, ["#team", "#team", "#team", "#team", "default"]);
}

#[test]
fn a_place_takes_one_message_a_second_of_all_instances_together() {
    let world = World::new(StandIn::fine());
    for (i, alert) in alerts(Severity::Critical, 60).into_iter().enumerate() {
        world.send(alert, i64::try_from(i).unwrap() / 30);
    }
    world.run();
    let times: Vec<_> = world.slack.seen().iter().map(|it| it.at).collect();
    assert_eq!((times.len(), world.slack.count("too fast")), (60, 0));
    assert!(
        times
            .windows(2)
            .all(|two| two[1] - two[0] >= TimeDelta::seconds(1))
    );
    // And not much slower.
    assert!(
        times[59] - start() < TimeDelta::seconds(90),
        "{}",
        times[59] - start()
    );
}

#[test]
fn a_short_wait_is_waited_for_and_a_long_one_is_the_queue_s() {
    let world = World::new(StandIn::fine());
    world.slack.plan([Weather::Throttled(3)]);
    let held = |outcome: &rolewatch::dispatch::Outcome| match outcome.fates[0] {
        Fate::Held { seconds, .. } => seconds,
        ref other => panic!("{other:?}"),
    };
    let one = alerts(Severity::Critical, 1);
    assert_eq!(held(&world.deliver(&one)), 3);
    // It came again sooner than it was told to, by another instance: within its patience.
    assert!(matches!(world.deliver(&one).fates[0], Fate::Posted { .. }));
    assert!(world.time.now() - start() >= TimeDelta::seconds(3));
    for (asked, held_for) in [(600, 600), (u64::MAX, 3600), (0, 1)] {
        let world = World::new(StandIn::fine());
        world.slack.plan([Weather::Throttled(asked)]);
        assert_eq!(held(&world.deliver(&one)), held_for, "asked for {asked} s");
        // Nobody asks again meanwhile.
        if held_for > 10 {
            let others = world.deliver(&alerts(Severity::High, 3));
            assert!(matches!(others.fates[2], Fate::Held { .. }), "{others:?}");
            assert_eq!(world.slack.count("Fine"), 0);
        }
    }
}

#[test]
fn what_is_critical_overtakes_what_waits() {
    let world = World::new(StandIn::fine());
    world.slack.plan([Weather::Throttled(30)]);
    world.deliver(&alerts(Severity::Critical, 1));
    for alert in alerts(Severity::High, 30) {
        world.send(alert, 28);
    }
    for alert in alerts(Severity::Critical, 4) {
        world.send(alert, 31);
    }
    world.run();
    let texts = texts(&world);
    let is_critical = |text: &String| text.starts_with("critical");
    assert_eq!(
        texts.iter().take_while(|text| is_critical(text)).count(),
        4,
        "{texts:?}"
    );
}

#[test]
fn other_places_do_not_wait_for_one_that_is_closed() {
    let mut slack = StandIn::new(|_, place| match place {
        "#team" => Weather::Error,
        _ => Weather::Fine,
    });
    slack.owners = vec!["#team"];
    let world = World::new(slack);
    let mut batch = alerts(Severity::High, 4);
    batch[0].owner = Some("#team".into());
    batch[1].owner = Some("#team".into());
    let outcome = world.deliver(&batch);
    assert!(matches!(
        outcome.fates[..2],
        [Fate::Held { .. }, Fate::Held { .. }]
    ));
    assert!(matches!(
        outcome.fates[2..],
        [Fate::Posted { .. }, Fate::Posted { .. }]
    ));
    assert_eq!(world.slack.count("Error"), 1);
}
