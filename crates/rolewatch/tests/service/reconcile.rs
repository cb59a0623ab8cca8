//! Events that CloudTrail knows of and nobody delivered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rolewatch::notify::Outbox;
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::reconcile::{History, HistoryError, Inbox, NotPut, Page, Reconciler, Summary};
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{Faults, FaultyTable, PRODUCTION, allowlist, block_on, event, poll};

const REGION: &str = "eu-central-1";

/// CloudTrail's history, in small pages.
#[derive(Default)]
struct Recorded {
    /// Region, when, and what happened.
    records: Mutex<Vec<(String, DateTime<Utc>, String)>>,
    /// The page, counted over all calls, that fails.
    fails_at: AtomicUsize,
    /// The page whose answer never comes.
    hangs_at: AtomicUsize,
    pages: AtomicUsize,
    /// The end of what was asked for last.
    until: Mutex<Option<DateTime<Utc>>>,
}

const PAGE: usize = 2;

impl Recorded {
    fn happened(&self, region: &str, id: &str, time: DateTime<Utc>) {
        self.recorded(region, time, record(id, time, None).to_string());
    }

    fn recorded(&self, region: &str, time: DateTime<Utc>, record: String) {
        let mut records = self.records.lock().unwrap();
        records.push((region.into(), time, record));
    }
}

impl History for &Recorded {
    async fn page(
        &self,
        region: &str,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        token: Option<String>,
    ) -> Result<Page, HistoryError> {
        let number = self.pages.fetch_add(1, Ordering::Relaxed) + 1;
        *self.until.lock().unwrap() = Some(until);
        if number == self.hangs_at.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if number == self.fails_at.load(Ordering::Relaxed) {
            return Err(HistoryError {
                region: region.into(),
                reason: "ThrottlingException".into(),
            });
        }
        let records = self.records.lock().unwrap();
        let mut found: Vec<_> = records
            .iter()
            .filter(|(of, at, _)| of == region && *at >= from && *at <= until)
            .collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.1));
        let start: usize = token.map_or(0, |token| token.parse().unwrap());
        let page = found.iter().skip(start).take(PAGE);
        Ok(Page {
            records: page.map(|it| it.2.clone()).collect(),
            next: (start + PAGE < found.len()).then(|| (start + PAGE).to_string()),
        })
    }
}

/// A call that the allowlist does not expect.
fn record(id: &str, time: DateTime<Utc>, error: Option<&str>) -> serde_json::Value {
    let subject = "repo:my-org/my-repo:ref:refs/heads/dev";
    let item = event(id, PRODUCTION, subject, &time.to_rfc3339(), error);
    let mut envelope: serde_json::Value = serde_json::from_slice(&item.body).unwrap();
    envelope["detail"].take()
}

/// What was put where events arrive.
#[derive(Default)]
struct Queue {
    events: Mutex<Vec<String>>,
    broken: Mutex<bool>,
    /// It never takes an event with this in it.
    refuses: Mutex<Option<&'static str>>,
}

impl Inbox for &Queue {
    async fn put(&self, event: String) -> Result<(), NotPut> {
        if *self.broken.lock().unwrap() {
            return Err(NotPut::Now("SQS: no answer".into()));
        }
        let refused = *self.refuses.lock().unwrap();
        if refused.is_some_and(|it| event.contains(it)) {
            return Err(NotPut::Ever("SQS: InvalidMessageContents".into()));
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }
}

#[derive(Default)]
struct World {
    table: Arc<MemoryTable>,
    history: Recorded,
    queue: Queue,
}

impl World {
    /// A store on the one table.
    fn store(&self) -> Ledger<FaultyTable<MemoryTable>> {
        let table = FaultyTable {
            inner: Arc::clone(&self.table),
            faults: Faults::new(1),
            turns_at_reads: false,
        };
        Ledger::new(table, Windows::NONE)
    }

    fn reconciler(&self) -> Reconciler<FaultyTable<MemoryTable>, &Recorded, &Queue> {
        Reconciler {
            store: self.store(),
            history: &self.history,
            inbox: &self.queue,
        }
    }

    fn run(&self, minute: i64) -> Summary {
        self.run_for(&[REGION], minute, usize::MAX)
    }

    /// A run that is tired after so many pages.
    fn run_for(&self, regions: &[&str], minute: i64, pages: usize) -> Summary {
        let regions: Vec<String> = regions.iter().map(|it| (*it).to_owned()).collect();
        let start = self.history.pages.load(Ordering::Relaxed);
        let tired = || self.history.pages.load(Ordering::Relaxed) - start >= pages;
        let reconciler = self.reconciler();
        block_on(reconciler.run(&regions, at(minute), tired))
    }

