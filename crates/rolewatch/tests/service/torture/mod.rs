//! Thousands of events with duplicates, in random order, while every effect fails now and then
//! and the process dies between any two of them. Then everything is counted.

mod repeats;
mod source;
mod truth;

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::allowlist_in_force::AllowlistInForce;
use rolewatch::pipeline::{Item, Pipeline, Report};
use rolewatch::store::table::Table;
use rolewatch::store::{IsoWeek, Ledger, MemoryTable, Store, Windows};
use rolewatch_embedded::EmbeddedTable;

use self::repeats::{Broken, Repeats};
use self::source::FaultySource;
use self::truth::{Truth, events, table_of};
use crate::harness::{Dice, Faults, FaultyNotifier, FaultyTable, Rates, allowlist, block_on, poll};

/// One of twenty, everywhere.
const EVERYWHERE: Rates = Rates {
    store: 50,
    notify: 50,
    allowlist: 50,
    lost: 50,
    kills: 50,
};

/// What lives until it is killed.
struct Process<T> {
    service: Pipeline<Ledger<FaultyTable<T>>, FaultyNotifier>,
    allowlist: AllowlistInForce<FaultySource>,
}

struct Torture<T> {
    table: Arc<T>,
    notifier: FaultyNotifier,
    faults: Arc<Faults>,
    process: Process<T>,
    windows: Windows,
    dice: Dice,
    kills: u64,
    killed: u64,
    /// What befell an invocation, by its number.
    broken: BTreeMap<u64, Broken>,
    now: DateTime<Utc>,
}

impl<T: Table + Send> Process<T> {
    fn start(
        table: &Arc<T>,
        notifier: &FaultyNotifier,
        faults: &Arc<Faults>,
        windows: Windows,
    ) -> Self {
        let table = FaultyTable {
            inner: Arc::clone(table),
            faults: Arc::clone(faults),
            turns_at_reads: true,
        };
        let ledger = Ledger::new(table, windows);
        Self {
            service: Pipeline::new(ledger, notifier.clone()),
            allowlist: AllowlistInForce::new(FaultySource::new(faults), None),
        }
    }

    /// As functions/detect does it.
    async fn invocation(&self, items: Vec<Item>, now: DateTime<Utc>) -> Vec<Report> {
        match self.allowlist.look(&self.service.store, now).await {
            Ok(in_force) => self.service.run(items, &in_force.allowlist, now).await,
            Err(error) => {
                let undone = |item: Item| Report::undone(item.id, error.to_string());
                items.into_iter().map(undone).collect()
            }
        }
    }
}

impl<T: Table + Send> Torture<T> {
    fn new(table: T, seed: u64, rates: Rates, windows: Windows) -> Self {
        let faults = Faults::new(seed);
        let (table, notifier) = (Arc::new(table), FaultyNotifier::new(&faults));
        let torture = Self {
            process: Process::start(&table, &notifier, &faults, windows),
            windows,
            table,
            notifier,
            faults,
            dice: Dice::new(seed ^ 0xABCD),
            kills: rates.kills,
            killed: 0,
            broken: BTreeMap::new(),
            now: "2026-11-18T12:00:00Z".parse().unwrap(),
        };
        // A good version was there before anything broke. Without one, nothing would be expected.
        block_on(torture.process.invocation(Vec::new(), torture.now));
        torture.faults.set(&rates);
        torture
    }

    /// Runs to the end, or is killed at some turn: then nothing is known of it any more, and
    /// another process takes over, which has seen nothing yet.
    fn run_or_kill<R>(&mut self, start: impl AsyncFnOnce(&Process<T>) -> R) -> Option<R> {
        let number = self.faults.invocation.fetch_add(1, Ordering::Relaxed) + 1;
        let failed_before = self.faults.injected_of("store: ");
        let turns = (self.dice.below(1000) < self.kills).then(|| self.dice.below(20));
        let result = drive(pin!(start(&self.process)), turns);
        if result.is_none() {
            self.killed += 1;
            self.process = Process::start(&self.table, &self.notifier, &self.faults, self.windows);
            self.broken.insert(number, Broken::Killed);
        } else if self.faults.injected_of("store: ") > failed_before {
            self.broken.insert(number, Broken::StoreFailed);
        }
        result
    }

    /// Delivers a batch, as a queue does; whatever is not reported as done comes again.
    fn batch(&mut self, queue: &mut Vec<Item>) {
        let mut batch = Vec::new();
        while batch.len() < 10 && !queue.is_empty() {
            let at = usize::try_from(self.dice.below(queue.len() as u64)).unwrap();
            batch.push(queue.swap_remove(at));
        }
        let (items, now) = (batch.clone(), self.now);
        match self.run_or_kill(async move |process| process.invocation(items, now).await) {
            None => queue.extend(batch),
            Some(reports) => {
                let undone = batch
                    .into_iter()
                    .zip(&reports)
                    .filter(|(_, report)| report.undone.is_some());
                queue.extend(undone.map(|(item, _)| item));
            }
        }
        if self.dice.below(10) == 0 {
            // One that fails is made up for by the next.
            let _ = self.run_or_kill(async move |process| process.service.sweep(now).await);
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
            while block_on(self.process.service.sweep(self.now))
                .unwrap()
                .published
                > 0
            {}
        }
    }

