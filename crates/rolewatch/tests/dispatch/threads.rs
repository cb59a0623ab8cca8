//! Where a bot posts: threads, and what they are counted beside.

use chrono::TimeDelta;
use rolewatch::alert::Alert;
use rolewatch::dispatch::{Clock, Fate};
use rolewatch::finding::Severity;
use rolewatch::store::MemoryTable;
use serde_json::Value;

use crate::slack::{StandIn, Weather};
use crate::world::{World, alert, run};

fn world() -> World<MemoryTable> {
    let mut slack = StandIn::fine();
    slack.has_bot = true;
    World::new(slack)
}

/// An alert of those alike.
fn like(quiet: &str, id: &str, severity: Severity) -> Alert {
    let mut alert = alert(id, severity);
    alert.background.quiet = Some(quiet.into());
    alert
}

/// The summary of a window with so many repeats.
fn summary(quiet: &str, id: &str, of: &str, repeats: u64) -> Alert {
    let mut alert = like(quiet, id, Severity::Medium);
    alert.background.summary_of = Some(of.into());
    alert.repeats = Some(repeats);
    alert
}

fn pass(world: &World<MemoryTable>, time: TimeDelta) {
    run(&world.time, world.time.sleep_until(world.time.now() + time));
}

/// The threads of what was seen since the last time, and whether the channel sees it, too.
fn threads(world: &World<MemoryTable>) -> Vec<(Option<String>, bool)> {
    let seen = world.slack.seen();
    let thread = |message: &Value| message["thread_ts"].as_str().map(str::to_owned);
    let shown = |message: &Value| message["reply_broadcast"] == true;
    seen.iter()
        .map(|it| (thread(&it.message), shown(&it.message)))
        .collect()
}

/// Which message was changed, and what it says of its thread.
fn updates(world: &World<MemoryTable>) -> Vec<(String, String)> {
    let updates = std::mem::take(&mut *world.slack.updates.lock().unwrap());
    let said = |message: &Value| {
        let text = message.to_string();
        let (_, rest) = text.split_once("more like it* in its thread").unzip();
        assert!(rest.is_some(), "{text}");
        let (before, _) = text.split_once(" more like it*").unwrap();
        before.rsplit('*').next().unwrap().to_owned()
    };
    updates
        .into_iter()
        .map(|(ts, message)| (ts, said(&message)))
        .collect()
}

/// Windows that close in the same minute: each summary goes where its alert is, and is no storm.
#[test]
fn many_summaries_at_once_go_into_their_threads() {
    let world = world();
    for i in 0..8 {
        let first = like(&format!("key {i}"), &format!("first {i}"), Severity::Medium);
        world.deliver(&[first]);
        pass(&world, TimeDelta::seconds(30));
    }
    let before = world.slack.seen().len();
    let summaries: Vec<Alert> = (0..8)
        .map(|i| {
            let of = format!("first {i}");
            summary(&format!("key {i}"), &format!("summary {i}"), &of, 11)
        })
        .collect();
    let outcome = world.deliver(&summaries);
    let single = |fate: &Fate| matches!(fate, Fate::Posted { together: 1, .. });
    assert!(outcome.fates.iter().all(single), "{outcome:?}");
    let threads = &threads(&world)[before..];
    assert_eq!(threads.len(), 8);
    assert!(
        threads
            .iter()
            .all(|(thread, shown)| thread.is_some() && !shown)
    );
    let told = updates(&world);
    assert_eq!(told.len(), 8);
    assert!(told.iter().all(|(_, more)| more == "11"), "{told:?}");
    // Nobody else has to gather because of them.
    let outcome = world.deliver(&[alert("another", Severity::High)]);
    assert!(outcome.fates.iter().all(single), "{outcome:?}");
}

#[test]
fn repeats_go_into_the_thread_of_the_first_and_are_counted_there() {
    let world = world();
    world.deliver(&[
        like("a", "first", Severity::Medium),
        like("b", "other", Severity::Medium),
    ]);
    pass(&world, TimeDelta::hours(1));
    world.deliver(&[summary("a", "summary", "first", 12)]);
    assert_eq!(updates(&world), [("1".to_owned(), "12".to_owned())]);
    pass(&world, TimeDelta::minutes(1));
    world.deliver(&[like("a", "again", Severity::Medium)]);
    assert_eq!(updates(&world), [("1".to_owned(), "13".to_owned())]);
    let first = Some("1".to_owned());
    let expected = [
        (None, false),
        (None, false),
        (first.clone(), false),
        (first, false),
    ];
    assert_eq!(threads(&world), expected);
}

