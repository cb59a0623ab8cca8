//! Every order in which two workers can take turns on a few events, with a death of either and
//! a lease that runs out at any moment: no order loses an alert.
//!
//! What is explored is the protocol itself, not a model of it: the ledger and the pipeline on a
//! table in memory, one effect a turn.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::allowlist::Allowlist;
use rolewatch::pipeline::{Item, Pipeline, Report};
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{
    Faults, FaultyNotifier, FaultyTable, PRODUCTION, allowlist, block_on, event, poll,
};

const NOW: &str = "2026-11-18T10:00:00Z";
/// Longer than a lease, shorter than a quiet window.
const LEASE_OVER: TimeDelta = TimeDelta::minutes(2);

/// Chooses by a list, and remembers how many choices there were at each point.
#[derive(Default)]
struct Chooser {
    path: Vec<(usize, usize)>,
    at: usize,
}

impl Chooser {
    fn choose(&mut self, options: usize) -> usize {
        if self.at == self.path.len() {
            self.path.push((0, options));
        }
        let (chosen, _) = self.path[self.at];
        self.at += 1;
        chosen
    }

    /// The next list in order; false after the last.
    fn next(&mut self) -> bool {
        self.at = 0;
        while let Some((chosen, options)) = self.path.pop() {
            if chosen + 1 < options {
                self.path.push((chosen + 1, options));
                return true;
            }
        }
        false
    }
}

struct World {
    table: Arc<MemoryTable>,
    notifier: FaultyNotifier,
    faults: Arc<Faults>,
    allowlist: Allowlist,
    /// Whether a lease may run out at any moment.
    lease_may_end: bool,
}

/// A function at work, and the items that come again if it dies.
type Worker<'a> = (Vec<Item>, Pin<Box<dyn Future<Output = Vec<Item>> + 'a>>);

type Service = Pipeline<Ledger<FaultyTable<MemoryTable>>, FaultyNotifier>;

impl World {
    fn new(lease_may_end: bool) -> Self {
        let faults = Faults::new(1);
        let notifier = FaultyNotifier::new(&faults);
        Self {
            table: Arc::default(),
            notifier,
            faults,
            allowlist: allowlist(),
            lease_may_end,
        }
    }

    fn service(&self) -> Service {
        let table = FaultyTable {
            inner: Arc::clone(&self.table),
            faults: Arc::clone(&self.faults),
            turns_at_reads: false,
        };
        Pipeline::new(
            Ledger::new(table, Windows::default()),
            self.notifier.clone(),
        )
    }

    /// One function after the other handles these items, each at the time that it then is.
    async fn work(&self, items: Vec<Item>, now: &std::cell::Cell<DateTime<Utc>>) -> Vec<Item> {
        let mut undone = Vec::new();
        for item in items {
            let reports: Vec<Report> = self
                .service()
                .run(vec![item.clone()], &self.allowlist, now.get())
                .await;
            if reports[0].undone.is_some() {
                undone.push(item);
            }
        }
        undone
    }

    /// One path through the choices. Every item must be told of, alone or in a count.
    fn explore(&self, chooser: &mut Chooser, work: [Vec<Item>; 2]) {
        let now = std::cell::Cell::new(NOW.parse().unwrap());
        let all: Vec<Item> = work.iter().flatten().cloned().collect();
        let mut again = Vec::new();
        {
            let start = |items: Vec<Item>| -> Option<Worker<'_>> {
                let future = self.work(items.clone(), &now);
                Some((items, Box::pin(future)))
            };
            let mut workers: Vec<Option<Worker<'_>>> = work.into_iter().map(start).collect();
            let (mut may_die, mut may_pass) = (true, self.lease_may_end);
            while workers.iter().any(Option::is_some) {
                let alive: Vec<usize> = (0..2).filter(|&n| workers[n].is_some()).collect();
                let deaths = if may_die { alive.len() } else { 0 };
                let choice = chooser.choose(alive.len() + deaths + usize::from(may_pass));
                if choice < alive.len() {
                    let slot = &mut workers[alive[choice]];
                    if let Some((_, future)) = slot
                        && let Poll::Ready(undone) = poll(future.as_mut())
                    {
                        again.extend(undone);
                        *slot = None;
                    }
                } else if choice < alive.len() + deaths {
                    may_die = false;
                    let died = workers[alive[choice - alive.len()]].take();
                    again.extend(died.into_iter().flat_map(|(items, _)| items));
                } else {
                    may_pass = false;
                    now.set(now.get() + LEASE_OVER);
                }
            }
        }
        self.settle(again, now.get());
        self.assert_told(&all);
    }

    /// What is left comes again until it is done; then every window closes.
    fn settle(&self, mut items: Vec<Item>, mut now: DateTime<Utc>) {
        while !items.is_empty() {
            now += LEASE_OVER;
            let reports = block_on(self.service().run(items.clone(), &self.allowlist, now));
            let undone = reports.iter().map(|report| report.undone.is_some());
            items = items
                .into_iter()
                .zip(undone)
                .filter(|(_, undone)| *undone)
                .map(|(it, _)| it)
                .collect();
        }
        block_on(self.service().sweep(now + TimeDelta::hours(2))).unwrap();
    }

    fn assert_told(&self, items: &[Item]) {
        let alerts = self.notifier.alerts();
        let distinct: std::collections::HashSet<_> = items.iter().map(|item| &item.id).collect();
        let firsts: std::collections::HashSet<_> = alerts
            .iter()
            .filter(|alert| alert.repeats.is_none())
            .map(|alert| &alert.id)
            .collect();
        let counted: u64 = alerts.iter().filter_map(|alert| alert.repeats).sum();
        assert!(!firsts.is_empty(), "nobody was alerted");
        assert!(
            firsts.len() as u64 + counted >= distinct.len() as u64,
            "{} events, {} alerts, {counted} counted",
            distinct.len(),
            firsts.len()
        );
    }
}

/// A stranger: all of them are of one window.
fn stranger(id: &str, name: &str) -> Item {
    let subject = format!("repo:evil-org/{name}:ref:refs/heads/main");
    event(id, PRODUCTION, &subject, NOW, None)
}

fn explore_all(work: impl Fn() -> [Vec<Item>; 2], lease_may_end: bool) -> u64 {
    let mut chooser = Chooser::default();
    let mut paths = 0;
    loop {
        World::new(lease_may_end).explore(&mut chooser, work());
        paths += 1;
        if !chooser.next() {
            return paths;
        }
    }
}

#[test]
fn two_workers_with_the_same_event() {
    let paths = explore_all(
        || [vec![stranger("a", "x")], vec![stranger("a", "x")]],
        true,
    );
    println!("{paths} paths");
    assert!(paths > 500, "{paths}");
}

#[test]
fn two_workers_with_two_events_of_one_window() {
    let paths = explore_all(
        || [vec![stranger("a", "x")], vec![stranger("b", "y")]],
        true,
    );
    println!("{paths} paths");
    assert!(paths > 500, "{paths}");
}

#[test]
fn two_workers_with_three_events_one_of_them_twice() {
    let paths = explore_all(
        || {
            [
                vec![stranger("a", "x"), stranger("b", "y")],
                vec![stranger("b", "y")],
            ]
        },
        false,
    );
    println!("{paths} paths");
    assert!(paths > 500, "{paths}");
}