    /// The outcomes that were counted.
    fn counted(&self) -> BTreeMap<String, u64> {
        let week = IsoWeek::of("2026-11-18T12:00:00Z".parse().unwrap());
        let rows = block_on(self.process.service.store.week(week, self.now)).unwrap();
        let counts = rows.into_iter().flat_map(|row| row.counts);
        let mut counted = BTreeMap::new();
        for (name, count) in counts.filter(|(name, _)| name.starts_with("n:")) {
            *counted.entry(name).or_default() += count;
        }
        counted
    }
}

/// Polls a future to its end, or drops it at this turn.
fn drive<R>(mut future: Pin<&mut impl Future<Output = R>>, last: Option<u64>) -> Option<R> {
    for turn in 0.. {
        if last == Some(turn) {
            return None;
        }
        if let Poll::Ready(value) = poll(future.as_mut()) {
            return Some(value);
        }
    }
    None
}

/// Breaks a service in all ways, lets it settle, and counts. Returns what to print.
fn torture<T: Table + Send>(table: T, count: u64, seed: u64, rates: Rates) -> String {
    torture_with(table, count, seed, rates, Windows::default())
}

fn torture_with<T: Table + Send>(
    table: T,
    count: u64,
    seed: u64,
    rates: Rates,
    windows: Windows,
) -> String {
    let mut torture = Torture::new(table, seed, rates, windows);
    let distinct = events(count, &torture.dice);
    let mut queue = distinct.clone();
    let copies = (0..count / 10).map(|n| usize::try_from(n * 7 % count).unwrap());
    queue.extend(copies.map(|at| distinct[at].clone()));
    let truth = Truth::of(&distinct, &allowlist());
    let mut rounds = 0;
    while queue.len() > 50 && rounds < count {
        torture.batch(&mut queue);
        rounds += 1;
    }
    torture.settle(queue);

    let alerts = torture.notifier.alerts();
    let injected = torture.faults.injected.lock().unwrap().clone();
    let repeats = Repeats::of(&torture.notifier.delivered.lock().unwrap(), &torture.broken);
    let table = table_of(count, torture.killed, &injected, &alerts, &repeats, &truth);
    let exact = rates.kills + rates.lost + rates.store == 0;
    truth.assert_told(&alerts, &repeats, exact, &table);
    let counted = torture.counted();
    assert_eq!(
        counted, truth.outcomes,
        "the rollups are not the truth\n{table}"
    );
    table + "  rollups       exactly the truth\n"
}

#[test]
fn without_deaths_every_finding_is_told_exactly_once() {
    let rates = Rates {
        store: 0,
        notify: 200,
        allowlist: 200,
        lost: 0,
        kills: 0,
    };
    println!("{}", torture(MemoryTable::default(), 600, 1, rates));
}

#[test]
fn with_deaths_and_lost_answers_no_finding_is_lost() {
    for seed in 2..5 {
        let rates = Rates {
            kills: 100,
            ..EVERYWHERE
        };
        println!("{}", torture(MemoryTable::default(), 600, seed, rates));
    }
}

/// Hundreds of alerts instead of a handful: enough that deaths fall between their delivery and
/// its recording, and the only place where they may.
#[test]
fn where_every_finding_is_told_by_itself_none_is_lost_and_every_repeat_has_its_reason() {
    for seed in 6..9 {
        let table = MemoryTable::default();
        let printed = torture_with(table, 600, seed, EVERYWHERE, Windows::NONE);
        println!("{printed}");
    }
}

#[test]
fn in_a_file_no_finding_is_lost_either() {
    let folder = tempfile::tempdir().unwrap();
    let table = EmbeddedTable::open(folder.path().join("state.redb")).unwrap();
    println!("{}", torture(table, 200, 5, EVERYWHERE));
}

/// `make torture`: the whole of it, with as many events as are asked for.
#[test]
fn as_many_as_are_asked_for() {
    let Some(count) = std::env::var("ROLEWATCH_TORTURE_EVENTS").ok() else {
        return;
    };
    let count = count.parse().unwrap();
    let in_memory = torture(MemoryTable::default(), count, 42, EVERYWHERE);
    println!("In memory: {in_memory}");
    let folder = tempfile::tempdir().unwrap();
    let table = EmbeddedTable::open(folder.path().join("state.redb")).unwrap();
    println!("In a file: {}", torture(table, count, 43, EVERYWHERE));
}
