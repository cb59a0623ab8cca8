//! What came, added up.

use chrono::{DateTime, Utc};
use github_oidc::Issuer;

use crate::assumption::Assumption;
use crate::new_rule::session_limit;

/// All that a rule can ask of a session but its length: sessions alike in it are one use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) role_arn: String,
    pub(super) issuer: Issuer,
    pub(super) audience: String,
    pub(super) subject: String,
}

/// The sessions of a use, or of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) sessions: u64,
    pub(super) first: DateTime<Utc>,
    pub(super) last: DateTime<Utc>,
    /// What a rule has to allow for the longest, in seconds.
    pub(super) longest: u64,
}

impl Sum {
    pub(super) fn of(assumption: &Assumption) -> Self {
        Self {
            sessions: 1,
            first: assumption.time,
            last: assumption.time,
            longest: session_limit(assumption.session),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            sessions: self.sessions.saturating_add(other.sessions),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            longest: self.longest.max(other.longest),
        }
    }

    /// Of all of them; none where there are none.
    pub(super) fn all(sums: impl Iterator<Item = Self>) -> Option<Self> {
        sums.reduce(Self::and)
    }

    /// `2026-11-16`, or `2026-11-16 to 2026-11-20`.
    pub(super) fn days(&self) -> String {
        let (first, last) = (self.first.date_naive(), self.last.date_naive());
        if first == last {
            first.to_string()
        } else {
            format!("{first} to {last}")
        }
    }
}
