//! Others are always faster: that is no reason to think that nothing can be remembered.

use std::ops::Range;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use rolewatch::notify::Outbox;
use rolewatch::pipeline::Pipeline;
use rolewatch::store::table::{Commit, Item, Key, Sorts, Table, TableError, Write};
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{PRODUCTION, allowlist, block_on, event};

/// A table where some commits conflict.
#[derive(Debug)]
struct Contended {
    inner: MemoryTable,
    /// Which of the commits, from 0.
    conflicts: Range<usize>,
    commits: Mutex<usize>,
    /// After how many conflicts it was waited.
    waits: Mutex<Vec<u32>>,
}

impl Table for Contended {
    async fn read(&self, keys: &[Key], now: i64) -> Result<Vec<Option<Item>>, TableError> {
        self.inner.read(keys, now).await
    }

    async fn commit(&self, writes: &[Write], now: i64) -> Result<Commit, TableError> {
        let number = {
            let mut commits = self.commits.lock().unwrap();
            *commits += 1;
            *commits - 1
        };
        if self.conflicts.contains(&number) {
            return Ok(Commit::Conflict);
        }
        self.inner.commit(writes, now).await
    }

    async fn back_off(&self, conflicts: u32) {
        self.waits.lock().unwrap().push(conflicts);
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

type Service = Pipeline<Ledger<Contended>, Outbox>;

fn service(conflicts: Range<usize>) -> Service {
    let table = Contended {
        inner: MemoryTable::default(),
        conflicts,
        commits: Mutex::default(),
        waits: Mutex::default(),
    };
    Pipeline::new(Ledger::new(table, Windows::default()), Outbox::default())
}

/// Takes an event of a stranger in, which is critical; says why it has to come again, if so.
fn run(service: &Service) -> Option<String> {
    let time = "2026-11-18T10:00:00Z";
    let stranger = event(
        "e",
        PRODUCTION,
        "repo:evil-org/x:ref:refs/heads/main",
        time,
        None,
    );
    let now: DateTime<Utc> = time.parse().unwrap();
    let reports = block_on(service.run(vec![stranger], &allowlist(), now));
    reports.into_iter().find_map(|report| report.undone)
}

#[test]
fn it_is_tried_again_ever_later() {
    let service = service(0..3);
    assert_eq!(run(&service), None);
    assert_eq!(service.notifier.take().len(), 1);
    assert_eq!(*service.store.table().waits.lock().unwrap(), [1, 2, 3]);
}

/// An alert without memory would be one of many for the same thing.
#[test]
fn what_has_no_turn_comes_again_and_is_told_by_memory() {
    let service = service(0..16);
    assert!(run(&service).is_some_and(|why| why.contains("the store is busy")));
    assert!(service.notifier.take().is_empty());
    assert_eq!(run(&service), None);
    let told = service.notifier.take();
    assert_eq!(told.len(), 1);
    assert!(!told[0].message.contains("memory is down"), "{told:?}");
}

/// What some events of a batch cannot get holds back no alert of the others.
#[test]
fn what_was_taken_in_is_told_whoever_else_has_no_turn() {
    // Four are taken in together; the fifth is tried 16 times.
    let service = service(1..17);
    let time = "2026-11-18T10:00:00Z";
    let other_role = format!("{PRODUCTION}2");
    let batch = || {
        let stranger = |(number, role)| {
            let subject = format!("repo:evil-org-{number}/x:ref:refs/heads/main");
            event(&format!("e{number}"), role, &subject, time, None)
        };
        let roles = [PRODUCTION, PRODUCTION, PRODUCTION, PRODUCTION, &other_role];
        roles.into_iter().enumerate().map(stranger).collect()
    };
    let now: DateTime<Utc> = time.parse().unwrap();
    let reports = block_on(service.run(batch(), &allowlist(), now));
    let undone: Vec<bool> = reports.iter().map(|it| it.undone.is_some()).collect();
    assert_eq!(undone, [false, false, false, false, true], "{reports:?}");
    assert_eq!(service.notifier.take().len(), 1);
    let reports = block_on(service.run(batch(), &allowlist(), now));
    assert!(reports.iter().all(|it| it.undone.is_none()), "{reports:?}");
    assert_eq!(
        service.notifier.take().len(),
        1,
        "the fifth's, and no other again"
    );
}
