//! The allowlist at run time: cached, replaced, broken, gone; told once, and never silent.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::{About, Alert};
use rolewatch::allowlist_in_force::{
    Account, AllowlistInForce, Fresh, InForce, LARGEST, Shelf, SourceError,
};
use rolewatch::finding::Severity;
use rolewatch::notify::Outbox;
use rolewatch::pipeline::Pipeline;
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{Faults, FaultyTable, Rates, block_on, poll};

const ROLE: &str = "arn:aws:iam::123456789012:role/a";

/// A service without its functions' allowlists.
struct World {
    shelf: Shelf,
    service: Pipeline<Ledger<FaultyTable<MemoryTable>>, Outbox>,
}

impl World {
    fn new() -> Self {
        let table = FaultyTable {
            inner: Arc::default(),
            faults: Faults::new(1),
            // Lets another look come in between.
            turns_at_reads: true,
        };
        let ledger = Ledger::new(table, Windows::default());
        Self {
            shelf: Shelf::default(),
            service: Pipeline::new(ledger, Outbox::default()),
        }
    }

    /// A function on a cold start.
    fn start(&self) -> AllowlistInForce<&Shelf> {
        AllowlistInForce::new(&self.shelf, None)
    }

    /// The same, in an account.
    fn start_in(&self, number: &str, name: Option<&str>) -> AllowlistInForce<&Shelf> {
        let account = Account {
            number: number.into(),
            name: name.map(str::to_owned),
        };
        AllowlistInForce::new(&self.shelf, Some(account))
    }

    fn look(&self, function: &AllowlistInForce<&Shelf>, second: i64) -> InForce {
        block_on(function.look(&self.service.store, at(second))).unwrap()
    }

    fn put(&self, version: &str, content: impl Into<Vec<u8>>) {
        self.shelf.put(Ok(Fresh {
            content: content.into(),
            version: version.into(),
            author: Some("alice".into()),
        }));
    }

    fn fail(&self, error: SourceError) {
        self.shelf.put(Err(error));
    }

    fn set_down(&self, down: bool) {
        let store = if down { 1000 } else { 0 };
        let faults = &self.service.store.table().faults;
        faults.set(&Rates {
            store,
            ..Rates::default()
        });
    }

    /// What is told now.
    fn told(&self, second: i64) -> Vec<Alert> {
        block_on(self.service.sweep(at(second))).unwrap();
        self.service.notifier.take()
    }

    /// The only alert that is told now.
    fn only(&self, second: i64) -> Alert {
        let mut told = self.told(second);
        assert_eq!(told.len(), 1, "{told:#?}");
        let alert = told.remove(0);
        assert_eq!((alert.about, &alert.event), (About::Allowlist, &None));
        alert
    }
}

fn at(second: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    start + TimeDelta::seconds(second)
}

fn file(context: &str) -> String {
    format!(
        "version = 1\n[[allow]]\nname = 'deploys'\nroles = ['{ROLE}']\n\
         repositories = ['my-org/my-repo']\ncontexts = ['{context}']\n"
    )
}

const BROKEN: &str = "version = 1\n[[allow]]\nname = 'deploys'\nrolse = []\n";

/// Several accounts with one allowlist tell one topic: what is told of each is another alert.
#[test]
fn accounts_that_share_an_allowlist_are_told_apart() {
    let told = |number, name| {
        let world = World::new();
        world.put("7", "version = 1\n");
        let function = world.start_in(number, name);
        world.look(&function, 0);
        world.put("8", BROKEN);
        world.look(&function, 61);
        let mut told = world.told(61);
        told.sort_by(|a, b| a.check.cmp(&b.check));
        told
    };
    let (one, other) = (
        told("123456789012", Some("production")),
        told("210987654321", None),
    );
    assert_eq!(one.len(), 2, "{one:?}");
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one.check, other.check);
        assert_ne!(one.id, other.id);
        let (named, bare) = (
            "account production (123456789012): ",
            "account 210987654321: ",
        );
        assert!(one.message.starts_with(named), "{}", one.message);
        assert!(other.message.starts_with(bare), "{}", other.message);
    }
    // And the same is the same, whoever comes to it.
    assert_eq!(told("123456789012", None)[0].id, one[0].id);
}

