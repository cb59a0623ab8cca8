//! What comes in, what goes out, and what has to come again.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be made ready fails its test"
)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

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
