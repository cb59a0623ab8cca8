//! A queue, two instances of a function, and a time that passes when nobody has anything to do.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::{About, Alert, Kind, SCHEMA};
use rolewatch::dispatch::{Clock, Dispatcher, Fate, Letter, MOST_RECEIVES, Outcome, Trouble};
use rolewatch::finding::{Background, Severity};
use rolewatch::rendering::slack::Mentions;
use rolewatch::store::table::Table;
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::slack::StandIn;

/// As in the template.
pub(crate) const BATCH: usize = 50;
const TIMEOUT: i64 = 60;
const VISIBILITY: i64 = 360;
const RETENTION: TimeDelta = TimeDelta::days(14);
const INSTANCES: usize = 2;

/// When everything begins.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

/// An alert with this id.
pub(crate) fn alert(id: &str, severity: Severity) -> Alert {
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.into(),
        id: id.into(),
        about: About::Service,
        check: format!("check-{}", severity.as_str()),
        severity,
        title: format!("title of {id}"),
        message: "m".into(),
        event: None,
        rule: None,
        nearest_rule: None,
        suggestion: None,
        repeats: None,
        owner: None,
        background: Background::default(),
    }
}

/// A time that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct Time {
    state: Mutex<(DateTime<Utc>, Vec<DateTime<Utc>>)>,
}

impl Default for Time {
    fn default() -> Self {
        Self {
            state: Mutex::new((start(), Vec::new())),
        }
    }
}

impl Time {
    /// Moves on to the next moment that somebody waits for, or to `others`.
    fn advance(&self, others: Option<DateTime<Utc>>) -> bool {
        let mut state = self.state.lock().unwrap();
        let now = state.0;
        state.1.retain(|moment| *moment > now);
        let next = state.1.iter().copied().chain(others).min();
        let moves = next.is_some_and(|next| next > now);
        state.0 = next.unwrap_or(now).max(now);
        moves
    }
}

impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        self.state.lock().unwrap().0
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        std::future::poll_fn(|_| {
            let mut state = self.state.lock().unwrap();
            if state.0 >= moment {
                return Poll::Ready(());
            }
            state.1.push(moment);
            Poll::Pending
        })
        .await;
    }
}

/// Runs to its end what waits for nothing but this time.
pub(crate) fn run<R>(time: &Time, future: impl Future<Output = R>) -> R {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = poll(future.as_mut()) {
            return result;
        }
        assert!(time.advance(None), "it waits for nothing");
    }
}

fn poll<R>(future: Pin<&mut (impl Future<Output = R> + ?Sized)>) -> Poll<R> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A message of the queue.
#[derive(Clone, Debug)]
struct Queued {
    number: usize,
    alert: Alert,
    sent: DateTime<Utc>,
    visible: DateTime<Utc>,
    receives: u32,
}

/// Everything that an alert passes on its way.
pub(crate) struct World<T> {
    pub(crate) time: Time,
    pub(crate) slack: StandIn,
    pub(crate) ledger: Ledger<T>,
    queue: Mutex<Vec<Queued>>,
    sent: Mutex<usize>,
    /// Alerts that were parked, and why.
    pub(crate) dead: Mutex<Vec<(String, String)>>,
    /// What somebody was told.
    pub(crate) troubles: Mutex<Vec<Trouble>>,
    /// The most times that a message was received.
    pub(crate) most_receives: Mutex<u32>,
    pub(crate) mentions: Mentions,
    pub(crate) buttons: Option<&'static str>,
    /// Every so many polls an instance dies.
    pub(crate) deadly: Option<usize>,
}

type Invocation<'a> = Pin<Box<dyn Future<Output = (Vec<Queued>, Outcome)> + 'a>>;

impl World<MemoryTable> {
    pub(crate) fn new(slack: StandIn) -> Self {
        Self::with(slack, MemoryTable::default())
    }
}

impl<T: Table> World<T> {
    pub(crate) fn with(slack: StandIn, table: T) -> Self {
        Self {
            time: Time::default(),
            slack,
            ledger: Ledger::new(table, Windows::default()),
            queue: Mutex::default(),
            sent: Mutex::default(),
            dead: Mutex::default(),
            troubles: Mutex::default(),
            most_receives: Mutex::default(),
            mentions: Mentions::default(),
            buttons: None,
            deadly: None,
        }
    }

