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
    /// Messages in dead-letter queues, at the end of the period.
    pub dead_letters: Option<u64>,
    /// Deliveries that failed.
    pub failed_deliveries: Option<Change>,
    /// Versions of the allowlist that came into force.
    pub allowlist_versions: Option<Vec<Version>>,
}

/// Canaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Canaries {
    /// Those that arrived.
    pub received: u64,
    /// Those that should have.
    pub due: u64,
}

impl From<CanaryCount> for Canaries {
    fn from(CanaryCount { received, due }: CanaryCount) -> Self {
        Self { received, due }
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
    pub p50: u64,
    /// 19 of 20 took no longer.
    pub p95: u64,
    /// None took longer; 86,401 says more than a day.
    pub max: u64,
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
