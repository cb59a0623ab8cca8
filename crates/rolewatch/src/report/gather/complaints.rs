//! Findings by kind: those of one check that the service tells together.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use super::hash;
use super::seen::Seen;
use crate::allowlist::Allowlist;
use crate::assumption::{Assumption, Observation};
use crate::checks::{self, Check};
use crate::detect::{Decision, Outcome, decide};
use crate::digest::digest;
use crate::finding::{Finding, Severity};
use crate::quiet::quiet_key;

/// Distinct subjects of a kind that are told apart.
const TOLD_APART: usize = 1000;

/// Whether what is told of a kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Samples {
    /// For the period itself.
    Keep,
    /// For the one before, which is only counted.
    Drop,
}

/// Kinds by check and quiet key.
#[derive(Debug, Default)]
pub(super) struct Kinds(pub(super) BTreeMap<(&'static str, String), OfKind>);

/// Findings of one kind.
#[derive(Debug)]
pub(super) struct OfKind {
    pub(super) check: &'static Check,
    pub(super) role_arn: String,
    pub(super) repository: String,
    pub(super) findings: u64,
    pub(super) subjects: HashSet<u64>,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) open: bool,
    /// What judging one of the events once more says of it; as the allowlist is now.
    pub(super) told: Option<Box<Finding>>,
    /// The event, where the allowlist does not complain of it any more.
    pub(super) sample: Option<Box<Assumption>>,
}

impl Kinds {
    /// Adds a row's findings. Says how many of its unexpected calls the allowlist as it is now
    /// would not expect either.
    pub(super) fn add(&mut self, seen: &Seen<'_>, allowlist: &Allowlist, samples: Samples) -> u64 {
        // What is folded into a row has nothing but its number in common.
        let sample = seen
            .row
            .sample
            .clone()
            .filter(|_| seen.row.about.folded.is_none());
        let observation = sample.map(Observation::Assumption);
        let now = observation.as_ref().map(|it| decide(it, allowlist));
        for (id, count) in seen.all("f:") {
            let Some(check) = checks::find(id) else {
                continue;
            };
            let quiet = match &observation {
                Some(observation) => quiet_key(check.id, observation, allowlist),
                None => digest(&[id, &seen.row.about.role_arn, &seen.repository]),
            };
            let kind = self
                .0
                .entry((check.id, quiet))
                .or_insert_with(|| OfKind::new(check, seen));
            kind.add(seen, count, now.as_ref(), samples);
        }
        let still = |decision: &Decision| decision.outcome == Outcome::Unexpected;
        if now.as_ref().is_none_or(still) {
            seen.count("n:unexpected")
        } else {
            0
        }
    }
}

impl OfKind {
    fn new(check: &'static Check, seen: &Seen<'_>) -> Self {
        Self {
            check,
            role_arn: seen.row.about.role_arn.clone(),
            repository: seen.repository.clone(),
            findings: 0,
            subjects: HashSet::new(),
            first: seen.row.day,
            last: seen.row.day,
            open: false,
            told: None,
            sample: None,
        }
    }

    fn add(&mut self, seen: &Seen<'_>, findings: u64, now: Option<&Decision>, samples: Samples) {
        self.findings += findings;
        self.first = self.first.min(seen.row.day);
        self.last = self.last.max(seen.row.day);
        if samples == Samples::Drop {
            return;
        }
        if self.subjects.len() < TOLD_APART {
            self.subjects.insert(hash(&seen.row.about.subject));
        }
        let again = now.and_then(|now| now.findings.iter().find(|it| it.check.id == self.check.id));
        // What needs a memory, or is of no sample, nobody can judge again.
        let judgeable = now.is_some() && self.check.needs.is_empty();
        self.open |= again.is_some() || !judgeable && self.check.severity > Severity::Info;
        if self.told.is_none() {
            self.told = again.cloned().map(Box::new);
        }
        if self.told.is_none() && self.sample.is_none() {
            self.sample.clone_from(&seen.row.sample);
        }
    }
}
