//! What is refused for good, what was posted before, a store that is down, an instance that dies.

use chrono::TimeDelta;
use rolewatch::dispatch::{Clock, Fate, Letter, Outcome, Trouble};
use rolewatch::finding::Severity;
use rolewatch::store::table::{Commit, Item, Key, Table, TableError, Write};

use crate::slack::{StandIn, Weather};
use crate::world::{Time, World, alert, letter, run};

fn parked(why: &str) -> Fate {
    Fate::Parked { why: why.into() }
}

fn is_posted(fate: &Fate) -> bool {
    matches!(fate, Fate::Posted { .. })
}

/// The subjects of what somebody was told.
fn told(outcome: &Outcome) -> Vec<String> {
    let troubles = outcome.troubles.iter();
    troubles.map(Trouble::subject).collect()
}

#[test]
fn a_revoked_webhook_parks_all_and_one_person_is_told_once() {
    let world = World::new(StandIn::new(|_, _| {
        Weather::Refused("Slack: 404 no_service")
    }));
    let batch: Vec<_> = (0..4)
        .map(|i| alert(&format!("a{i}"), Severity::High))
        .collect();
    let outcome = world.deliver(&batch);
    assert!(
        outcome
            .fates
            .iter()
            .all(|fate| *fate == parked("default: Slack: 404 no_service"))
    );
    // One request tells it for the batch.
    assert_eq!(world.slack.count("Refused"), 1);
    assert_eq!(told(&outcome), ["rolewatch: alerts do not reach Slack"]);
    let text = outcome.troubles[0].text();
    assert!(
        text.contains("404 no_service") && text.contains("make a new one"),
        "{text}"
    );
    let again = world.deliver(&[alert("b", Severity::Critical)]);
    assert_eq!(again.fates, [parked("default: Slack: 404 no_service")]);
    assert!(again.troubles.is_empty(), "{again:?}");
    // After some hours it is still broken, and said again.
    let key = outcome.troubles[0].key();
    let later = world.ledger.unsaid(&key, crate::world::start());
    run(&world.time, later).unwrap();
    assert_eq!(told(&world.deliver(&[alert("c", Severity::Low)])).len(), 1);
}

#[test]
fn what_was_parked_can_come_back_and_is_posted() {
    let world = World::new(StandIn::fine());
    world
        .slack
        .plan([Weather::Refused("Slack: 403 action_prohibited")]);
    let one = [alert("a", Severity::High)];
    assert!(matches!(world.deliver(&one).fates[0], Fate::Parked { .. }));
    assert!(is_posted(&world.deliver(&one).fates[0]));
}

#[test]
fn an_owner_whose_place_is_gone_is_told_in_the_default_place() {
    let mut slack = StandIn::new(|_, place| match place {
        "#team" => Weather::Refused("Slack: not_in_channel"),
        _ => Weather::Fine,
    });
    slack.owners = vec!["#team"];
    let world = World::new(slack);
    let mut of_team = alert("a", Severity::High);
    of_team.owner = Some("#team".into());
    let outcome = world.deliver(&[of_team, alert("b", Severity::High)]);
    assert!(outcome.fates.iter().all(is_posted), "{outcome:?}");
    let seen = world.slack.seen();
    assert!(seen.iter().all(|seen| seen.place == "default"));
    assert!(
        seen[0]
            .message
            .to_string()
            .contains("meant for #team: Slack: not_in_channel")
    );
    assert!(!seen[1].message.to_string().contains("meant for"));
    assert_eq!(told(&outcome).len(), 1);
    assert!(outcome.troubles[0].text().contains("Invite the app"));
}

#[test]
fn refused_blocks_are_said_as_plain_text_and_told_as_a_defect() {
    let world = World::new(StandIn::new(|_, _| Weather::NoBlocks));
    let outcome = world.deliver(&[alert("a", Severity::Critical)]);
    assert!(is_posted(&outcome.fates[0]), "{outcome:?}");
    let seen = world.slack.seen();
    let text = seen[0].message["text"].as_str().unwrap();
    assert!(
        text.contains("title of a") && text.contains("critical"),
        "{text}"
    );
    assert_eq!(
        told(&outcome),
        ["rolewatch: Slack did not take an alert as it was"]
    );
    assert_eq!(
        world.deliver(&[alert("a", Severity::Critical)]).fates,
        [Fate::Known]
    );
}