    /// Takes in what is in the queue. Returns the events that were alerted.
    fn take_in(&self) -> Vec<String> {
        let events = std::mem::take(&mut *self.queue.events.lock().unwrap());
        let service = Pipeline::new(self.store(), Outbox::default());
        let item = |body: String| Item {
            id: "x".into(),
            body: body.into_bytes(),
        };
        let items = events.into_iter().map(item).collect();
        let reports = block_on(service.run(items, &allowlist(), at(0)));
        assert!(reports.iter().all(|it| it.undone.is_none()), "{reports:?}");
        let alerts = service.notifier.take().into_iter();
        let mut ids: Vec<String> = alerts.filter_map(|it| Some(it.event?.event_id)).collect();
        ids.sort();
        ids
    }

    fn missed(&self) -> Option<u64> {
        let day: NaiveDate = "2026-11-20".parse().unwrap();
        block_on(self.reconciler().store.missed(day, day, at(0))).unwrap()
    }
}

fn at(minute: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minute)
}

fn summary(checked: u64, missed: u64) -> Summary {
    Summary {
        checked,
        missed,
        problems: Vec::new(),
    }
}

#[test]
fn what_was_missed_takes_the_same_way_and_is_counted_once() {
    let world = World::default();
    world.history.happened(REGION, "before", at(-60));
    assert_eq!(world.run(0), summary(0, 0), "nobody watched before");
    assert_eq!(world.missed(), Some(0), "looked at");
    world.history.happened(REGION, "arrived", at(1));
    world.history.happened(REGION, "lost", at(2));
    world.history.happened(REGION, "young", at(50));
    let record = world.history.records.lock().unwrap()[1].2.clone();
    let arrived = format!(
        "{{\"source\":\"aws.sts\",\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{record}}}"
    );
    world.queue.events.lock().unwrap().push(arrived);
    assert_eq!(world.take_in(), ["arrived"]);

    assert_eq!(world.run(60), summary(2, 1));
    assert_eq!(world.take_in(), ["lost"], "judged as any other");
    assert_eq!(world.missed(), Some(1));
    assert_eq!(
        world.run(120),
        summary(3, 1),
        "what was too young is looked for now"
    );
    assert_eq!(world.take_in(), ["young"]);
    assert_eq!(world.missed(), Some(2));
    assert_eq!(world.run(180).missed, 0);
    assert!(world.take_in().is_empty());
}

#[test]
fn a_run_without_time_is_gone_on_with() {
    let world = World::default();
    world.run(0);
    let ids: Vec<String> = (10..21).map(|n| format!("event-{n}")).collect();
    for (minute, id) in (1..).zip(&ids) {
        world.history.happened(REGION, id, at(minute));
    }
    let mut runs = 0;
    let behind = |world: &World, minute| {
        let behind = block_on(world.reconciler().behind(&[REGION.into()], at(minute)));
        behind.unwrap().unwrap()
    };
    while behind(&world, 60) > TimeDelta::minutes(30) {
        world.run_for(&[REGION], 60, 2);
        runs += 1;
        assert!(runs < 20, "no end");
    }
    assert!(runs > 2, "{runs}");
    assert_eq!(world.take_in(), ids);
    assert_eq!(world.missed(), Some(11));
}

#[test]
fn a_run_that_dies_is_gone_on_with_where_it_was() {
    let world = World::default();
    world.run(0);
    let ids: Vec<String> = (10..21).map(|n| format!("event-{n}")).collect();
    for (minute, id) in (1..).zip(&ids) {
        world.history.happened(REGION, id, at(minute));
    }
    world.history.hangs_at.store(4, Ordering::Relaxed);
    let reconciler = world.reconciler();
    let regions = [REGION.to_owned()];
    let mut run = Box::pin(reconciler.run(&regions, at(60), || false));
    for _ in 0..1000 {
        assert!(poll(run.as_mut()).is_pending());
    }
    drop(run);
    assert_eq!(world.take_in(), ids[5..], "three pages, the newest first");

    assert_eq!(world.run_for(&[REGION], 61, 1).problems, [""; 0]);
    let until = world.history.until.lock().unwrap().unwrap();
    assert_eq!(until, at(6), "where the third page ended");
    world.run(62);
    assert_eq!(
        world.take_in(),
        ids[..5],
        "and none of those that were there"
    );
    assert_eq!(world.missed(), Some(11));
}

