//! One change of judgement.

use serde::Serialize;

use crate::assumption::Assumption;
use crate::detect::{Decision, Outcome};

/// Which way a judgement changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What was told is no longer.
    NewlyExpected,
    /// What was not told is, now.
    NewlyUnexpected,
}

impl Direction {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyExpected => "newly_expected",
            Self::NewlyUnexpected => "newly_unexpected",
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
    /// The checks that complained, or do now.
    pub checks: Vec<&'static str>,
}

impl Kind {
    pub(super) fn between(
        assumption: &Assumption,
        before: &Decision,
        after: &Decision,
    ) -> Option<Self> {
        let (direction, told, untold) = match (is_told(before), is_told(after)) {
            (true, false) => (Direction::NewlyExpected, before, after),
            (false, true) => (Direction::NewlyUnexpected, after, before),
            _ => return None,
        };
        let rule = untold.rule.clone();
        let silence = untold.ignored.first().map(|(_, reason)| reason.clone());
        Some(Self {
            direction,
            role_arn: assumption.role_arn.clone(),
            subject: assumption.subject.clone(),
            issuer: assumption.issuer.clone(),
            rule: rule.filter(|_| untold.outcome == Outcome::Expected),
            silence: silence.filter(|_| untold.outcome == Outcome::Ignored),
            from: before.outcome.as_str(),
            to: after.outcome.as_str(),
            checks: told.findings.iter().map(|it| it.check.id).collect(),
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.role_arn.len() + self.subject.len() + self.issuer.len() + size_of::<Self>()
    }
}

fn is_told(decision: &Decision) -> bool {
    !decision.findings.is_empty()
}