    /// Puts an alert into the queue, to be seen after so many seconds.
    pub(crate) fn send(&self, alert: Alert, after: i64) {
        let mut sent = self.sent.lock().unwrap();
        *sent += 1;
        let at = start() + TimeDelta::seconds(after);
        self.queue.lock().unwrap().push(Queued {
            number: *sent,
            alert,
            sent: at,
            visible: at,
            receives: 0,
        });
    }

    /// One invocation with these alerts, by itself.
    pub(crate) fn deliver(&self, alerts: &[Alert]) -> Outcome {
        let letters: Vec<Letter> = alerts.iter().map(|alert| letter(alert, 1)).collect();
        run(&self.time, self.dispatch(&letters))
    }

    pub(crate) async fn dispatch(&self, letters: &[Letter]) -> Outcome {
        let dispatcher = Dispatcher {
            ledger: &self.ledger,
            slack: &self.slack.at(&self.time),
            clock: &self.time,
            mentions: &self.mentions,
            buttons: self.buttons,
        };
        let end = self.time.now() + TimeDelta::seconds(TIMEOUT - 5);
        dispatcher.deliver(letters, end).await
    }

    /// Lets the instances work until the queue is empty.
    pub(crate) fn run(&self) {
        let mut instances: Vec<Option<Invocation<'_>>> = (0..INSTANCES).map(|_| None).collect();
        let mut polls = 0;
        loop {
            let mut progress = false;
            for instance in &mut instances {
                if instance.is_none() {
                    *instance = self.invoke();
                }
                let Some(running) = instance else { continue };
                polls += 1;
                if self.deadly.is_some_and(|every| polls % every == 0) {
                    *instance = None;
                } else if let Poll::Ready((batch, outcome)) = poll(running.as_mut()) {
                    self.settle(batch, outcome);
                    *instance = None;
                    progress = true;
                }
            }
            let next = self.queue.lock().unwrap().iter().map(|it| it.visible).min();
            if next.is_none() {
                return;
            }
            // What is visible already waits for an instance and not for time.
            let next = next.filter(|next| *next > self.time.now());
            if !progress {
                let idle = instances.iter().any(Option::is_none);
                let moved = self.time.advance(next.filter(|_| idle));
                assert!(moved || self.deadly.is_some() || idle, "nothing moves");
            }
        }
    }

    /// Receives what is visible, as an event source mapping does.
    fn invoke(&self) -> Option<Invocation<'_>> {
        let now = self.time.now();
        let mut queue = self.queue.lock().unwrap();
        let visible = queue.iter_mut().filter(|it| it.visible <= now);
        let mut batch = Vec::new();
        for queued in visible.take(BATCH) {
            queued.visible = now + TimeDelta::seconds(VISIBILITY);
            queued.receives += 1;
            let kept = now - queued.sent < RETENTION && queued.receives <= MOST_RECEIVES;
            assert!(kept, "{} is lost", queued.alert.id);
            let mut most = self.most_receives.lock().unwrap();
            *most = (*most).max(queued.receives);
            batch.push(queued.clone());
        }
        if batch.is_empty() {
            return None;
        }
        Some(Box::pin(async move {
            let letters = batch.iter().map(|it| Letter {
                sent: Some(it.sent),
                ..letter(&it.alert, it.receives)
            });
            let letters: Vec<Letter> = letters.collect();
            let outcome = self.dispatch(&letters).await;
            (batch, outcome)
        }))
    }

    fn settle(&self, batch: Vec<Queued>, outcome: Outcome) {
        let mut queue = self.queue.lock().unwrap();
        for (done, fate) in batch.into_iter().zip(outcome.fates) {
            match fate {
                Fate::Held { seconds, .. } => {
                    let waiting = queue.iter_mut().find(|it| it.number == done.number);
                    let wait = TimeDelta::seconds(seconds.into());
                    waiting.unwrap().visible = self.time.now() + wait;
                    continue;
                }
                Fate::Parked { why } => self.dead.lock().unwrap().push((done.alert.id, why)),
                Fate::Posted { .. } | Fate::Known => {}
            }
            queue.retain(|it| it.number != done.number);
        }
        self.troubles.lock().unwrap().extend(outcome.troubles);
    }
}

/// A message that holds an alert.
pub(crate) fn letter(alert: &Alert, receives: u32) -> Letter {
    Letter {
        alert: Ok(alert.clone()),
        receives,
        sent: None,
    }
}
