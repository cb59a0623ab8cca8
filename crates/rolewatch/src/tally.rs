//! The counts of a replay.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::detect::{Decision, Outcome};
use crate::finding::Severity;

/// Counts of decisions. `assumptions` is `judged + other`, and `judged` is
/// `expected + unexpected + denied + ignored`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Understood assumptions, duplicates not counted.
    pub assumptions: u64,
    /// Those that the allowlist was asked about.
    pub judged: u64,
    /// Other issuers'.
    pub other: u64,
    /// Those that satisfy a rule.
    pub expected: u64,
    /// Those that do not.
    pub unexpected: u64,
    /// Those that STS refused.
    pub denied: u64,
    /// Those that would be unexpected or denied, but are silenced.
    pub ignored: u64,
    /// Copies of events that were counted already.
    pub duplicates: u64,
    /// Records that could not be judged.
    pub unreadable: u64,
    /// Findings by check.
    pub findings: BTreeMap<&'static str, u64>,
    /// The worst severity among the findings.
    #[serde(skip)]
    pub worst: Option<Severity>,
}

impl Tally {
    /// Counts one decision.
    pub fn add(&mut self, decision: &Decision) {
        let counter = match decision.outcome {
            Outcome::Unreadable => &mut self.unreadable,
            Outcome::Other => &mut self.other,
            Outcome::Expected => &mut self.expected,
            Outcome::Unexpected => &mut self.unexpected,
            Outcome::Denied => &mut self.denied,
            Outcome::Ignored => &mut self.ignored,
        };
        *counter += 1;
        if decision.outcome != Outcome::Unreadable {
            self.assumptions += 1;
            self.judged += u64::from(decision.outcome != Outcome::Other);
        }
        for finding in &decision.findings {
            *self.findings.entry(finding.check.id).or_default() += 1;
            self.worst = self.worst.max(Some(finding.check.severity));
        }
    }
}