#[test]
fn what_is_fit_in_no_form_is_parked_and_holds_up_nothing_else() {
    let world = World::new(StandIn::fine());
    world.slack.plan([Weather::Unfit, Weather::Unfit]);
    let outcome = world.deliver(&[alert("a", Severity::Critical), alert("b", Severity::High)]);
    assert_eq!(outcome.fates[0], parked("Slack: 400 invalid_blocks"));
    assert!(is_posted(&outcome.fates[1]), "{outcome:?}");
}

#[test]
fn what_is_no_alert_is_parked() {
    let world = World::new(StandIn::fine());
    let letters = [
        Letter {
            alert: Err("the message is not a notification of SNS".into()),
            receives: 1,
            sent: None,
        },
        letter(&alert("a", Severity::Info), 1),
    ];
    let outcome = run(&world.time, world.dispatch(&letters));
    assert_eq!(
        outcome.fates[0],
        parked("the message is not a notification of SNS")
    );
    assert!(is_posted(&outcome.fates[1]));
    assert_eq!(
        told(&outcome),
        ["rolewatch: what is no alert was in the queue of alerts"]
    );
}

#[test]
fn an_alert_is_posted_once_however_often_it_comes() {
    let world = World::new(StandIn::fine());
    let twins = [
        alert("a", Severity::Critical),
        alert("a", Severity::Critical),
    ];
    let outcome = world.deliver(&twins);
    assert!(is_posted(&outcome.fates[0]));
    assert_eq!(outcome.fates[1], Fate::Known);
    // Among others, in a digest too.
    let many: Vec<_> = (0..9)
        .map(|i| alert(&format!("b{i}"), Severity::Low))
        .collect();
    assert!(world.deliver(&many).fates.iter().all(is_posted));
    let fates =
        world.deliver(&[&many[3..5], &twins[..1], &[alert("c", Severity::Critical)]].concat());
    assert_eq!(fates.fates[..3], [Fate::Known, Fate::Known, Fate::Known]);
    assert!(is_posted(&fates.fates[3]));
    assert_eq!(world.slack.seen().len(), 3);
}

#[test]
fn two_instances_with_the_same_message_post_it_once() {
    let world = World::new(StandIn::fine());
    for _ in 0..2 {
        world.send(alert("a", Severity::Critical), 0);
        for i in 0..60 {
            world.send(alert(&format!("b{i}"), Severity::Medium), 0);
        }
    }
    world.run();
    let seen: Vec<String> = world
        .slack
        .seen()
        .iter()
        .map(|it| it.message.to_string())
        .collect();
    for id in ["a"]
        .into_iter()
        .map(str::to_owned)
        .chain((0..60).map(|i| format!("b{i}")))
    {
        let times = seen
            .iter()
            .filter(|text| text.contains(&format!("`{id}`")))
            .count();
        assert_eq!(times, 1, "{id}");
    }
    assert_eq!(world.slack.count("too fast"), 0);
}

fn a_second_later(time: &Time) {
    run(time, time.sleep_until(time.now() + TimeDelta::seconds(1)));
}

/// A store of which nothing comes but this.
struct Hopeless(fn() -> Result<Commit, TableError>);

/// It never answers.
const AWAY: Hopeless = Hopeless(|| Err(TableError("away".into())));
/// Others are always faster.
const CONTENDED: Hopeless = Hopeless(|| Ok(Commit::Conflict));

impl Table for Hopeless {
    async fn read(&self, keys: &[Key], _: i64) -> Result<Vec<Option<Item>>, TableError> {
        (self.0)().map(|_| vec![None; keys.len()])
    }

    async fn commit(&self, _: &[Write], _: i64) -> Result<Commit, TableError> {
        (self.0)()
    }

    async fn list(
        &self,
        _: &str,
        _: rolewatch::store::table::Sorts<'_>,
        _: usize,
        _: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        (self.0)().map(|_| Vec::new())
    }
}

