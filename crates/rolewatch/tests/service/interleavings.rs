//! Every order in which two workers can take turns on a few events, or on events and a sweep, with
//! a death of either and a lease or a window that runs out at any moment: no order loses an alert,
//! and where nobody dies and nothing runs out, none tells one twice.
//!
//! What is explored is the protocol itself, not a model of it: the ledger and the pipeline on a
//! table in memory, one effect a turn. Reads are no turns of their own: a commit happens only if
//! nothing that was read has changed, so whatever comes between two reads might as well come
//! between the last of them and the commit, where there is a turn.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::Alert;
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
}

/// What a function is called for.
#[derive(Clone)]
enum Job {
    Event(Item),
    Sweep,
}

/// A function at work, and the items that come again if it dies.
type Worker<'a> = (Vec<Item>, Pin<Box<dyn Future<Output = Vec<Item>> + 'a>>);

type Service = Pipeline<Ledger<FaultyTable<MemoryTable>>, FaultyNotifier>;

impl World {
    fn new() -> Self {
        let faults = Faults::new(1);
        let notifier = FaultyNotifier::new(&faults);
        Self {
            table: Arc::default(),
            notifier,
            faults,
            allowlist: allowlist(),
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

    /// One function after the other does these jobs, each at the time that it then is.
    async fn work(&self, jobs: Vec<Job>, now: &std::cell::Cell<DateTime<Utc>>) -> Vec<Item> {
        let mut undone = Vec::new();
        for job in jobs {
            let Job::Event(item) = job else {
                // One that fails is made up for by the next.
                let _ = self.service().sweep(now.get()).await;
                continue;
            };
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
    fn explore(&self, chooser: &mut Chooser, story: &Story) {
        let now = std::cell::Cell::new(NOW.parse().unwrap());
        let (before, work) = (items_of(&story.before), story.work.clone());
        assert!(block_on(self.work(story.before.clone(), &now)).is_empty());
        now.set(now.get() + story.later);
        let mut all = before;
        all.extend(work.iter().flat_map(|jobs| items_of(jobs)));
        let mut again = Vec::new();
        let calm = {
            let start = |jobs: Vec<Job>| -> Option<Worker<'_>> {
                let items = items_of(&jobs);
                Some((items, Box::pin(self.work(jobs, &now))))
            };
            let mut workers: Vec<Option<Worker<'_>>> = work.into_iter().map(start).collect();
            let (mut may_die, mut may_pass) = (true, story.time_may_pass);
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
            may_die && may_pass == story.time_may_pass
        };
        self.settle(again, now.get());
        self.assert_told(&all);
        if calm {
            self.assert_told_once();
        }
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
        let distinct: HashSet<_> = items.iter().map(|item| &item.id).collect();
        // One that came twice tells of nothing more the second time.
        let told: HashMap<&str, u64> = alerts.iter().map(|it| (&*it.id, findings_of(it))).collect();
        let titles: Vec<_> = alerts.iter().map(|it| (&it.id, &it.title)).collect();
        assert!(
            told.values().sum::<u64>() >= distinct.len() as u64,
            "{} events, {titles:#?}",
            distinct.len(),
        );
    }

    fn assert_told_once(&self) {
        let alerts = self.notifier.alerts();
        let ids: HashSet<&str> = alerts.iter().map(|it| &*it.id).collect();
        let titles: Vec<_> = alerts.iter().map(|it| (&it.id, &it.title)).collect();
        assert_eq!(ids.len(), alerts.len(), "told twice: {titles:#?}");
    }
}

/// How many findings an alert tells of: itself, a count of others, or both.
fn findings_of(alert: &Alert) -> u64 {
    let others = alert.repeats.unwrap_or_default();
    others + u64::from(!alert.title.contains(" more: "))
}

/// What happened before, and what happens now.
struct Story {
    /// One after the other, with nothing going wrong.
    before: Vec<Job>,
    /// How long ago that is.
    later: TimeDelta,
    /// By two workers.
    work: [Vec<Job>; 2],
    /// Whether once, at any moment, so much time may pass that leases run out.
    time_may_pass: bool,
}

impl Story {
    fn of(work: [Vec<Job>; 2]) -> Self {
        Self {
            before: Vec::new(),
            later: TimeDelta::zero(),
            work,
            time_may_pass: true,
        }
    }
}

fn items_of(jobs: &[Job]) -> Vec<Item> {
    let item = |job: &Job| match job {
        Job::Event(item) => Some(item.clone()),
        Job::Sweep => None,
    };
    jobs.iter().filter_map(item).collect()
}

/// A stranger: all of them are of one window.
fn stranger(id: &str) -> Job {
    let subject = format!("repo:evil-org/{id}:ref:refs/heads/main");
    Job::Event(event(id, PRODUCTION, &subject, NOW, None))
}

/// A refused call: findings of low severity gather, and only a sweep tells them.
fn refused(id: &str) -> Job {
    let subject = "repo:my-org/my-repo:pull_request";
    Job::Event(event(id, PRODUCTION, subject, NOW, Some("AccessDenied")))
}

/// Tells a story in every order. Fewer orders than these would mean that something is not tried.
fn explore_all(story: &Story, at_least: u64) {
    let mut chooser = Chooser::default();
    let mut paths = 0;
    loop {
        World::new().explore(&mut chooser, story);
        paths += 1;
        if !chooser.next() {
            break;
        }
    }
    println!("{paths} paths");
    assert!(paths > at_least, "{paths}");
}

#[test]
fn two_workers_with_the_same_event() {
    explore_all(&Story::of([vec![stranger("a")], vec![stranger("a")]]), 500);
}

#[test]
fn two_workers_with_two_events_of_one_window() {
    explore_all(&Story::of([vec![stranger("a")], vec![stranger("b")]]), 500);
}

#[test]
fn two_workers_with_three_events_of_one_window() {
    let work = [vec![stranger("a"), stranger("b")], vec![stranger("c")]];
    let story = Story {
        time_may_pass: false,
        ..Story::of(work)
    };
    explore_all(&story, 500);
}

#[test]
fn two_workers_with_three_events_one_of_them_twice() {
    let work = [vec![stranger("a"), stranger("b")], vec![stranger("b")]];
    let story = Story {
        time_may_pass: false,
        ..Story::of(work)
    };
    explore_all(&story, 500);
}

#[test]
fn an_event_that_comes_while_its_window_closes_and_is_swept() {
    for (later, time_may_pass) in [(59, true), (60, false)] {
        let story = Story {
            before: vec![stranger("a"), stranger("b")],
            later: TimeDelta::minutes(later),
            time_may_pass,
            ..Story::of([vec![stranger("c")], vec![Job::Sweep]])
        };
        explore_all(&story, 100);
    }
}

#[test]
fn an_event_that_comes_while_those_like_it_are_gathered_and_told() {
    for later in [TimeDelta::minutes(4), TimeDelta::minutes(5)] {
        let story = Story {
            before: vec![refused("a"), refused("b")],
            later,
            ..Story::of([vec![refused("c")], vec![Job::Sweep]])
        };
        explore_all(&story, 100);
    }
}

#[test]
fn two_sweeps_of_the_same_window() {
    let story = Story {
        before: vec![stranger("a"), stranger("b")],
        later: TimeDelta::minutes(60),
        time_may_pass: false,
        ..Story::of([vec![Job::Sweep], vec![Job::Sweep, stranger("c")]])
    };
    explore_all(&story, 100);
}
