//! Slack refuses everything for an hour, in every way it can, and is well again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use rolewatch::finding::Severity;

use crate::slack::{Seen, StandIn, Weather};
use crate::world::{World, alert, start};

const HOUR: i64 = 3600;
const ALERTS: usize = 300;

/// Numbers without order, the same in every run.
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, bound: u64) -> u64 {
        let mut x = self.0.load(Ordering::Relaxed);
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.store(x, Ordering::Relaxed);
        x % bound
    }
}

fn bad_weather(dice: &Dice) -> Weather {
    match dice.below(16) {
        0..4 => Weather::Throttled(1 + dice.below(90)),
        4..8 => Weather::Error,
        8..11 => Weather::Hangs,
        11..15 => Weather::Dropped,
        _ => Weather::AnswerLost,
    }
}

/// One in twelve is critical; the others are of any severity.
fn severity(number: usize) -> Severity {
    match number % 12 {
        0 => Severity::Critical,
        1..3 => Severity::High,
        3..8 => Severity::Medium,
        8..11 => Severity::Low,
        _ => Severity::Info,
    }
}

fn id(number: usize) -> String {
    format!("finding-{number:04}")
}

/// What became of an alert.
struct Story {
    severity: Severity,
    sent: i64,
    arrivals: Vec<Seen>,
    /// How often it was posted and the answer was lost.
    ambiguous: usize,
}

impl Story {
    /// Seconds after the beginning of its first arrival behind the hour.
    fn after_the_hour(&self) -> Option<i64> {
        let times = self
            .arrivals
            .iter()
            .map(|it| (it.at - start()).num_milliseconds());
        times.filter(|at| *at >= HOUR * 1000).min()
    }
}

/// Three hundred alerts, all through the hour.
fn an_hour(seed: u64) -> (World<rolewatch::store::MemoryTable>, Vec<Story>) {
    let dice = Dice(AtomicU64::new(seed));
    let end = start() + TimeDelta::seconds(HOUR);
    let slack = StandIn::new(move |now, _| {
        if now < end {
            bad_weather(&dice)
        } else {
            Weather::Fine
        }
    });
    let world = World::new(slack);
    let when =
        |number: usize| i64::try_from(number).unwrap() * HOUR / i64::try_from(ALERTS).unwrap();
    for number in 0..ALERTS {
        world.send(alert(&id(number), severity(number)), when(number));
    }
    world.run();
    let (arrived, ambiguous) = (
        world.slack.seen(),
        world.slack.ambiguous.lock().unwrap().clone(),
    );
    let story = |number| {
        let id = id(number);
        let holds = |message: &serde_json::Value| message.to_string().contains(&id);
        Story {
            severity: severity(number),
            sent: when(number),
            arrivals: arrived
                .iter()
                .filter(|it| holds(&it.message))
                .cloned()
                .collect(),
            ambiguous: ambiguous.iter().filter(|it| holds(it)).count(),
        }
    };
    let stories = (0..ALERTS).map(story).collect();
    (world, stories)
}

#[test]
fn every_alert_arrives_and_what_is_critical_first() {
    for seed in [7, 11, 2026] {
        let (world, stories) = an_hour(seed);
        print_table(seed, &world, &stories);
        for (number, story) in stories.iter().enumerate() {
            let arrivals = story.arrivals.len();
            assert!(arrivals >= 1, "{} never arrived", id(number));
            assert!(
                arrivals <= 1 + story.ambiguous,
                "{} came {arrivals} times, after {} lost answers",
                id(number),
                story.ambiguous
            );
        }
        assert!(world.dead.lock().unwrap().is_empty());
        assert!(world.troubles.lock().unwrap().is_empty());
        assert_eq!(world.slack.count("too fast"), 0);
        let times = |critical: bool| {
            let like = stories
                .iter()
                .filter(move |it| (it.severity == Severity::Critical) == critical);
            like.filter_map(Story::after_the_hour)
        };
        let last_critical = times(true).max().unwrap();
        let first_other = times(false).min().unwrap();
        assert!(
            last_critical < first_other,
            "seed {seed}: {last_critical} {first_other}"
        );
        // Slack is noticed to be back within a minute and a half, and all is told soon after.
        let told = times(true).chain(times(false)).max().unwrap() - HOUR * 1000;
        assert!(told < 240_000, "it took {told} ms");
    }
}

fn print_table(seed: u64, world: &World<rolewatch::store::MemoryTable>, stories: &[Story]) {
    println!("\nseed {seed}: {ALERTS} alerts in an hour of refusals");
    println!("  requests met");
    for (word, count) in &*world.slack.met.lock().unwrap() {
        println!("    {word:<12} {count:>5}");
    }
    println!(
        "  severity   sent  arrived  again  after lost answers  first after the hour (s)  last (s)"
    );
    let mut rows: BTreeMap<Severity, Vec<&Story>> = BTreeMap::new();
    for story in stories {
        rows.entry(story.severity).or_default().push(story);
    }
    for (severity, stories) in rows.iter().rev() {
        let arrived = stories.iter().filter(|it| !it.arrivals.is_empty()).count();
        let again: usize = stories
            .iter()
            .map(|it| it.arrivals.len().saturating_sub(1))
            .sum();
        let ambiguous: usize = stories.iter().map(|it| it.ambiguous).sum();
        let times: Vec<i64> = stories
            .iter()
            .filter_map(|it| it.after_the_hour())
            .collect();
        let shown = |time: Option<&i64>| time.map_or(0, |time| time / 1000 - HOUR);
        println!(
            "  {:<9} {:>5}  {arrived:>7}  {again:>5}  {ambiguous:>18}  {:>24}  {:>8}",
            severity.as_str(),
            stories.len(),
            shown(times.iter().min()),
            shown(times.iter().max()),
        );
        assert!(stories.iter().all(|it| it.sent <= HOUR));
    }
    let after = world
        .slack
        .seen()
        .iter()
        .filter(|it| (it.at - start()).num_seconds() >= HOUR)
        .count();
    println!(
        "  {after} messages after the hour, a message of the queue was received {} times at most",
        world.most_receives.lock().unwrap()
    );
}