#[test]
fn without_the_store_everything_is_posted_all_the_same() {
    let world = World::with(StandIn::fine(), AWAY);
    let batch: Vec<_> = (0..4)
        .map(|i| alert(&format!("a{i}"), Severity::High))
        .collect();
    let outcome = world.deliver(&batch);
    assert!(outcome.fates.iter().all(is_posted), "{outcome:?}");
    assert!(
        outcome.failures.iter().all(|why| why.contains("away")) && !outcome.failures.is_empty()
    );
    assert_eq!(
        (world.slack.seen().len(), world.slack.count("too fast")),
        (4, 0)
    );
    a_second_later(&world.time);
    world.slack.plan([
        Weather::Throttled(30),
        Weather::Refused("Slack: 404 no_service"),
    ]);
    let outcome = world.deliver(&batch[..2]);
    let held = |fate: &Fate| matches!(fate, Fate::Held { seconds: 31, .. });
    assert!(outcome.fates.iter().all(held), "{outcome:?}");
    // Told each time rather than never.
    a_second_later(&world.time);
    assert_eq!(told(&world.deliver(&batch[..1])).len(), 1);
}

#[test]
fn where_others_are_faster_nothing_is_posted_twice_and_all_comes_again() {
    let world = World::with(StandIn::fine(), CONTENDED);
    let outcome = world.deliver(&[alert("a", Severity::High), alert("b", Severity::Critical)]);
    let busy =
        |fate: &Fate| matches!(fate, Fate::Held { seconds: 5..=6, why } if why.contains("busy"));
    assert!(outcome.fates.iter().all(busy), "{outcome:?}");
    assert_eq!(world.slack.seen().len(), 0);
}

#[test]
fn an_instance_that_dies_loses_nothing() {
    let mut world = World::new(StandIn::fine());
    world.deadly = Some(7);
    for i in 0..200 {
        let severity = if i % 10 == 0 {
            Severity::Critical
        } else {
            Severity::Medium
        };
        world.send(alert(&format!("finding-{i:03}"), severity), i / 4);
    }
    world.run();
    let seen = world.slack.seen();
    for i in 0..200 {
        let id = format!("finding-{i:03}");
        assert!(
            seen.iter().any(|it| it.message.to_string().contains(&id)),
            "{id}"
        );
    }
    assert!(world.dead.lock().unwrap().is_empty());
}

#[test]
fn that_a_place_is_lacking_is_told_once_in_a_while() {
    let world = World::new(StandIn::fine());
    let now = crate::world::start();
    let told = |hours| {
        let trouble = Trouble::lacking("the routes are not an object of JSON");
        run(
            &world.time,
            trouble.if_news(&world.ledger, now + TimeDelta::hours(hours)),
        )
    };
    let first = told(0).unwrap();
    assert!(
        first
            .text()
            .contains("the routes are not an object of JSON")
    );
    assert!(told(5).is_none());
    assert!(told(6).is_some());
}

#[test]
fn where_the_address_cannot_be_had_all_wait_and_somebody_is_told() {
    let world = World::new(StandIn::fine());
    let letters = [
        letter(&alert("a", Severity::Critical), 1),
        letter(&alert("b", Severity::Low), 301),
    ];
    let why = "cannot read ssm:/rolewatch/slack-webhook: ParameterNotFound";
    let now = crate::world::start();
    let outcome = Outcome::without_slack(&world.ledger, &letters, why, now);
    let outcome = run(&world.time, outcome);
    let seconds: Vec<u32> = outcome
        .fates
        .iter()
        .map(|fate| match fate {
            Fate::Held { seconds, .. } => *seconds,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seconds, [60, 1800]);
    assert!(outcome.troubles[0].text().contains(why));
    let again = Outcome::without_slack(&world.ledger, &letters, why, now + TimeDelta::hours(5));
    assert!(run(&world.time, again).troubles.is_empty());
    let again = Outcome::without_slack(&world.ledger, &letters, why, now + TimeDelta::hours(6));
    assert_eq!(run(&world.time, again).troubles.len(), 1);
}
