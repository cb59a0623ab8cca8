//! What comes in, what goes out, and what has to come again.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be made ready fails its test"
)]

use std::collections::HashMap;
use std::future::poll_fn;
use std::path::Path;
use std::sync::Mutex;
use std::task::Poll;

use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError, Outbox};
use rolewatch::pipeline::{Item, Pipeline, Report};
use rolewatch::store::{IsoWeek, Ledger, MemoryTable, Store, Windows};

use crate::harness::{allowlist, block_on, sample};

fn service<N: Notifier>(notifier: N) -> Pipeline<Ledger<MemoryTable>, N> {
    // No window: every finding is told.
    let windows = Windows {
        quiet: chrono::TimeDelta::zero(),
        gather: chrono::TimeDelta::zero(),
    };
    Pipeline::new(Ledger::new(MemoryTable::default(), windows), notifier)
}

fn record(path: &str) -> String {
    let detail: serde_json::Value = serde_json::from_str(&sample(path)).unwrap();
    serde_json::json!({"id": "x", "detail-type": "AWS API Call via CloudTrail", "source": "aws.sts", "detail": detail}).to_string()
}

fn item(id: &str, body: String) -> Item {
    Item {
        id: id.into(),
        body: body.into_bytes(),
    }
}

const CONTEXT: &str = "records/unlisted-context/fires-branch-that-writes-to-slack.json";
const ROLE: &str = "records/unlisted-role";

fn any_of(folder: &str, prefix: &str) -> String {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let mut names: Vec<String> = std::fs::read_dir(samples.join(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    format!("{folder}/{}", names[0])
}

fn run<N: Notifier>(pipeline: &Pipeline<Ledger<MemoryTable>, N>, items: Vec<Item>) -> Vec<Report> {
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    block_on(pipeline.run(items, &allowlist(), now))
}

/// Refuses the alerts of some checks, so many times each.
#[derive(Default)]
struct Flaky {
    delivered: Outbox,
    refusals: Mutex<HashMap<String, u32>>,
}

impl Notifier for Flaky {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        if let Some(left) = self.refusals.lock().unwrap().get_mut(&alert.check)
            && *left > 0
        {
            *left -= 1;
            return Err(NotifyError::Later {
                reason: "throttled".into(),
                wait: None,
            });
        }
        self.delivered.notify(alert).await
    }
}

#[test]
fn a_poison_item_among_ten_becomes_a_finding_and_stops_nobody() {
    let pipeline = service(Outbox::default());
    let mut items: Vec<Item> = (0..9)
        .map(|n| {
            let body = record(CONTEXT).replacen("\"eventID\":\"", &format!("\"eventID\":\"{n}"), 1);
            item(&n.to_string(), body)
        })
        .collect();
    items.insert(4, item("poison", "\u{0}\u{1}not json".into()));
    let reports = run(&pipeline, items);
    assert!(reports.iter().all(|report| report.undone.is_none()));
    let alerts = pipeline.notifier.take();
    let unreadable: Vec<_> = alerts
        .iter()
        .filter(|it| it.check == "unreadable-record")
        .collect();
    assert_eq!((alerts.len(), unreadable.len()), (10, 1));
    assert!(
        unreadable[0].message.contains("poison"),
        "{}",
        unreadable[0].message
    );
}

#[test]
fn a_failed_publish_returns_exactly_its_item() {
    let notifier = Flaky::default();
    notifier
        .refusals
        .lock()
        .unwrap()
        .insert("unlisted-role".into(), 1);
    let pipeline = service(notifier);
    let items = || {
        vec![
            item("context", record(CONTEXT)),
            item("role", record(&any_of(ROLE, "fires-"))),
        ]
    };
    let undone = |reports: Vec<Report>| -> Vec<String> {
        reports
            .into_iter()
            .filter(|it| it.undone.is_some())
            .map(|it| it.item)
            .collect()
    };
    assert_eq!(undone(run(&pipeline, items())), ["role"]);
    assert_eq!(undone(run(&pipeline, items())), Vec::<String>::new());
    let mut checks: Vec<_> = pipeline
        .notifier
        .delivered
        .take()
        .into_iter()
        .map(|alert| alert.check)
        .collect();
    checks.sort();
    assert_eq!(
        checks,
        ["unlisted-context", "unlisted-role"],
        "each once, over both tries"
    );
}

/// Whoever waited for it is not to hold its lease, and nobody is to wait for a lease that no one uses.
#[test]
fn what_was_not_published_is_told_the_next_time() {
    let notifier = Flaky::default();
    let refusals = HashMap::from([("unlisted-context".into(), 2)]);
    *notifier.refusals.lock().unwrap() = refusals;
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    let pipeline = Pipeline::new(ledger, notifier);
    let another = record(CONTEXT).replacen("\"eventID\":\"", "\"eventID\":\"0", 1);
    let batch = || vec![item("a", record(CONTEXT)), item("b", another.clone())];
    let undone = |reports: Vec<Report>| -> Vec<bool> {
        reports.iter().map(|it| it.undone.is_some()).collect()
    };
    for _ in 0..2 {
        assert_eq!(undone(run(&pipeline, batch())), [true, true]);
    }
    assert_eq!(undone(run(&pipeline, batch())), [false, false]);
    assert_eq!(pipeline.notifier.delivered.take().len(), 1);
}

#[test]
fn a_duplicate_is_counted_and_told_once() {
    let pipeline = service(Outbox::default());
    run(
        &pipeline,
        vec![item("a", record(CONTEXT)), item("b", record(CONTEXT))],
    );
    run(&pipeline, vec![item("c", record(CONTEXT))]);
    let alerts = pipeline.notifier.take();
    assert_eq!(
        alerts.len(),
        1,
        "{:?}",
        alerts
            .iter()
            .map(|it| (&it.id, &it.repeats, &it.title))
            .collect::<Vec<_>>()
    );
    let record: serde_json::Value = serde_json::from_str(&sample(CONTEXT)).unwrap();
    let time: chrono::DateTime<chrono::Utc> =
        record["eventTime"].as_str().unwrap().parse().unwrap();
    let rows = block_on(pipeline.store.week(IsoWeek::of(time), time)).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].counts["n:unexpected"], 1);
}

/// Answers later, as a network does: others run meanwhile.
#[derive(Default)]
struct Slow(Outbox);

impl Notifier for Slow {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        let mut waited = false;
        poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                Poll::Ready(())
            } else {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await;
        self.0.notify(alert).await
    }
}

#[test]
fn copies_in_one_batch_are_told_once_and_reported_in_order() {
    let pipeline = service(Slow::default());
    let role = record(&any_of(ROLE, "fires-"));
    let bodies = [record(CONTEXT), record(CONTEXT), role, record(CONTEXT)];
    let items = bodies.into_iter().zip(["a", "b", "c", "d"]);
    let reports = run(&pipeline, items.map(|(body, id)| item(id, body)).collect());
    let told: Vec<_> = reports
        .iter()
        .map(|report| (report.item.as_str(), report.published))
        .collect();
    assert_eq!(told, [("a", 1), ("b", 0), ("c", 1), ("d", 0)]);
    assert_eq!(pipeline.notifier.0.take().len(), 2);
}

#[test]
fn other_issuers_are_counted_and_not_told() {
    let pipeline = service(Outbox::default());
    let reports = run(
        &pipeline,
        vec![item("eks", record(&any_of("records/others", "eks")))],
    );
    assert!(reports[0].undone.is_none());
    assert!(pipeline.notifier.take().is_empty());
}
