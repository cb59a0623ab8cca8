//! Whether the watcher was awake, and what others of its functions found.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Change;
use crate::finding::Severity;
use crate::store::CanaryCount;

/// Whether the watcher was awake. What is null is not known; see `not_known`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Awake {
    /// The hourly canaries.
    pub canaries: Option<Canaries>,
    /// Regions whose logs were heard of, the busiest first.
    pub regions: Vec<Region>,
    /// How long after the calls they were judged.
    pub lag: Option<Lag>,
    /// Events that came by reconciliation with CloudTrail, and not by themselves.
    pub reconciled: Option<Change>,
    /// Events that nobody could handle, and that waited in dead-letter queues of the home region
    /// when the report was made.
    pub dead_letters: Option<u64>,
    /// Alerts that could not be delivered, and waited in theirs when the report was made.
    pub failed_deliveries: Option<u64>,
    /// Versions of the allowlist that were in force.
    pub allowlist_versions: Option<Vec<Version>>,
}

/// Canaries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canaries {
    /// Those that arrived.
    pub received: Change,
    /// Those that should have: of each region, from the first to 30 days after the last.
    pub due: Change,
    /// How many regions they were due of in this period.
    pub regions: u64,
    /// Those of them of which none arrived in this period.
    pub silent: Vec<String>,
}

/// So many of a hundred have to arrive: a restart of the scheduler may cost one or two.
const ENOUGH: u64 = 95;

impl Canaries {
    /// Of a period and the one before; none where none was due in either.
    #[must_use]
    pub fn of(now: Option<CanaryCount>, before: Option<CanaryCount>) -> Option<Self> {
        if now.is_none() && before.is_none() {
            return None;
        }
        let is_compared = before.is_some();
        let (now, before) = (now.unwrap_or_default(), before.unwrap_or_default());
        let change = |now, before| Change {
            now,
            before: is_compared.then_some(before),
        };
        Some(Self {
            received: change(now.received, before.received),
            due: change(now.due, before.due),
            regions: now.regions,
            silent: now.silent,
        })
    }

    /// Whether so many are missing, or all of a region, that the watcher was not awake.
    #[must_use]
    pub fn are_missing(&self) -> bool {
        let (received, due) = (self.received.now, self.due.now);
        !self.silent.is_empty() || received.saturating_mul(100) < due.saturating_mul(ENOUGH)
    }
}

/// A region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// Its name.
    pub region: String,
    /// Calls that it logged, those with other issuers' tokens included.
    pub calls: Change,
}

/// Seconds from a call to its judgement, each at most so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lag {
    /// Half of them took no longer.
    pub p50: Change,
    /// 19 of 20 took no longer.
    pub p95: Change,
    /// None took longer; 86,401 says more than a day.
    pub max: Change,
}

/// A version of the allowlist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// Its name, such as a hash.
    pub version: String,
    /// When it came into force.
    pub since: DateTime<Utc>,
    /// Who wrote it, where that is known.
    pub author: Option<String>,
}

/// What the trust policies of the account came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// When they were looked at.
    pub at: DateTime<Utc>,
    /// Roles that trust an OIDC provider.
    pub roles: u64,
    /// Lints, by check, the worst first.
    pub lints: Vec<LintCount>,
}

/// The lints of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LintCount {
    /// The lint's id.
    pub check: String,
    /// The worst of them.
    pub severity: Severity,
    /// How many.
    pub lints: Change,
}
