//! A store in this process's memory, gone with it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::{Admission, Disposition, IsoWeek, Judged, Store, StoreError};
use crate::tally::Tally;

/// The events and findings that are remembered; the oldest are forgotten beyond it. Some 100
/// bytes each, in a function with 128 MB.
const MOST: usize = 50_000;

/// Remembers the latest events and deliveries, and every week's counts.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    events: Recent,
    delivered: Recent,
    weeks: HashMap<IsoWeek, Tally>,
}

/// A set that forgets its oldest members.
#[derive(Debug, Default)]
struct Recent {
    members: HashSet<String>,
    order: VecDeque<String>,
}

impl Recent {
    /// Whether it is new.
    fn insert(&mut self, member: String) -> bool {
        if !self.members.insert(member.clone()) {
            return false;
        }
        self.order.push_back(member);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.members.remove(&oldest);
        }
        true
    }
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned state is whole: no method panics between two of its changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn admit(&mut self, judged: &Judged, now: DateTime<Utc>) -> Admission {
        let observation = &judged.observation;
        let account = observation.account().unwrap_or_default();
        let seen = !self
            .events
            .insert(format!("{account}/{}", observation.identity()));
        if !seen {
            let week = IsoWeek::of(observation.time().unwrap_or(now));
            self.weeks.entry(week).or_default().add(&judged.decision);
        }
        let disposition = |id: &str| {
            if self.delivered.members.contains(id) {
                Disposition::Delivered
            } else {
                Disposition::Publish
            }
        };
        let findings = &judged.decision.findings;
        Admission {
            seen,
            findings: findings.iter().map(|it| disposition(&it.id)).collect(),
        }
    }
}

impl Store for Memory {
    async fn admit(
        &self,
        batch: &[Judged],
        now: DateTime<Utc>,
    ) -> Result<Vec<Admission>, StoreError> {
        let mut state = self.lock();
        Ok(batch
            .iter()
            .map(|judged| state.admit(judged, now))
            .collect())
    }

    async fn mark_delivered(
        &self,
        findings: &[&str],
        _now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        for id in findings {
            state.delivered.insert((*id).to_owned());
        }
        Ok(())
    }

    async fn week(&self, week: IsoWeek) -> Result<Tally, StoreError> {
        Ok(self.lock().weeks.get(&week).cloned().unwrap_or_default())
    }
}
