//! The store is down: what needs no memory is told at once, marked, and only so often.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::Alert;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::{Ledger, MemoryTable, StoreError, Windows};
use rolewatch::upkeep::{Own, attend};

use crate::harness::{
    Faults, FaultyNotifier, FaultyTable, PRODUCTION, Rates, allowlist, block_on, event, sample,
};

const NOW: &str = "2026-11-18T10:00:00Z";
const ALWAYS: u64 = 1000;
const DOWN: Rates = Rates {
    store: ALWAYS,
    notify: 0,
    allowlist: 0,
    lost: 0,
    kills: 0,
};

struct World {
    service: Pipeline<Ledger<FaultyTable<MemoryTable>>, FaultyNotifier>,
    faults: Arc<Faults>,
    allowlist: Allowlist,
}

impl World {
    /// A service whose store is down from the first moment.
    fn new() -> Self {
        let faults = Faults::new(1);
        faults.set(&DOWN);
        let table = FaultyTable {
            inner: Arc::default(),
            faults: Arc::clone(&faults),
            turns_at_reads: false,
        };
        let ledger = Ledger::new(table, Windows::default());
        Self {
            service: Pipeline::new(ledger, FaultyNotifier::new(&faults)),
            faults,
            allowlist: allowlist(),
        }
    }

    /// Takes in an item about the service itself, as the function does.
    fn attend(&self, item: &Item, minute: i64) {
        let own = Own {
            names: vec!["rolewatch-".into()],
            ..Own::default()
        };
        let now = NOW.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute);
        let not = block_on(attend(item, &own, &self.service.store, now)).unwrap_err();
        assert!(matches!(not.error, StoreError::Down(_)), "{not}");
        block_on(self.service.tell_unkept(*not.alert.unwrap(), now));
    }

    /// Takes items in, and says which of them have to come again.
    fn run(&self, items: Vec<Item>, minute: i64) -> Vec<bool> {
        let now = NOW.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute);
        let reports = block_on(self.service.run(items, &self.allowlist, now));
        reports.iter().map(|it| it.undone.is_some()).collect()
    }

    fn told(&self) -> Vec<Alert> {
        self.service.notifier.alerts()
    }

    /// The subjects of what was told, in order.
    fn subjects(&self) -> Vec<String> {
        let subject = |alert: Alert| alert.event.and_then(|it| it.subject).unwrap();
        self.told().into_iter().map(subject).collect()
    }
}

/// An event of a stranger on a listed role: critical.
fn stranger(id: &str) -> Item {
    let subject = format!("repo:evil-org/x:ref:refs/heads/{id}");
    event(id, PRODUCTION, &subject, NOW, None)
}

/// An event on a role of which the allowlist knows nothing: high, a kind of its own for each.
fn unlisted_role(number: usize) -> Item {
    let role = format!("arn:aws:iam::123456789012:role/unknown-{number}");
    let subject = "repo:my-org/my-repo:ref:refs/heads/main";
    event(&format!("role-{number}"), &role, subject, NOW, None)
}

#[test]
fn what_is_told_without_memory_is_marked_and_comes_again() {
    let world = World::new();
    assert_eq!(world.run(vec![stranger("a")], 0), [true]);
    let told = world.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].check, "unlisted-owner");
    assert!(
        told[0].message.ends_with(
            " (rolewatch's memory is down: this may be told again, and repeats are not counted)"
        ),
        "{}",
        told[0].message
    );
}

#[test]
fn a_kind_is_told_once_in_ten_minutes() {
    let world = World::new();
    world.run(vec![stranger("a"), stranger("b")], 0);
    world.run(vec![stranger("a"), stranger("c")], 9);
    assert_eq!(world.subjects(), ["repo:evil-org/x:ref:refs/heads/a"]);
    world.run(vec![stranger("d")], 10);
    assert_eq!(world.told().len(), 2);
    world.run(vec![stranger("e")], 19);
    assert_eq!(world.told().len(), 2, "counted from the last one told");
}

#[test]
fn many_kinds_are_bounded_and_crowd_out_nothing_that_is_worse() {
    let world = World::new();
    let mut items: Vec<Item> = (0..250).map(unlisted_role).collect();
    items.push(stranger("late"));
    assert!(world.run(items, 0).into_iter().all(|undone| undone));
    let told = world.told();
    assert_eq!(told.len(), 201);
    assert_eq!(told[0].check, "unlisted-owner", "critical ones first");
    world.run(vec![unlisted_role(251)], 5);
    assert_eq!(world.told().len(), 201);
    world.run(vec![unlisted_role(251)], 10);
    assert_eq!(world.told().len(), 202, "the old ones make room");
}

#[test]
fn one_that_did_not_arrive_is_told_the_next_time() {
    let world = World::new();
    let refused = Rates {
        notify: ALWAYS,
        ..DOWN
    };
    world.faults.set(&refused);
    assert_eq!(world.run(vec![stranger("a")], 0), [true]);
    assert!(world.told().is_empty());
    world.faults.set(&DOWN);
    world.run(vec![stranger("a")], 1);
    assert_eq!(world.told().len(), 1);
}

#[test]
fn what_can_wait_or_is_expected_is_not_told() {
    let mut world = World::new();
    let main = "repo:my-org/my-repo:pull_request";
    let denied = event("denied", PRODUCTION, main, NOW, Some("AccessDenied"));
    assert_eq!(world.run(vec![denied], 0), [true]);
    let audit = sample("allowlist.toml").replacen("\"enforce\"", "\"audit\"", 1);
    world.allowlist = compile(&audit).unwrap().0;
    assert_eq!(world.run(vec![stranger("a")], 0), [true], "audit mode");
    assert!(world.told().is_empty());
}

#[test]
fn with_the_store_back_it_is_told_by_its_window_and_counted_once() {
    let world = World::new();
    world.run(vec![stranger("a")], 0);
    world.faults.stop();
    assert_eq!(world.run(vec![stranger("a")], 1), [false]);
    assert_eq!(world.run(vec![stranger("a")], 2), [false]);
    let told = world.told();
    assert_eq!(told.len(), 2, "once without memory, once with it");
    assert!(!told[1].message.contains("memory is down"));
    assert_eq!(
        told[0].id, told[1].id,
        "whoever posts can tell that they are one"
    );
}

#[test]
fn that_the_table_itself_is_taken_away_is_told() {
    let world = World::new();
    let gone = |id: &str, table: &str| {
        let deed = serde_json::json!({
            "source": "aws.dynamodb", "detail-type": "AWS API Call via CloudTrail",
            "detail": {
                "eventID": id, "eventTime": NOW, "eventSource": "dynamodb.amazonaws.com", "eventName": "DeleteTable",
                "awsRegion": "eu-central-1", "recipientAccountId": "123456789012", "sourceIPAddress": "198.51.100.7",
                "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/mallory"},
                "requestParameters": {"tableName": table},
            },
        });
        Item {
            id: id.into(),
            body: deed.to_string().into_bytes(),
        }
    };
    world.attend(&gone("1", "rolewatch-Memory-1A2B"), 0);
    // It comes again from its queue, until there is a table.
    world.attend(&gone("1", "rolewatch-Memory-1A2B"), 3);
    let [alert] = &world.told()[..] else {
        panic!("{:#?}", world.told());
    };
    assert_eq!(alert.check, "watcher-tampered");
    assert!(alert.message.contains("memory is down"), "{alert:?}");
    assert!(alert.title.contains("DeleteTable"), "{alert:?}");
    world.attend(&gone("1", "rolewatch-Memory-1A2B"), 10);
    assert_eq!(world.told().len(), 2, "ten minutes later");
}