#[test]
fn a_source_is_asked_once_a_minute() {
    let world = World::new();
    world.put("1", file("branch:main"));
    let function = world.start();
    for second in [0, 1, 59] {
        let in_force = world.look(&function, second);
        assert_eq!(in_force.version.as_deref(), Some("1"));
        assert_eq!(in_force.news, second == 0);
        assert_eq!(world.shelf.asked(), 1, "{second}");
    }
    world.look(&function, 60);
    world.look(&function, 61);
    assert_eq!(world.shelf.asked(), 2);
    // A clock that was set back.
    world.look(&function, 0);
    assert_eq!(world.shelf.asked(), 3);
    let alert = world.only(61);
    assert_eq!(
        (alert.check.as_str(), alert.severity),
        ("allowlist-changed", Severity::Info)
    );
}

#[test]
fn a_new_version_is_in_force_and_told_once_by_however_many_functions() {
    let world = World::new();
    world.put("1", file("branch:main"));
    let (one, other) = (world.start(), world.start());
    assert!(world.look(&one, 0).news);
    assert!(!world.look(&other, 1).news);
    world.told(1);
    world.put("2", file("any"));
    assert!(world.look(&other, 70).news);
    assert!(!world.look(&one, 71).news);
    assert!(!world.look(&world.start(), 72).news);
    let alert = world.only(72);
    assert_eq!(alert.severity, Severity::High);
    assert_eq!(
        alert.message,
        "version 2 by alice is in force instead of 1; broader: \"deploys\" (more contexts); \
         rules changed: \"deploys\""
    );
    assert_eq!(world.told(4000), []);
}

#[test]
fn two_functions_at_the_same_time_tell_it_once() {
    let world = World::new();
    world.put("1", file("branch:main"));
    let (one, other) = (world.start(), world.start());
    let mut first = Box::pin(one.look(&world.service.store, at(0)));
    let mut second = Box::pin(other.look(&world.service.store, at(0)));
    let (mut news, mut done) = (0, [false, false]);
    while done != [true, true] {
        for (look, done) in [&mut first, &mut second].into_iter().zip(&mut done) {
            if *done {
                continue;
            }
            if let std::task::Poll::Ready(in_force) = poll(look.as_mut()) {
                *done = true;
                let in_force = in_force.unwrap();
                news += usize::from(in_force.news);
                assert_eq!(in_force.version.as_deref(), Some("1"));
            }
        }
    }
    assert_eq!(news, 1);
    world.only(1);
}

#[test]
fn a_broken_version_keeps_the_last_good_one_in_force() {
    let world = World::new();
    let function = world.start();
    world.put("1", file("branch:main"));
    world.look(&function, 0);
    world.told(0);
    world.put("2", BROKEN);
    for (second, news) in [(60, true), (61, false), (120, false), (180, false)] {
        let in_force = world.look(&function, second);
        assert_eq!(in_force.version.as_deref(), Some("1"));
        assert_eq!(in_force.allowlist.rules().len(), 1);
        assert_eq!(in_force.news, news, "{second}");
    }
    let alert = world.only(181);
    assert_eq!(
        (alert.check.as_str(), alert.severity),
        ("allowlist-broken", Severity::High)
    );
    for part in [
        "version 2 by alice",
        "line 4: ",
        "did you mean `roles`?",
        "version 1 stays in force",
    ] {
        assert!(alert.message.contains(part), "{part} in {}", alert.message);
    }
    world.put("3", file("branch:main"));
    assert_eq!(world.look(&function, 240).version.as_deref(), Some("3"));
    let alert = world.only(240);
    assert!(
        alert.message.ends_with("as before"),
        "compared with the last good one: {}",
        alert.message
    );
}

#[test]
fn a_cold_start_with_a_broken_source_uses_the_stored_version() {
    let world = World::new();
    let long = format!("# {}\n{}", "ü".repeat(150_000), file("branch:main"));
    world.put("1", long.clone());
    world.look(&world.start(), 0);
    world.told(0);
    world.put("2", BROKEN);
    let in_force = world.look(&world.start(), 60);
    assert_eq!(in_force.version.as_deref(), Some("1"));
    assert_eq!(*in_force.text, *long);
    world.only(60);
    // Another one tells nothing more.
    assert_eq!(world.look(&world.start(), 61).allowlist.rules().len(), 1);
    assert_eq!(world.told(61), []);
}

#[test]
fn without_any_good_version_nothing_is_expected_and_it_is_said() {
    let world = World::new();
    world.put("1", BROKEN);
    let function = world.start();
    let in_force = world.look(&function, 0);
    assert_eq!(in_force.version, None);
    assert!(in_force.allowlist.rules().is_empty());
    assert!(
        in_force.allowlist.knows_issuer(
            &"https://token.actions.githubusercontent.com"
                .parse()
                .unwrap()
        )
    );
    let alert = world.only(0);
    assert_eq!(alert.severity, Severity::High);
    assert!(alert.title.starts_with("There is no usable allowlist"));
    world.put("2", file("any"));
    assert_eq!(world.look(&function, 60).version.as_deref(), Some("2"));
    assert_eq!(world.only(60).check, "allowlist-changed");
}

