//! The service on one screen: events in, alerts out, and for each item whether it is done.
//!
//! An item is done only when every finding of it is recorded as delivered. What fails is left
//! undone, so that its queue brings it again; nothing it did is done twice.

mod read;

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};

pub use self::read::Item;
use crate::alert::Alert;
use crate::allowlist::Allowlist;
use crate::assumption::{Observation, UnreadableRecord};
use crate::detect::decide;
use crate::notify::{Notifier, NotifyError};
use crate::store::{Admission, Disposition, Judged, Store};

/// Items that are handled at the same time, and findings of one item that are published at the
/// same time.
const AT_ONCE: usize = 10;

/// The service: what remembers, and what delivers.
#[derive(Debug)]
pub struct Pipeline<S, N> {
    /// Remembers.
    pub store: S,
    /// Delivers.
    pub notifier: N,
}

/// What became of one item.
#[derive(Debug)]
pub struct Report {
    /// The item's name in its queue.
    pub item: String,
    /// Its events.
    pub events: Vec<Judged>,
    /// How many findings were published now.
    pub published: usize,
    /// Why the item has to come again; nothing where it is done.
    pub undone: Option<String>,
}

/// An item, judged.
struct Work {
    item: String,
    events: Vec<Judged>,
}

impl<S: Store, N: Notifier> Pipeline<S, N> {
    /// Takes a batch of items through the whole flow. One report an item, in order.
    pub async fn run(
        &self,
        items: Vec<Item>,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Vec<Report> {
        let work: Vec<Work> = items.iter().map(|it| Work::of(it, allowlist)).collect();
        let copies = copies(&work);
        let (mut first, mut later) = (Vec::new(), Vec::new());
        for (place, work) in work.into_iter().enumerate() {
            let round = if copies.contains(&place) {
                &mut later
            } else {
                &mut first
            };
            round.push((place, work));
        }
        // Side by side: a slow answer costs its item's time, not the sum. A copy comes after what
        // it is a copy of, whose delivery is recorded by then.
        let handle = async |(place, work)| (place, self.handle(work, now).await);
        let mut reports: Vec<(usize, Report)> = stream::iter(first)
            .map(handle)
            .buffer_unordered(AT_ONCE)
            .chain(stream::iter(later).then(handle))
            .collect()
            .await;
        reports.sort_by_key(|(place, _)| *place);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    async fn handle(&self, Work { item, events }: Work, now: DateTime<Utc>) -> Report {
        match self.store.admit(&events, now).await {
            Ok(admissions) => self.deliver(item, events, &admissions, now).await,
            Err(error) => Report {
                item,
                events,
                published: 0,
                undone: Some(error.to_string()),
            },
        }
    }

    async fn deliver(
        &self,
        item: String,
        events: Vec<Judged>,
        admissions: &[Admission],
        now: DateTime<Utc>,
    ) -> Report {
        let alerts = to_publish(&events, admissions);
        let outcomes: Vec<(&Alert, Result<(), NotifyError>)> = stream::iter(&alerts)
            .map(async |alert| (alert, self.notifier.notify(alert).await))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut delivered, mut undone) = (Vec::new(), None);
        for (alert, outcome) in outcomes {
            match outcome {
                Ok(()) => delivered.push(alert.id.as_str()),
                Err(error) => undone = Some(format!("{}: {error}", alert.check)),
            }
        }
        if let Err(error) = self.store.mark_delivered(&delivered, now).await {
            undone = Some(error.to_string());
        }
        let published = delivered.len();
        Report {
            item,
            events,
            published,
            undone,
        }
    }
}

impl Work {
    fn of(item: &Item, allowlist: &Allowlist) -> Self {
        Self {
            item: item.id.clone(),
            events: judge_item(item, allowlist),
        }
    }

    fn findings(&self) -> impl Iterator<Item = &str> {
        let findings = self.events.iter().flat_map(|it| &it.decision.findings);
        findings.map(|finding| finding.id.as_str())
    }
}

/// The places of the items that have a finding of an earlier one.
fn copies(work: &[Work]) -> HashSet<usize> {
    let mut owners = HashMap::new();
    let mut copies = HashSet::new();
    for (place, work) in work.iter().enumerate() {
        for finding in work.findings() {
            if *owners.entry(finding).or_insert(place) != place {
                copies.insert(place);
            }
        }
    }
    copies
}

fn to_publish(events: &[Judged], admissions: &[Admission]) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut taken = HashSet::new();
    for (judged, admission) in events.iter().zip(admissions) {
        for (finding, disposition) in judged.decision.findings.iter().zip(&admission.findings) {
            // Once, even where one item holds the same record twice.
            if *disposition == Disposition::Publish && taken.insert(finding.id.as_str()) {
                alerts.push(Alert::from(finding));
            }
        }
    }
    alerts
}

/// Reads and judges one item. Whatever goes wrong becomes something to report.
fn judge_item(item: &Item, allowlist: &Allowlist) -> Vec<Judged> {
    let observations = catch_unwind(AssertUnwindSafe(|| item.observations()))
        .unwrap_or_else(|_| vec![item.unreadable("reading it failed, by a defect of rolewatch")]);
    observations
        .into_iter()
        .map(|observation| judge_one(observation, allowlist))
        .collect()
}

/// Judges one observation; where that panics, the observation is reported as unreadable.
fn judge_one(observation: Observation, allowlist: &Allowlist) -> Judged {
    let decided = catch_unwind(AssertUnwindSafe(|| decide(&observation, allowlist)));
    if let Ok(decision) = decided {
        return Judged {
            observation,
            decision,
        };
    }
    let observation = defective(&observation);
    Judged {
        decision: decide(&observation, allowlist),
        observation,
    }
}

fn defective(observation: &Observation) -> Observation {
    UnreadableRecord {
        event_id: Some(observation.identity().to_owned()),
        time: observation.time(),
        account: observation.account().map(str::to_owned),
        hash: observation.identity().to_owned(),
        reason: "judging it failed, by a defect of rolewatch".into(),
        ..UnreadableRecord::default()
    }
    .into()
}
