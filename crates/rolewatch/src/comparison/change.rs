//! One change of judgement.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::assumption::Assumption;
use crate::detect::{Decision, Outcome};
use crate::finding::Severity;

/// Which way a judgement changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What was told is no longer.
    NewlyExpected,
    /// What was not told is, now.
    NewlyUnexpected,
    /// What was told still is, by other checks: a critical finding may have become a small one.
    StillUnexpected,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::NewlyExpected,
        Self::NewlyUnexpected,
        Self::StillUnexpected,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyExpected => "newly_expected",
            Self::NewlyUnexpected => "newly_unexpected",
            Self::StillUnexpected => "still_unexpected",
        }
    }
}

/// Events whose judgement changes alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What they have in common.
    pub kind: Kind,
    /// How many there are.
    pub count: u64,
}

/// Who, for which role, and how it was and is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Which way it changes.
    pub direction: Direction,
    /// How the worst severity compares with what it was; none is the least.
    pub severity: Ordering,
    /// The role's ARN.
    pub role_arn: String,
    /// The token's subject.
    pub subject: String,
    /// The issuer's URL.
    pub issuer: String,
    /// The rule that expects it now, or did.
    pub rule: Option<String>,
    /// The reason of the silence that covers it now, or did.
    pub silence: Option<String>,
    /// How the old allowlist counts it.
    pub from: &'static str,
    /// How the new one does.
    pub to: &'static str,
    /// The checks that complained before, where others do now.
    pub from_checks: Vec<&'static str>,
    /// The checks that complained, or do now.
    pub checks: Vec<&'static str>,
}

impl Kind {
    pub(super) fn between(
        assumption: &Assumption,
        before: &Decision,
        after: &Decision,
    ) -> Option<Self> {
        let (direction, told, other) = match (is_told(before), is_told(after)) {
            (true, false) => (Direction::NewlyExpected, before, after),
            (false, true) => (Direction::NewlyUnexpected, after, before),
            (true, true) if says(before) != says(after) => {
                (Direction::StillUnexpected, after, before)
            }
            _ => return None,
        };
        let rule = other.rule.clone();
        let silence = other.ignored.first().map(|(_, reason)| reason.clone());
        Some(Self {
            direction,
            severity: worst(after).cmp(&worst(before)),
            role_arn: assumption.role_arn.clone(),
            subject: assumption.subject.clone(),
            issuer: assumption.issuer.clone(),
            rule: rule.filter(|_| other.outcome == Outcome::Expected),
            silence: silence.filter(|_| other.outcome == Outcome::Ignored),
            from: before.outcome.as_str(),
            to: after.outcome.as_str(),
            from_checks: match direction {
                Direction::StillUnexpected => checks(before),
                _ => Vec::new(),
            },
            checks: checks(told),
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.role_arn.len() + self.subject.len() + self.issuer.len() + size_of::<Self>()
    }
}

fn is_told(decision: &Decision) -> bool {
    !decision.findings.is_empty()
}

/// What complains, whatever the order.
fn says(decision: &Decision) -> (BTreeSet<&'static str>, Option<Severity>) {
    (checks(decision).into_iter().collect(), worst(decision))
}

fn checks(decision: &Decision) -> Vec<&'static str> {
    decision.findings.iter().map(|it| it.check.id).collect()
}

fn worst(decision: &Decision) -> Option<Severity> {
    decision.findings.iter().map(|it| it.check.severity).max()
}