#[test]
fn a_source_that_is_gone_is_told_of_once_a_day() {
    let world = World::new();
    let function = world.start();
    world.put("1", file("any"));
    world.look(&function, 0);
    world.told(0);
    world.fail(SourceError::Gone("AccessDenied".into()));
    for second in [60, 120, 180] {
        assert_eq!(world.look(&function, second).version.as_deref(), Some("1"));
    }
    let alert = world.only(180);
    assert!(alert.message.contains("AccessDenied"), "{}", alert.message);
    let day = 86_400;
    world.look(&function, day);
    assert_eq!(world.only(day).check, "allowlist-broken");
}

#[test]
fn a_source_that_is_down_for_a_while_is_not_told_of() {
    let world = World::new();
    let function = world.start();
    world.put("1", file("any"));
    world.look(&function, 0);
    world.told(0);
    world.fail(SourceError::Later("SlowDown".into()));
    world.look(&function, 60);
    world.look(&function, 60 + 3599);
    assert_eq!(world.told(3660), []);
    world.look(&function, 60 + 3600 + 60);
    assert_eq!(world.only(3720).check, "allowlist-broken");
    // Nor where the stored version is good, on a cold start.
    let other = World::new();
    other.put("1", file("any"));
    other.look(&other.start(), 0);
    other.told(0);
    other.fail(SourceError::Later("SlowDown".into()));
    assert_eq!(other.look(&other.start(), 1).version.as_deref(), Some("1"));
    assert_eq!(other.told(1), []);
    // With none at all, it is.
    let empty = World::new();
    empty.fail(SourceError::Later("SlowDown".into()));
    assert_eq!(empty.look(&empty.start(), 0).version, None);
    empty.only(0);
}

#[test]
fn what_is_too_large_or_no_text_is_broken() {
    for (content, why) in [
        (vec![b'#'; LARGEST + 1], "larger than 8 MiB"),
        (b"version = 1\n# \xff\n".to_vec(), "not UTF-8 (line 2)"),
    ] {
        let world = World::new();
        world.put("1", content);
        assert_eq!(world.look(&world.start(), 0).version, None);
        let alert = world.only(0);
        assert!(alert.message.contains(why), "{}", alert.message);
    }
}

#[test]
fn with_the_store_down_a_new_version_is_in_force_and_told_when_it_is_back() {
    let world = World::new();
    let function = world.start();
    world.put("1", file("branch:main"));
    world.look(&function, 0);
    world.told(0);
    world.set_down(true);
    world.put("2", file("any"));
    let in_force = world.look(&function, 60);
    assert_eq!(in_force.version.as_deref(), Some("2"));
    assert!(in_force.store_error.is_some());
    world.put("3", BROKEN);
    assert_eq!(world.look(&function, 61).version.as_deref(), Some("2"));
    world.set_down(false);
    assert!(world.look(&function, 62).news);
    let mut checks: Vec<String> = world.told(62).into_iter().map(|it| it.check).collect();
    checks.sort();
    assert_eq!(checks, ["allowlist-broken", "allowlist-changed"]);
    assert!(!world.look(&function, 200).news);
    assert_eq!(world.told(200), []);
}

#[test]
fn a_cold_start_with_store_and_source_broken_judges_nothing_until_the_store_is_back() {
    let world = World::new();
    world.put("1", file("branch:main"));
    world.look(&world.start(), 0);
    world.told(0);
    world.put("2", BROKEN);
    world.set_down(true);
    let function = world.start();
    // Not "nothing is expected": nobody knows what is in force.
    assert!(block_on(function.look(&world.service.store, at(60))).is_err());
    world.set_down(false);
    assert_eq!(world.look(&function, 61).version.as_deref(), Some("1"));
    assert!(world.only(61).message.contains("version 1 stays in force"));
}

#[test]
fn an_alert_of_a_function_that_died_is_told_by_the_next_sweep() {
    let world = World::new();
    world.put("1", file("branch:main"));
    world.look(&world.start(), 0);
    // Leased, and never delivered.
    let due = block_on(rolewatch::store::Store::sweep(&world.service.store, at(0))).unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(world.told(59), []);
    world.only(60);
    assert_eq!(world.told(200), []);
}
