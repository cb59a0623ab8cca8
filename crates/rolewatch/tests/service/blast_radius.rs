//! What a suggestion would have allowed besides, held to what it does allow.

use chrono::DateTime;
use rolewatch::alert::Alert;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::notify::Outbox;
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{PRODUCTION, allowlist, block_on, event, sample};

const NOW: &str = "2026-11-18T10:00:00Z";
const CLASSIC: &str = "repo:my-org/my-repo:ref:refs/heads/dev";
const WITH_IDS: &str = "repo:my-org@111/my-repo@456789:ref:refs/heads/dev";
const OTHER_BRANCH: &str = "repo:my-org@111/my-repo@456789:ref:refs/heads/other";

type Service = Pipeline<Ledger<MemoryTable>, Outbox>;

fn service() -> Service {
    let ledger = Ledger::new(MemoryTable::default(), Windows::NONE);
    Pipeline::new(ledger, Outbox::default())
}

fn run(service: &Service, name: &str, subjects: &[&str], allowlist: &Allowlist) -> Vec<Alert> {
    let items: Vec<Item> = subjects
        .iter()
        .enumerate()
        .map(|(i, subject)| event(&format!("{name}-{i}"), PRODUCTION, subject, NOW, None))
        .collect();
    let now: DateTime<chrono::Utc> = NOW.parse().unwrap();
    for report in block_on(service.run(items, allowlist, now)) {
        assert_eq!(report.undone, None);
    }
    let mut alerts = service.notifier.take();
    alerts.retain(|alert| alert.check == "unlisted-context");
    alerts
}

/// How many of the past are said to have been allowed, and how many the suggestion allows.
fn said_and_allowed(past: &[&str], last: &str) -> (u64, u64) {
    let service = service();
    run(&service, "past", past, &allowlist());
    let alert = run(&service, "last", &[last], &allowlist()).remove(0);
    let suggestion = alert.suggestion.unwrap();
    let more = format!("{}\n{suggestion}\n", sample("allowlist.toml"));
    let wider = compile(&more).unwrap().0;
    let refused = run(&self::service(), "past", past, &wider).len();
    let said = alert.background.allowed_too.unwrap();
    (said, (past.len() - refused).try_into().unwrap())
}

#[test]
fn a_rule_without_ids_allows_those_with_ids_too() {
    let past = [WITH_IDS, CLASSIC, OTHER_BRANCH, WITH_IDS];
    assert_eq!(said_and_allowed(&past, CLASSIC), (3, 3));
}

#[test]
fn a_rule_with_ids_allows_those_alone() {
    let past = [WITH_IDS, CLASSIC, OTHER_BRANCH, WITH_IDS];
    assert_eq!(said_and_allowed(&past, WITH_IDS), (2, 2));
}

#[test]
fn nothing_before_is_nothing() {
    assert_eq!(said_and_allowed(&[OTHER_BRANCH], CLASSIC), (0, 0));
}