#[test]
fn what_is_grave_is_shown_in_the_channel_as_well() {
    for (severity, shown) in [
        (Severity::Critical, true),
        (Severity::High, true),
        (Severity::Medium, false),
    ] {
        let world = world();
        world.deliver(&[like("a", "first", severity)]);
        pass(&world, TimeDelta::hours(1));
        world.deliver(&[like("a", "again", severity)]);
        let again = (Some("1".to_owned()), shown);
        assert_eq!(threads(&world), [(None, false), again], "{severity:?}");
    }
}

#[test]
fn a_day_later_it_is_news_again() {
    let world = world();
    for (i, hours) in [0, 23, 2].into_iter().enumerate() {
        pass(&world, TimeDelta::hours(hours));
        world.deliver(&[like("a", &format!("alert-{i}"), Severity::Medium)]);
    }
    let expected = [(None, false), (Some("1".to_owned()), false), (None, false)];
    assert_eq!(threads(&world), expected);
}

#[test]
fn places_have_threads_of_their_own_and_webhooks_have_none() {
    let mut slack = StandIn::fine();
    slack.owners = vec!["#team"];
    slack.has_bot = true;
    let world = World::new(slack);
    let mut of_team = like("a", "of-team", Severity::Medium);
    of_team.owner = Some("#team".into());
    world.deliver(&[like("a", "first", Severity::Medium), of_team]);
    assert_eq!(threads(&world), [(None, false), (None, false)]);
    let world = World::new(StandIn::fine());
    world.deliver(&[like("a", "first", Severity::Medium)]);
    pass(&world, TimeDelta::hours(1));
    world.deliver(&[summary("a", "summary", "first", 12)]);
    assert_eq!(threads(&world), [(None, false), (None, false)]);
    assert!(updates(&world).is_empty());
}

#[test]
fn a_thread_that_was_deleted_is_begun_anew() {
    let world = world();
    world.deliver(&[like("a", "first", Severity::High)]);
    pass(&world, TimeDelta::hours(1));
    world.slack.plan([Weather::NoThread]);
    let outcome = world.deliver(&[like("a", "again", Severity::High)]);
    assert!(
        matches!(outcome.fates[..], [Fate::Posted { .. }]),
        "{outcome:?}"
    );
    assert!(outcome.troubles.is_empty(), "{outcome:?}");
    pass(&world, TimeDelta::hours(1));
    world.deliver(&[summary("a", "summary", "again", 3)]);
    assert_eq!(threads(&world)[2].0.as_deref(), Some("2"));
    assert_eq!(updates(&world), [("2".to_owned(), "3".to_owned())]);
}

#[test]
fn a_count_that_cannot_be_shown_costs_no_alert() {
    let world = world();
    world.deliver(&[like("a", "first", Severity::Medium)]);
    let patient = [Weather::Throttled(2), Weather::Throttled(2)];
    let impatient = [Weather::Throttled(60)];
    let hopeless = [Weather::Unfit];
    let plans: [&[Weather]; 3] = [&patient, &impatient, &hopeless];
    for (i, plan) in plans.into_iter().enumerate() {
        pass(&world, TimeDelta::minutes(1));
        world.slack.planned_updates.lock().unwrap().extend(plan);
        let outcome = world.deliver(&[like("a", &format!("again-{i}"), Severity::Medium)]);
        assert!(
            matches!(outcome.fates[..], [Fate::Posted { .. }]),
            "{outcome:?}"
        );
        let (shown, failed) = (updates(&world), outcome.failures.join(" "));
        match i {
            0 => assert_eq!((shown.len(), failed.as_str()), (1, "")),
            _ => assert!(
                shown.is_empty() && failed.contains("was not changed"),
                "{failed}"
            ),
        }
    }
    // The next that can be shown counts all.
    pass(&world, TimeDelta::minutes(1));
    world.deliver(&[like("a", "last", Severity::Medium)]);
    assert_eq!(updates(&world), [("1".to_owned(), "4".to_owned())]);
}

#[test]
fn a_token_that_is_not_good_is_told_once_for_all_channels() {
    let mut slack = StandIn::new(|_, _| Weather::Refused("Slack: token_revoked"));
    slack.owners = vec!["#team", "#other"];
    slack.has_bot = true;
    let world = World::new(slack);
    let alerts = ["#team", "#other", "#none"].map(|owner| {
        let mut alert = alert(owner, Severity::High);
        alert.owner = Some(owner.into());
        alert
    });
    let outcome = world.deliver(&alerts);
    let parked = |fate: &Fate| matches!(fate, Fate::Parked { .. });
    assert!(outcome.fates.iter().all(parked), "{outcome:?}");
    assert_eq!(outcome.troubles.len(), 1, "{outcome:?}");
    let text = outcome.troubles[0].text();
    assert!(
        text.contains("Slack refused the bot for good") && text.contains("chat:write"),
        "{text}"
    );
}
