//! Alerts while the store is down: told without memory, and only so often.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::Alert;
use crate::allowlist::{Allowlist, Mode};
use crate::assumption::Observation;
use crate::detect::decide;
use crate::finding::Severity;

/// Findings alike are told once in this time.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// Kinds of findings of one severity that are told apart; beyond it nothing more of that severity
/// is told until some are old. Many kinds of a lower severity crowd out nothing that is worse.
const MOST_KINDS: usize = 200;

/// What an alert says that was told without memory.
const MARK: &str =
    " (rolewatch's memory is down: this may be told again, and repeats are not counted)";

/// What was told lately without the store.
#[derive(Debug, Default)]
pub(super) struct Degraded {
    told: Mutex<HashMap<Kind, DateTime<Utc>>>,
}

/// What is told once, and counts against the room of its severity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    severity: Severity,
    quiet: String,
}

impl Degraded {
    /// The alerts of a batch that should be told now, the most severe first. Those of low severity
    /// can wait for the store.
    pub(super) fn alerts(
        &self,
        batch: &[Observation],
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Vec<(Kind, Alert)> {
        if allowlist.mode == Mode::Audit {
            return Vec::new();
        }
        let mut alerts: Vec<(Kind, Alert)> = batch
            .iter()
            .flat_map(|observation| decide(observation, allowlist).findings)
            .filter_map(|finding| self.alert(Alert::from(&finding), finding.quiet, now))
            .collect();
        alerts.sort_by_key(|(kind, _)| std::cmp::Reverse(kind.severity));
        alerts
    }

    /// The alert, marked, if it should be told now: none that can wait for the store, and none like one that was told
    /// lately. `quiet` is what it has in common with those.
    pub(super) fn alert(
        &self,
        mut alert: Alert,
        quiet: String,
        now: DateTime<Utc>,
    ) -> Option<(Kind, Alert)> {
        if alert.severity <= Severity::Low {
            return None;
        }
        let kind = self.take(alert.severity, quiet, now)?;
        alert.message.push_str(MARK);
        Some((kind, alert))
    }

    /// An alert did not arrive: the next of its kind is told.
    pub(super) fn forget(&self, kind: &Kind) {
        self.told().remove(kind);
    }

    /// The kind, where none of it was told lately.
    fn take(&self, severity: Severity, quiet: String, now: DateTime<Utc>) -> Option<Kind> {
        let kind = Kind { severity, quiet };
        let mut told = self.told();
        told.retain(|_, at| now - *at < AGAIN);
        let beside = told.keys().filter(|it| it.severity == kind.severity);
        if told.contains_key(&kind) || beside.count() >= MOST_KINDS {
            return None;
        }
        told.insert(kind.clone(), now);
        Some(kind)
    }

    fn told(&self) -> MutexGuard<'_, HashMap<Kind, DateTime<Utc>>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
