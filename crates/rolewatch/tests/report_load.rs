//! Ten million assumptions over 5,000 pairs of role and subject: what a report costs is in the
//! number of pairs. Alone in its process, because memory is what it measures.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Instant;

use futures_util::FutureExt;
use rolewatch::allowlist::compile;
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::Source;
use rolewatch::report::rendering::{csv, html, json, markdown, slack, text};
use rolewatch::report::sheet::sheet;
use rolewatch::report::{Extras, Gatherer, Period, gather};
use rolewatch::store::table::{Commit, Item, Key, Sorts, Table, TableError, Write};
use rolewatch::store::{Ledger, Windows};

const PAIRS: u64 = 5_000;
/// Of a pair and a day: ten million in the week.
const CALLS: u64 = 286;
/// What is promised, in MiB.
const MOST_MEMORY: u64 = 128;
/// Far beyond what it takes, in seconds: that it ends at all.
const MOST_TIME: u64 = 120;

/// A table that has a row for every pair on every day, and keeps none of them.
struct Busy;

impl Table for Busy {
    async fn read(&self, keys: &[Key], _: i64) -> Result<Vec<Option<Item>>, TableError> {
        Ok(vec![None; keys.len()])
    }

    async fn commit(&self, _: &[Write], _: i64) -> Result<Commit, TableError> {
        Ok(Commit::Done)
    }

    async fn list(
        &self,
        partition: &str,
        sorts: Sorts<'_>,
        limit: usize,
        _: i64,
    ) -> Result<Vec<(Key, Item)>, TableError> {
        assert!(limit <= 1000, "{limit} rows at a time");
        let item = |pair: u64| (Key::new(partition, format!("{pair:06}")), row(pair));
        let wanted = (0..PAIRS)
            .map(item)
            .filter(|(key, _)| sorts.contains(&key.sort));
        Ok(wanted.take(limit).collect())
    }
}

fn row(pair: u64) -> Item {
    let (repository, role) = (pair % 1000, pair % 250);
    let subject = format!(
        "repo:my-org/service-{repository}:environment:stage-{}",
        pair / 1000
    );
    let about = serde_json::json!({
        "issuer": "https://token.actions.githubusercontent.com",
        "role_arn": format!("arn:aws:iam::123456789012:role/deploy-{role}"),
        "subject": subject,
        "rule": "services",
    });
    let mut counters: BTreeMap<String, u64> =
        (0..24).map(|hour| (format!("h:{hour:02}"), 11)).collect();
    counters.insert("h:09".into(), 11 + CALLS - 24 * 11);
    for (name, count) in [
        ("n:expected", CALLS),
        ("s:900", 200),
        ("s:1800", CALLS - 200),
        ("run", 250),
        ("unnamed", 100),
        ("r:eu-central-1", CALLS),
        ("l:20", 200),
        ("l:60", CALLS - 200),
    ] {
        counters.insert(name.into(), count);
    }
    Item {
        value: about.to_string(),
        counters,
        version: 1,
        expires: None,
    }
}

/// Runs a future that never waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}

#[test]
fn ten_million_assumptions_fit_into_little_memory() {
    let rule = "version = 1\n[[allow]]\nname = 'services'\n\
                roles = ['arn:aws:iam::123456789012:role/deploy-*']\n\
                repositories = ['my-org/*']\ncontexts = ['environment:*']\nmax_session = '1h'\n";
    let (allowlist, _) = compile(rule).unwrap();
    let began = Instant::now();
    let store = Ledger::new(Busy, Windows::default());
    let now = "2026-11-23T02:00:00Z".parse().unwrap();
    let gatherer = Gatherer::new(
        Period::parse_week("2026-W47").unwrap(),
        Source::Service,
        &allowlist,
        now,
    );
    let report = block_on(gather(&store, gatherer, Extras::default(), now)).unwrap();
    assert_eq!(report.totals.assumptions.now, PAIRS * CALLS * 7);
    assert!(report.totals.assumptions.now > 10_000_000);
    assert_eq!(report.totals.repositories.now, 1000);
    let sheet = sheet(&report);
    let bytes = [
        html::render(&report, &sheet).len(),
        text::render(&sheet, Colour::Plain).len(),
        markdown::render(&sheet).len(),
        json::render(&report).len(),
        csv::render(&sheet).len(),
        slack::message(&report, &sheet, None).to_string().len(),
    ];
    let (seconds, memory) = (began.elapsed().as_secs(), peak());
    println!("{seconds} s, {memory} MiB, pages of {bytes:?} bytes");
    assert!(memory < MOST_MEMORY, "{memory} MiB");
    assert!(seconds < MOST_TIME, "{seconds} s");
}
