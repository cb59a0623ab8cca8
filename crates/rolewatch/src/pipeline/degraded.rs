//! Alerts while the store is down: told without memory, and only so often.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alert::Alert;
use crate::allowlist::{Allowlist, Mode};
use crate::assumption::Observation;
use crate::detect::decide;
use crate::finding::Severity;

/// Findings alike are told once in this time.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// Kinds of findings that are told apart; beyond it nothing more is told until some are old.
const MOST_KINDS: usize = 200;

/// What was told lately without the store.
#[derive(Debug, Default)]
pub(super) struct Degraded {
    told: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Degraded {
    /// The alerts of a batch that should be told now. Those of low severity can wait for the
    /// store.
    pub(super) fn alerts(
        &self,
        batch: &[Observation],
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) -> Vec<Alert> {
        if allowlist.mode == Mode::Audit {
            return Vec::new();
        }
        let findings = batch
            .iter()
            .flat_map(|observation| decide(observation, allowlist).findings);
        findings
            .filter(|finding| finding.check.severity > Severity::Low)
            .filter(|finding| self.is_new(&finding.quiet, now))
            .map(|finding| {
                let mut alert = Alert::from(&finding);
                alert.message.push_str(
                    " (rolewatch's memory is down: this may be told again, and repeats are not counted)",
                );
                alert
            })
            .collect()
    }

    fn is_new(&self, quiet: &str, now: DateTime<Utc>) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now - *at < AGAIN);
        if told.contains_key(quiet) || told.len() >= MOST_KINDS {
            return false;
        }
        told.insert(quiet.to_owned(), now);
        true
    }
}