#[test]
fn what_the_rule_leaves_out_was_not_missed_and_what_was_refused_was() {
    let world = World::default();
    world.run(0);
    let mut pod = record("pod", at(1), None);
    let provider =
        "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A";
    pod["userIdentity"]["identityProvider"] = provider.into();
    world.history.recorded(REGION, at(1), pod.to_string());
    // Who names no provider may be anybody.
    let mut nobody = record("refused", at(2), Some("AccessDenied"));
    nobody["userIdentity"] = serde_json::Value::Null;
    world.history.recorded(REGION, at(2), nobody.to_string());
    world.history.recorded(REGION, at(3), "damaged".into());
    assert_eq!(world.run(60), summary(2, 2));
    let queued = world.queue.events.lock().unwrap().join("\n");
    assert!(queued.contains("refused") && queued.contains("damaged") && !queued.contains("pod"));
}

#[test]
fn the_region_that_is_furthest_behind_comes_first() {
    let world = World::default();
    world.run_for(&["eu-west-1"], 0, usize::MAX);
    world.run_for(&[REGION], 10, usize::MAX);
    world.history.happened(REGION, "ours", at(20));
    world.history.happened("eu-west-1", "theirs", at(20));
    world.run_for(&[REGION, "eu-west-1"], 60, 1);
    assert_eq!(world.take_in(), ["theirs"], "there was time for one page");
}

#[test]
fn what_fails_is_said_and_done_the_next_time() {
    let world = World::default();
    let both = [REGION, "us-east-1"];
    world.run_for(&both, 0, usize::MAX);
    for minute in 1..8 {
        world
            .history
            .happened(REGION, &format!("a{minute}"), at(minute));
    }
    world.history.happened("us-east-1", "b", at(3));
    let pages = world.history.pages.load(Ordering::Relaxed);
    world.history.fails_at.store(pages + 3, Ordering::Relaxed);
    let failed = world.run_for(&both, 60, usize::MAX);
    assert_eq!(
        failed.problems,
        ["eu-central-1: CloudTrail's history of eu-central-1: ThrottlingException"]
    );
    assert!(
        world.take_in().contains(&"b".to_owned()),
        "the other region is done"
    );
    let rest = world.run_for(&both, 61, usize::MAX);
    assert!(rest.problems.is_empty(), "{rest:?}");
    world.take_in();
    assert_eq!(world.missed(), Some(8));
}

#[test]
fn an_event_that_could_not_be_put_is_put_later_and_counted_once() {
    let world = World::default();
    world.run(0);
    world.history.happened(REGION, "lost", at(2));
    *world.queue.broken.lock().unwrap() = true;
    let failed = world.run(60);
    assert!(failed.problems[0].contains("SQS: no answer"), "{failed:?}");
    *world.queue.broken.lock().unwrap() = false;
    assert_eq!(world.run(61).missed, 0, "it was counted");
    assert_eq!(world.take_in(), ["lost"]);
    assert_eq!(world.missed(), Some(1));
}

#[test]
fn an_event_that_is_never_taken_keeps_no_other_from_being_put() {
    let world = World::default();
    world.run(0);
    let ids: Vec<String> = (10..16).map(|n| format!("event-{n}")).collect();
    for (minute, id) in (1..).zip(&ids) {
        world.history.happened(REGION, id, at(minute));
    }
    *world.queue.refuses.lock().unwrap() = Some("event-13");
    let run = world.run(60);
    assert_eq!(
        run.problems,
        ["eu-central-1: the queue never takes event event-13: SQS: InvalidMessageContents"]
    );
    let others: Vec<&String> = ids.iter().filter(|it| *it != "event-13").collect();
    assert_eq!(world.take_in().iter().collect::<Vec<_>>(), others);
    assert_eq!(world.missed(), Some(6), "it was missed, too");
    let behind = block_on(world.reconciler().behind(&[REGION.into()], at(60)));
    assert_eq!(behind.unwrap(), Some(TimeDelta::minutes(30)), "and over");
}

#[test]
fn no_character_of_an_event_is_one_that_a_queue_refuses() {
    let world = World::default();
    world.run(0);
    let mut event = record("odd", at(1), None);
    event["userAgent"] = "a\u{ffff}b\u{1}\u{fffe}\u{202e}".into();
    world.history.recorded(REGION, at(1), event.to_string());
    world.run(60);
    let queued = world.queue.events.lock().unwrap()[0].clone();
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    assert!(!queued.contains(|c: char| c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}')));
    let read: serde_json::Value = serde_json::from_str(&queued).unwrap();
    assert_eq!(read["detail"]["userAgent"], event["userAgent"]);
}

#[test]
fn a_region_that_was_never_looked_at_is_not_up_to_date() {
    let world = World::default();
    let behind = block_on(world.reconciler().behind(&[REGION.into()], at(0)));
    assert_eq!(behind.unwrap(), None);
    assert_eq!(world.missed(), None);
}
