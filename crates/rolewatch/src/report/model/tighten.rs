//! What could be tightened.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Listed};

/// What could be tightened, by the last 90 days, as far as the source goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tighten {
    /// The first day that was looked at; null where nothing is known at all.
    pub since: Option<NaiveDate>,
    /// Rules that expected nothing for 30 days or more; null where less than that is known.
    pub idle_rules: Option<Listed<IdleRule>>,
    /// Rules with wildcards, and what they matched.
    pub wildcards: Listed<Wildcard>,
    /// Rules that allow longer sessions than were seen.
    pub sessions: Listed<LongSession>,
    /// Roles that a rule names and nobody assumed.
    pub idle_roles: Listed<IdleRole>,
    /// Repositories that still come with classic subjects, which a namesake could copy.
    pub classic: Listed<Classic>,
    /// Rules and silences that end within 30 days, or have ended.
    pub expiring: Listed<Expiring>,
}

/// A rule that nobody uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdleRule {
    /// Its name.
    pub rule: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it expected something, if there is one.
    pub last_use: Option<NaiveDate>,
    /// 30 or 90: for how many days it was not used, at least.
    pub days: u64,
}

/// A rule with wildcards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wildcard {
    /// Its name.
    pub rule: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The patterns, as the file writes them.
    pub patterns: Vec<String>,
    /// How many repositories with a context it matched.
    pub matched: u64,
    /// The first few of them.
    pub examples: Vec<String>,
}

/// A rule with a longer session than anyone had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LongSession {
    /// Its name.
    pub rule: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it allows, in seconds.
    pub allowed: u64,
    /// The longest that was seen, in seconds.
    pub longest: u64,
}

/// A role that nobody assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdleRole {
    /// Its ARN.
    pub role_arn: String,
    /// The rules that name it.
    pub rules: Vec<String>,
}

/// A repository with classic subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Classic {
    /// `owner/name`.
    pub repository: String,
    /// Its sessions with a classic subject.
    pub assumptions: Change,
    /// What to write in the allowlist, `OWNER@ID/NAME@ID`; null where its ids were never seen.
    pub pin: Option<String>,
}

/// Something of the allowlist that ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expiring {
    /// The rule's name, or `silence of CHECK`.
    pub what: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub last: NaiveDate,
    /// Whether that is over.
    pub ended: bool,
}
