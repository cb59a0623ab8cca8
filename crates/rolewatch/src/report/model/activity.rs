//! Who came, to what, and what of it was new.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Change, Listed};

/// What a day had, by outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Days {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// Whether the source knows of this day.
    pub known: bool,
    /// Calls that satisfied a rule.
    pub expected: u64,
    /// Calls that did not.
    pub unexpected: u64,
    /// Calls that STS refused.
    pub denied: u64,
    /// Calls that a silence covers.
    pub ignored: u64,
    /// Judged calls on the day of the period before in its place; null where that is not known.
    pub before: Option<u64>,
}

/// What the hours of a weekday had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    /// The weekday, in English.
    pub weekday: String,
    /// Whether the source knows of one of these days; if not, no calls mean nothing.
    #[serde(default = "known")]
    pub known: bool,
    /// Calls in each of its 24 hours (UTC).
    pub calls: Vec<u64>,
}

/// Reports of before did not say.
fn known() -> bool {
    true
}

/// What happened to a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Its ARN; empty for all roles that no rule names and that were refused.
    pub role_arn: String,
    /// Sessions that were issued for it.
    pub assumptions: Change,
    /// Calls that no rule expects.
    pub unexpected: Change,
    /// Calls that STS refused, silenced ones included.
    pub denied: Change,
    /// Repositories that got sessions.
    pub repositories: Change,
    /// Branches, tags, environments and pull requests that did.
    pub contexts: Change,
    /// How long its sessions were.
    pub sessions: Sessions,
    /// The last day on which somebody assumed it, in the last 90 days or the period.
    pub last_use: Option<NaiveDate>,
    /// Who answers for the rules that name it.
    pub owners: Vec<String>,
}

/// Lengths of sessions in seconds, up to the next minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    /// The shortest.
    pub shortest: Option<u64>,
    /// The one that half of them do not exceed.
    pub median: Option<u64>,
    /// The longest.
    pub longest: Option<u64>,
    /// The median of the period before.
    pub median_before: Option<u64>,
    /// The longest of the period before.
    pub longest_before: Option<u64>,
    /// The longest that a rule for the role allows; null where no rule names it.
    pub limit: Option<u64>,
    /// How many were longer than 15 minutes, the least that STS gives.
    pub beyond_least: Change,
}

/// A repository and a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The repository; empty where the subject names none.
    pub repository: String,
    /// The role's ARN.
    pub role_arn: String,
    /// Sessions.
    pub assumptions: Change,
    /// Whether it is new; null where there is nothing to compare with.
    pub new: Option<bool>,
}

/// What was not there in the 90 days before, as far as the source goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct News {
    /// The first day that was looked at; null where there is nothing to compare with, and so
    /// nothing can be called new.
    pub since: Option<NaiveDate>,
    /// Repositories that got a session.
    pub repositories: Listed<NewRepository>,
    /// Roles that were assumed, by ARN.
    pub roles: Listed<String>,
    /// Branches, tags, environments and so on of repositories that are not new themselves.
    pub contexts: Listed<NewContext>,
    /// Ids of repositories.
    pub ids: Listed<NewId>,
    /// Issuers of tokens, GitHub's and others.
    pub providers: Listed<String>,
    /// Ids that came with another name before.
    pub renamed: Listed<Renamed>,
}

/// A repository that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewRepository {
    /// `owner/name`.
    pub repository: String,
    /// Whether a rule expected it.
    pub expected: bool,
    /// Its sessions.
    pub assumptions: u64,
}

/// A context that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewContext {
    /// `owner/name`.
    pub repository: String,
    /// As the allowlist writes it: `branch:main`.
    pub context: String,
    /// The role's ARN.
    pub role_arn: String,
    /// Whether a rule expected it.
    pub expected: bool,
}

/// An id that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewId {
    /// `OWNER@ID/NAME@ID`, as the allowlist writes it.
    pub repository: String,
}

/// A repository that came under another name before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renamed {
    /// Its id.
    pub id: u64,
    /// The name before.
    pub from: String,
    /// The name now.
    pub to: String,
}

/// What STS refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Denied {
    /// Refused calls, silenced ones included.
    pub total: Change,
    /// By cause, the most frequent first.
    pub causes: Vec<DeniedCause>,
    /// Findings of probing; null where the check was not asked.
    pub probing: Option<Change>,
}

/// A cause of refusals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeniedCause {
    /// STS's error code, or `other`.
    pub code: String,
    /// What it means.
    pub meaning: String,
    /// How many.
    pub calls: Change,
}

/// Whether sessions lead back to the run that asked for them. What a run's id is taken from is
/// the caller's text: a hint, not proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trace {
    /// Sessions.
    pub sessions: Change,
    /// Those with a link to a run.
    pub linked: Change,
    /// Those named `GitHubActions`, as all are that nobody names.
    pub unnamed: Change,
    /// Repositories with sessions of that name, those with the most first.
    pub repositories: Listed<RepositoryTrace>,
}

/// The sessions of a repository that go by the name that all have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryTrace {
    /// `owner/name`; empty where the subject names none.
    pub repository: String,
    /// Its sessions.
    pub sessions: Change,
    /// Those with a link to a run.
    pub linked: Change,
    /// Those named `GitHubActions`.
    pub unnamed: Change,
}
