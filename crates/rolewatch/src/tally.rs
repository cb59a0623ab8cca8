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
        count(counter, 1);
        if decision.outcome != Outcome::Unreadable {
            count(&mut self.assumptions, 1);
            count(
                &mut self.judged,
                u64::from(decision.outcome != Outcome::Other),
            );
        }
        for finding in &decision.findings {
            count(self.findings.entry(finding.check.id).or_default(), 1);
            self.worst = self.worst.max(Some(finding.check.severity));
        }
    }
}

/// The largest number is as many as can be told.
fn count(total: &mut u64, more: u64) {
    *total = total.saturating_add(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_at_the_largest_number() {
        let most = Tally {
            assumptions: u64::MAX,
            judged: u64::MAX,
            other: u64::MAX,
            expected: u64::MAX,
            unexpected: u64::MAX,
            denied: u64::MAX,
            ignored: u64::MAX,
            duplicates: u64::MAX,
            unreadable: u64::MAX,
            ..Tally::default()
        };
        let mut tally = most.clone();
        for outcome in [
            Outcome::Unreadable,
            Outcome::Other,
            Outcome::Expected,
            Outcome::Unexpected,
            Outcome::Denied,
            Outcome::Ignored,
        ] {
            tally.add(&Decision {
                outcome,
                rule: None,
                findings: Vec::new(),
                ignored: Vec::new(),
            });
        }
        assert_eq!(tally, most);
    }
}
