//! The service on one screen: events in, alerts out, and for each item whether it is done.
//!
//! An item is done only when every finding of it is recorded as delivered, or safely kept to be
//! told later. What fails is left undone, so that its queue brings it again; nothing that was
//! recorded is done twice.

mod degraded;
mod observe;
mod read;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};

use self::degraded::Degraded;
use self::observe::observe;
pub use self::read::Item;
use crate::alert::Alert;
use crate::allowlist::Allowlist;
use crate::assumption::Observation;
use crate::notify::{Notifier, NotifyError};
use crate::store::{Admission, Admitted, Disposition, Receipt, Store, StoreError};

/// Alerts that are published at the same time.
const AT_ONCE: usize = 8;

/// The service: what remembers, and what delivers.
#[derive(Debug)]
pub struct Pipeline<S, N> {
    /// Remembers.
    pub store: S,
    /// Delivers.
    pub notifier: N,
    degraded: Degraded,
}

/// What became of one item.
#[derive(Debug)]
pub struct Report {
    /// The item's name in its queue.
    pub item: String,
    /// Its events; those that the store did not take in are not among them.
    pub events: Vec<Admission>,
    /// How many alerts were published now.
    pub published: usize,
    /// Why the item has to come again; nothing where it is done.
    pub undone: Option<String>,
}

/// What a sweep came to.
#[derive(Debug, Default)]
pub struct Swept {
    /// How many alerts were published.
    pub published: usize,
    /// Why others were not. They are due until they are.
    pub failures: Vec<String>,
    /// For how long the oldest of those has been due.
    pub overdue: Option<TimeDelta>,
}

impl Report {
    /// An item that is done and held no event.
    #[must_use]
    pub fn done(item: String) -> Self {
        Self {
            item,
            events: Vec::new(),
            published: 0,
            undone: None,
        }
    }

    /// An item of which nothing was done, and why: it has to come again.
    #[must_use]
    pub fn undone(item: String, why: String) -> Self {
        Self {
            item,
            events: Vec::new(),
            published: 0,
            undone: Some(why),
        }
    }
}

impl<S: Store, N: Notifier> Pipeline<S, N> {
    /// A service.
    pub fn new(store: S, notifier: N) -> Self {
        Self {
            store,
            notifier,
            degraded: Degraded::default(),
        }
    }

