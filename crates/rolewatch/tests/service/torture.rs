//! Thousands of events with duplicates, in random order, while every effect fails now and then
//! and the process dies between any two of them. Then everything is counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::Alert;
use rolewatch::allowlist::Allowlist;
use rolewatch::detect::decide;
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::{IsoWeek, Ledger, MemoryTable, Store, Windows};

use crate::harness::{
    Dice, Faults, FaultyNotifier, FaultyTable, PRODUCTION, allowlist, block_on, event, poll,
};

type Service = Pipeline<Ledger<FaultyTable<MemoryTable>>, FaultyNotifier>;

/// What is broken, of a thousand.
#[derive(Clone, Copy)]
struct Rates {
    store: u64,
    notify: u64,
    lost: u64,
    kills: u64,
}

struct Torture {
    service: Service,
    table: Arc<MemoryTable>,
    faults: Arc<Faults>,
    allowlist: Allowlist,
    dice: Dice,
    kills: u64,
    killed: u64,
    now: DateTime<Utc>,
}

/// Events of one week: expected ones, strangers' branches, refused retries, other issuers'.
fn events(count: u64, dice: &Dice) -> Vec<Item> {
    let staging = PRODUCTION.replace("Production", "Staging");
    (0..count)
        .map(|n| {
            let time = format!("2026-11-18T{:02}:{:02}:00Z", dice.below(24), dice.below(60));
            let id = format!("event-{n}");
            match dice.below(10) {
                0..4 => event(
                    &id,
                    PRODUCTION,
                    "repo:my-org/my-repo:environment:production",
                    &time,
                    None,
                ),
                4..6 => {
                    let branch = format!("repo:my-org/my-repo:ref:refs/heads/x{}", dice.below(40));
                    event(&id, PRODUCTION, &branch, &time, None)
                }
                6 => event(
                    &id,
                    &staging,
                    "repo:evil-org/x:ref:refs/heads/main",
                    &time,
                    None,
                ),
                7..9 => event(
                    &id,
                    PRODUCTION,
                    "repo:my-org/my-repo:pull_request",
                    &time,
                    Some("AccessDenied"),
                ),
                _ => event(
                    &id,
                    &staging,
                    "repo:my-org@111/my-repo@456789:ref:refs/heads/main",
                    &time,
                    None,
                ),
            }
        })
        .collect()
}

impl Torture {
    fn new(seed: u64, rates: Rates) -> Self {
        let faults = Faults::new(seed, rates.store, rates.notify, rates.lost);
        let table = Arc::new(MemoryTable::default());
        let broken = FaultyTable {
            inner: Arc::clone(&table),
            faults: Arc::clone(&faults),
            turns_at_reads: true,
        };
        Self {
            service: Pipeline::new(
                Ledger::new(broken, Windows::default()),
                FaultyNotifier::new(&faults),
            ),
            table,
            faults,
            allowlist: allowlist(),
            dice: Dice::new(seed ^ 0xABCD),
            kills: rates.kills,
            killed: 0,
            now: "2026-11-18T12:00:00Z".parse().unwrap(),
        }
    }

    /// Runs to the end, or is killed at some turn: then nothing is known of it any more.
    fn run_or_kill<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let turns = (self.dice.below(1000) < self.kills).then(|| self.dice.below(20));
        for turn in 0.. {
            if turns == Some(turn) {
                self.killed += 1;
                return None;
            }
            if let Poll::Ready(value) = poll(future.as_mut()) {
                return Some(value);
            }
        }
        None
    }

    /// Delivers a batch, as a queue does; whatever is not reported as done comes again.
    fn batch(&mut self, queue: &mut Vec<Item>) {
        let mut batch = Vec::new();
        while batch.len() < 10 && !queue.is_empty() {
            let at = usize::try_from(self.dice.below(queue.len() as u64)).unwrap();
            batch.push(queue.swap_remove(at));
        }
        let service = Pipeline::new(
            Ledger::new(
                FaultyTable {
                    inner: Arc::clone(&self.table),
                    faults: Arc::clone(&self.faults),
                    turns_at_reads: true,
                },
                Windows::default(),
            ),
            self.service.notifier.clone(),
        );
        let allowlist = self.allowlist.clone();
        let (items, now) = (batch.clone(), self.now);
        match self.run_or_kill(async { service.run(items, &allowlist, now).await }) {
            None => queue.extend(batch),
            Some(reports) => {
                let undone = batch
                    .into_iter()
                    .zip(&reports)
                    .filter(|(_, report)| report.undone.is_some());
                queue.extend(undone.map(|(item, _)| item));
            }
        }
        let sweeper = Pipeline::new(service.store, self.service.notifier.clone());
        if self.dice.below(10) == 0 {
            let now = self.now;
            let _ = self.run_or_kill(async { sweeper.sweep(now).await });
        }
        self.now += TimeDelta::seconds(i64::try_from(self.dice.below(15)).unwrap());
    }

    /// Everything is delivered, every window closes, nothing fails any more.
    fn settle(&mut self, mut queue: Vec<Item>) {
        self.faults.stop();
        self.kills = 0;
        while !queue.is_empty() {
            self.batch(&mut queue);
            self.now += TimeDelta::seconds(61);
        }
        for _ in 0..3 {
            self.now += TimeDelta::hours(2);
            while block_on(self.service.sweep(self.now)).unwrap().0 > 0 {}
        }
    }
}

