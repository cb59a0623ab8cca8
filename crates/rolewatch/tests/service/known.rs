//! What is known costs one round trip, and is only taken for known where nothing about it is new.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::notify::Outbox;
use rolewatch::pipeline::Pipeline;
use rolewatch::store::table::{Commit, Item, Key, Sorts, Table, TableError, Write};
use rolewatch::store::{IsoWeek, Ledger, MemoryTable, Store, Windows};

use crate::harness::{PRODUCTION, allowlist, block_on, event};

/// Counts what would be a round trip to `DynamoDB`.
#[derive(Debug, Default)]
struct Counting {
    inner: MemoryTable,
    reads: AtomicUsize,
    commits: Mutex<Vec<usize>>,
}

impl Table for Counting {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.inner.read(keys, now).await
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        self.commits.lock().unwrap().push(writes.len());
        self.inner.commit(writes, now).await
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        self.inner.list(partition, sorts, limit, now).await
    }
}

struct Service {
    pipeline: Pipeline<Ledger<Counting>, Outbox>,
    sent: AtomicUsize,
}

const READ_ONLY: &str = "arn:aws:iam::123456789012:role/GitHubActionsReadOnlyRole";
const OLD: &str = "repo:my-org@111/data-science@456801:pull_request";
const NEW: &str = "repo:my-org@111/data-platform@456801:pull_request";

impl Service {
    fn new() -> Self {
        Self {
            pipeline: Pipeline::new(
                Ledger::new(Counting::default(), Windows::NONE),
                Outbox::default(),
            ),
            sent: AtomicUsize::default(),
        }
    }

    fn table(&self) -> &Counting {
        self.pipeline.store.table()
    }

    /// One invocation with a new event for each subject; the checks that fired.
    fn run(&self, role: &str, subjects: &[&str], now: &str) -> Vec<String> {
        let items = subjects.iter().map(|subject| {
            let id = self.sent.fetch_add(1, Ordering::Relaxed).to_string();
            event(&id, role, subject, now, None)
        });
        let reports = block_on(self.pipeline.run(items.collect(), &allowlist(), at(now)));
        assert!(reports.iter().all(|it| it.undone.is_none()), "{reports:?}");
        let told = self.pipeline.notifier.take();
        told.into_iter().map(|alert| alert.check).collect()
    }

    /// Reads, and the writes of each commit, since the last time.
    fn round_trips(&self) -> (usize, Vec<usize>) {
        let table = self.table();
        let commits = std::mem::take(&mut *table.commits.lock().unwrap());
        (table.reads.swap(0, Ordering::Relaxed), commits)
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn an_expected_assumption_costs_one_round_trip_and_a_batch_of_them_no_more() {
    const CLASSIC: &str = "repo:my-org/my-repo:environment:production";
    const IMMUTABLE: &str = "repo:my-org@111/my-repo@456789:environment:production";
    for subject in [CLASSIC, IMMUTABLE] {
        let service = Service::new();
        let now = "2026-11-18T10:00:00Z";
        assert_eq!(service.run(PRODUCTION, &[subject], now), ["first-use"]);
        service.round_trips();
        assert!(service.run(PRODUCTION, &[subject], now).is_empty());
        // The event, the row, and what has to be absent.
        assert_eq!(service.round_trips(), (0, vec![3]), "{subject}");
        // Updates of one row are merged: five events add up to one.
        assert!(service.run(PRODUCTION, &[subject; 5], now).is_empty());
        assert_eq!(service.round_trips(), (0, vec![7]), "{subject}");
        let week = block_on(service.pipeline.store.week(IsoWeek::of(at(now)), at(now))).unwrap();
        assert_eq!((week.len(), week[0].counts["n:expected"]), (1, 7));
    }
}

#[test]
fn a_repository_that_is_renamed_to_and_fro_on_one_day_is_noticed_each_time() {
    let service = Service::new();
    let mut fired = Vec::new();
    for (minute, subject) in (0..).zip([OLD, OLD, NEW, NEW, OLD, OLD, NEW]) {
        let now = at("2026-11-18T10:00:00Z") + TimeDelta::minutes(minute);
        let checks = service.run(READ_ONLY, &[subject], &now.to_rfc3339());
        fired.push(checks.join(" "));
    }
    assert_eq!(
        fired,
        [
            "first-use",
            "",
            "first-use repository-renamed",
            "",
            "repository-renamed",
            "",
            "repository-renamed"
        ]
    );
}

#[test]
fn in_one_batch_a_name_that_comes_back_is_noticed_too() {
    let service = Service::new();
    let now = "2026-11-18T10:00:00Z";
    service.run(READ_ONLY, &[OLD], now);
    let mut fired = service.run(READ_ONLY, &[OLD, NEW, OLD], now);
    fired.sort();
    assert_eq!(
        fired,
        ["first-use", "repository-renamed", "repository-renamed"]
    );
}

#[test]
fn a_repository_renamed_long_ago_costs_one_round_trip_again() {
    let service = Service::new();
    service.run(READ_ONLY, &[OLD], "2026-11-01T10:00:00Z");
    service.run(READ_ONLY, &[NEW], "2026-11-01T11:00:00Z");
    let later = "2026-11-18T10:00:00Z";
    service.run(READ_ONLY, &[NEW], later);
    service.round_trips();
    assert!(service.run(READ_ONLY, &[NEW], later).is_empty());
    assert_eq!(service.round_trips(), (0, vec![3]));
}