    /// Takes a batch of items through the whole flow. One report an item, in order.
    pub async fn run(
        &self,
        items: Vec<Item>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Vec<Report> {
        let mut counts = Vec::with_capacity(items.len());
        let mut batch = Vec::new();
        for item in items {
            let observations = observe(&item, allowlist);
            counts.push((item.id, observations.len()));
            batch.extend(observations);
        }
        let Admitted { events, failed } =
            self.store.admit_each(batch.clone(), allowlist, now).await;
        let round = self.deliver(events.iter().flatten(), now).await;
        let events = self.admit_waiting(events, allowlist, now).await;
        // Where it is busy, others are at the same items and go on: those come again.
        if let Some(StoreError::Down(_)) = failed {
            let left = batch.into_iter().zip(&events);
            let left: Vec<_> = left
                .filter(|(_, it)| it.is_none())
                .map(|(it, _)| it)
                .collect();
            self.tell_without_store(&left, allowlist, now).await;
        }
        let why_left_out = failed.map(|error| error.to_string());
        report(counts, events, &round, why_left_out.as_deref())
    }

    /// Those that waited for an alert of this very batch are taken in again, now that it is
    /// delivered: there is no need to go back to the queue for that.
    async fn admit_waiting(
        &self,
        mut events: Vec<Option<Admission>>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Vec<Option<Admission>> {
        let waits = |it: &&mut Admission| it.findings.contains(&Disposition::Wait);
        let mut waiting: Vec<&mut Admission> = events.iter_mut().flatten().filter(waits).collect();
        if waiting.is_empty() {
            return events;
        }
        let batch = waiting.iter().map(|it| it.observation.clone()).collect();
        let again = self.store.admit_each(batch, allowlist, now).await.events;
        for (admission, again) in waiting.iter_mut().zip(&again) {
            if let Some(again) = again {
                settle_waiting(&mut admission.findings, &again.findings);
            }
        }
        // What is now theirs to tell is for the next time.
        let left = again.iter().flatten().flat_map(to_publish);
        self.release(left.map(|(_, receipt)| receipt.clone()).collect(), now)
            .await;
        events
    }

    /// Tells what has come due: gathered findings, what windows counted, and what is about no
    /// event.
    ///
    /// # Errors
    /// The store did not answer.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<Swept, StoreError> {
        let due = self.store.sweep(now).await?;
        let alerts = due.iter().map(|due| (&due.alert, &due.receipt));
        let (delivered, failed) = self.publish(alerts).await;
        self.store.mark_delivered(&delivered, now).await?;
        let left = due.iter().filter(|it| !delivered.contains(&it.receipt));
        Ok(Swept {
            published: delivered.len(),
            failures: failed.into_iter().map(|(_, why)| why).collect(),
            overdue: left.map(|it| now - it.since).max(),
        })
    }

    /// Tells at once what the store could not keep: marked, and only so often. Whether it arrives or not, its item comes
    /// again.
    pub async fn tell_unkept(&self, alert: Alert, now: DateTime<Utc>) {
        let quiet = alert.id.clone();
        if let Some((kind, alert)) = self.degraded.alert(alert, quiet, now) {
            self.tell_now(&kind, &alert).await;
        }
    }

    async fn deliver(
        &self,
        admissions: impl Iterator<Item = &Admission>,
        now: DateTime<Utc>,
    ) -> Round {
        let (delivered, failed) = self.publish(admissions.flat_map(to_publish)).await;
        let unrecorded = self.store.mark_delivered(&delivered, now).await.err();
        let undelivered = failed.iter().map(|(receipt, _)| receipt.clone());
        self.release(undelivered.collect(), now).await;
        Round {
            delivered,
            failed,
            unrecorded,
        }
    }

    /// Lets whoever comes next tell what was not told now.
    async fn release(&self, undelivered: Vec<Receipt>, now: DateTime<Utc>) {
        if undelivered.is_empty() {
            return;
        }
        // Where this fails too, the next to come waits until the lease has run out.
        let _ = self.store.release(&undelivered, now).await;
    }

    /// Publishes; says what was delivered, and what was not and why.
    async fn publish<'a>(
        &self,
        alerts: impl Iterator<Item = (&'a Alert, &'a Receipt)>,
    ) -> (Vec<Receipt>, Vec<(Receipt, String)>) {
        // Without windows, a duplicate in the same batch is handed out with the same receipt.
        let mut unique: Vec<(&Alert, &Receipt)> = Vec::new();
        for (alert, receipt) in alerts {
            if !unique.iter().any(|(_, other)| *other == receipt) {
                unique.push((alert, receipt));
            }
        }
        let outcomes: Vec<(&Alert, &Receipt, Result<(), NotifyError>)> =
            stream::iter(unique)
                .map(|(alert, receipt)| async move {
                    (alert, receipt, self.notifier.notify(alert).await)
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
        let (mut delivered, mut failed) = (Vec::new(), Vec::new());
        for (alert, receipt, outcome) in outcomes {
            match outcome {
                Ok(()) => delivered.push(receipt.clone()),
                Err(error) => failed.push((receipt.clone(), format!("{}: {error}", alert.check))),
            }
        }
        (delivered, failed)
    }

    /// The store is down: what can be judged without memory is told at once, marked and only so
    /// often.
    async fn tell_without_store(
        &self,
        batch: &[Observation],
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) {
        for (kind, alert) in self.degraded.alerts(batch, allowlist, now) {
            self.tell_now(&kind, &alert).await;
        }
    }

    /// Where it does not arrive, one may be told anew when the item comes again.
    async fn tell_now(&self, kind: &degraded::Kind, alert: &Alert) {
        if self.notifier.notify(alert).await.is_err() {
            self.degraded.forget(kind);
        }
    }
}

/// What became of a batch's alerts.
struct Round {
    delivered: Vec<Receipt>,
    failed: Vec<(Receipt, String)>,
    unrecorded: Option<StoreError>,
}

impl Round {
    /// Why an event has to come again.
    fn why_undone(&self, admission: &Admission) -> Option<String> {
        admission
            .findings
            .iter()
            .find_map(|disposition| match disposition {
                Disposition::Settled | Disposition::Snoozed => None,
                Disposition::Wait => Some("waits for an alert that is on its way".to_owned()),
                Disposition::Publish(_, receipt) => self
                    .failed
                    .iter()
                    .find(|(of, _)| of == receipt)
                    .map(|(_, why)| why.clone())
                    .or_else(|| self.unrecorded.as_ref().map(ToString::to_string)),
            })
    }
}

/// One report an item, its events in order. An alert that several items share is counted at the
/// first of them. An item of which an event was not taken in comes again.
fn report(
    counts: Vec<(String, usize)>,
    events: Vec<Option<Admission>>,
    round: &Round,
    why_left_out: Option<&str>,
) -> Vec<Report> {
    let mut rest = events.into_iter();
    let mut uncounted = round.delivered.clone();
    let mut count_once = |receipt: &Receipt| {
        let place = uncounted.iter().position(|it| it == receipt);
        place.map(|place| uncounted.swap_remove(place)).is_some()
    };
    let one = |(item, count): (String, usize)| {
        let events: Vec<Admission> = rest.by_ref().take(count).flatten().collect();
        let published = events.iter().flat_map(to_publish);
        let left_out = why_left_out.filter(|_| events.len() < count);
        Report {
            item,
            published: published.filter(|(_, it)| count_once(it)).count(),
            undone: left_out
                .map(str::to_owned)
                .or_else(|| events.iter().find_map(|event| round.why_undone(event))),
            events,
        }
    };
    counts.into_iter().map(one).collect()
}

/// Those that waited take on the new answer, but for an order to publish.
fn settle_waiting(findings: &mut [Disposition], again: &[Disposition]) {
    for (finding, again) in findings.iter_mut().zip(again) {
        let settled = matches!(again, Disposition::Settled | Disposition::Snoozed);
        if *finding == Disposition::Wait && settled {
            finding.clone_from(again);
        }
    }
}

fn to_publish(admission: &Admission) -> impl Iterator<Item = (&Alert, &Receipt)> {
    admission
        .findings
        .iter()
        .filter_map(|disposition| match disposition {
            Disposition::Publish(alert, receipt) => Some((&**alert, receipt)),
            Disposition::Wait | Disposition::Settled | Disposition::Snoozed => None,
        })
}