/// The findings of distinct events by quiet key, and their outcomes.
fn truth(items: &[Item], allowlist: &Allowlist) -> (HashMap<String, u64>, BTreeMap<String, u64>) {
    let (mut findings, mut outcomes) = (HashMap::new(), BTreeMap::new());
    let mut seen = HashSet::new();
    for item in items.iter().filter(|item| seen.insert(&item.id)) {
        for observation in item.observations() {
            let decision = decide(&observation, allowlist);
            *outcomes
                .entry(format!("n:{}", decision.outcome.as_str()))
                .or_default() += 1;
            for finding in decision.findings {
                *findings.entry(finding.check.id.to_owned()).or_default() += 1;
            }
        }
    }
    (findings, outcomes)
}

/// How many findings the alerts tell of, each alert counted once however often it came, and how
/// often one came again.
fn told(alerts: &[Alert]) -> (HashMap<String, u64>, u64) {
    let (mut told, mut again) = (HashMap::new(), 0);
    let mut seen = HashSet::new();
    for alert in alerts.iter().filter(|alert| !is_degraded(alert)) {
        if !seen.insert(&alert.id) {
            again += 1;
            continue;
        }
        let gathered = alert.severity <= rolewatch::finding::Severity::Low;
        let findings = alert.repeats.map_or(1, |repeats| {
            repeats + u64::from(gathered && !alert.title.contains(" more: "))
        });
        *told.entry(alert.check.clone()).or_default() += findings;
    }
    (told, again)
}

/// Told while the store was down: the same finding is told of again by its window.
fn is_degraded(alert: &Alert) -> bool {
    alert.message.contains("memory is down")
}

/// Checks of which the ledger adds findings by memory; the truth without memory knows none.
const BY_MEMORY: [&str; 4] = [
    "first-use",
    "probing",
    "classic-after-immutable",
    "repository-renamed",
];

fn torture(count: u64, seed: u64, rates: Rates) -> String {
    let mut torture = Torture::new(seed, rates);
    let distinct = events(count, &torture.dice);
    let mut queue = distinct.clone();
    queue
        .extend((0..count / 10).map(|n| distinct[usize::try_from(n * 7 % count).unwrap()].clone()));
    let (findings, outcomes) = truth(&distinct, &torture.allowlist);
    let mut rounds = 0;
    while queue.len() > 50 && rounds < count {
        torture.batch(&mut queue);
        rounds += 1;
    }
    torture.settle(queue);

    let alerts = torture.service.notifier.alerts();
    let (told, again) = told(&alerts);
    let mut table = format!(
        "{count} events, {} duplicates, {} kills\n",
        count / 10,
        torture.killed
    );
    for (what, times) in torture.faults.injected.lock().unwrap().iter() {
        table
            .write_fmt(format_args!("  injected {times:>6}  {what}\n"))
            .unwrap();
    }
    let degraded = alerts.iter().filter(|alert| is_degraded(alert)).count();
    table.write_fmt(format_args!(
        "  alerts   {:>6}  of which {again} came again, and {degraded} while the store was down\n",
        alerts.len()
    )).unwrap();
    for (check, wanted) in &findings {
        let got = told.get(check).copied().unwrap_or_default();
        table
            .write_fmt(format_args!(
                "  {check}: {wanted} findings, {got} told of\n"
            ))
            .unwrap();
        assert!(got >= *wanted, "findings were lost\n{table}");
        if rates.kills + rates.lost + rates.store == 0 {
            assert_eq!(
                got, *wanted,
                "nothing died, and something was told twice\n{table}"
            );
        }
    }
    assert!(
        told.keys()
            .all(|check| findings.contains_key(check) || BY_MEMORY.contains(&check.as_str()))
    );

    let week = IsoWeek::of("2026-11-18T12:00:00Z".parse().unwrap());
    let rows = block_on(torture.service.store.week(week, torture.now)).unwrap();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for (name, count) in rows.into_iter().flat_map(|row| row.counts) {
        if name.starts_with("n:") {
            *counted.entry(name).or_default() += count;
        }
    }
    assert_eq!(counted, outcomes, "the rollups are not the truth\n{table}");
    table.push_str("  rollups are exactly the truth\n");
    table
}

#[test]
fn without_deaths_every_finding_is_told_exactly_once() {
    println!(
        "{}",
        torture(
            600,
            1,
            Rates {
                store: 0,
                notify: 200,
                lost: 0,
                kills: 0
            }
        )
    );
}

#[test]
fn with_deaths_and_lost_answers_no_finding_is_lost() {
    for seed in 2..5 {
        println!(
            "{}",
            torture(
                600,
                seed,
                Rates {
                    store: 50,
                    notify: 50,
                    lost: 50,
                    kills: 100
                }
            )
        );
    }
}

/// `make torture`: the whole of it, with as many events as are asked for.
#[test]
fn as_many_as_are_asked_for() {
    let Some(count) = std::env::var("ROLEWATCH_TORTURE_EVENTS").ok() else {
        return;
    };
    let count = count.parse().unwrap();
    let rates = Rates {
        store: 50,
        notify: 50,
        lost: 50,
        kills: 50,
    };
    println!("{}", torture(count, 42, rates));
}
