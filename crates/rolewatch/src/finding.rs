//! A finding: what a check complains of, ready to be told.

mod background;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::background::{Background, Earlier};
use crate::assumption::{Assumption, Observation, Outcome, UnreadableRecord, run_url};
use crate::checks::Check;
use crate::digest::digest;

/// How much a finding weighs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look when there is time.
    Low,
    /// To be settled this week.
    Medium,
    /// To be settled today.
    High,
    /// Somebody is in who should not be. Now.
    Critical,
}

impl Severity {
    /// All of them, from the least.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A check's complaint about one event.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The same for the same event and check, in every run.
    pub id: String,
    /// The check that complains.
    pub check: &'static Check,
    /// The same for findings alike, of which one is told and the rest is counted.
    pub quiet: String,
    /// A headline. Holds text of the record: escape it for where it is shown.
    pub title: String,
    /// What is wrong, in a sentence or two. Holds text of the record.
    pub message: String,
    /// The event, unless so little of it could be read that it cannot be named.
    pub event: Option<Event>,
    /// The rule that matched the identity.
    pub rule: Option<String>,
    /// The rule that comes nearest.
    pub nearest_rule: Option<String>,
    /// Who answers for that rule.
    pub owner: Option<String>,
    /// TOML that would have allowed the assumption, and nothing else that was not seen.
    pub suggestion: Option<String>,
    /// What helps to act on it.
    pub background: Background,
}

/// What a finding tells of its event. The fields and their order are those of the JSON format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// CloudTrail's event id; where a record has none, its hash as `sha256:…`.
    pub event_id: String,
    /// When, in UTC, as RFC 3339.
    pub time: String,
    /// The region that logged the call.
    pub region: Option<String>,
    /// The account whose trail the record is in.
    pub account: Option<String>,
    /// The role's ARN.
    pub role_arn: Option<String>,
    /// The session's name.
    pub role_session_name: Option<String>,
    /// The token's subject, whole.
    pub subject: Option<String>,
    /// The owner's name in the subject.
    pub owner: Option<String>,
    /// `owner/name` in the subject, without ids.
    pub repository: Option<String>,
    /// The context, as the allowlist spells it.
    pub context: Option<String>,
    /// The owner's id.
    pub owner_id: Option<u64>,
    /// The repository's id.
    pub repository_id: Option<u64>,
    /// The issuer's URL.
    pub issuer: Option<String>,
    /// The token's audience.
    pub audience: Option<String>,
    /// The session's length in seconds.
    pub session_seconds: Option<u64>,
    /// Where the call came from.
    pub source_ip: Option<String>,
    /// What the caller says it is.
    pub user_agent: Option<String>,
    /// The id of the issued credentials' key.
    pub access_key_id: Option<String>,
    /// The error that STS answered with.
    pub error_code: Option<String>,
    /// The workflow's run, as the caller says: a hint, not proof.
    pub run_url: Option<String>,
}

impl Event {
    /// What can be told of an observation; none where it has no time.
    #[must_use]
    pub fn of(observation: &Observation) -> Option<Self> {
        match observation {
            Observation::Assumption(assumption) => Some(Self::of_assumption(assumption)),
            Observation::Unreadable(record) => Self::of_unreadable(record),
        }
    }

    fn of_assumption(assumption: &Assumption) -> Self {
        let (code, issued) = match &assumption.outcome {
            Outcome::Issued => (None, true),
            Outcome::Refused { code } => (Some(code.clone()), false),
        };
        Self {
            event_id: assumption.event_id.clone(),
            time: rfc3339(assumption.time),
            region: assumption.region.clone(),
            account: assumption.account.clone(),
            role_arn: Some(assumption.role_arn.clone()),
            role_session_name: assumption.role_session_name.clone(),
            issuer: Some(assumption.issuer.clone()),
            audience: assumption.audience.clone(),
            session_seconds: issued.then(|| assumption.session.seconds()),
            source_ip: assumption.source_ip.clone(),
            user_agent: assumption.user_agent.clone(),
            access_key_id: assumption.access_key_id.clone(),
            error_code: code,
            run_url: run_url(assumption),
            ..Self::named(Some(&assumption.subject))
        }
    }

    fn of_unreadable(record: &UnreadableRecord) -> Option<Self> {
        Some(Self {
            event_id: record
                .event_id
                .clone()
                .unwrap_or_else(|| format!("sha256:{}", record.hash)),
            time: rfc3339(record.time?),
            region: record.region.clone(),
            account: record.account.clone(),
            role_arn: record.role_arn.clone(),
            issuer: record.issuer.clone(),
            source_ip: record.source_ip.clone(),
            error_code: record.error_code.clone(),
            ..Self::named(record.subject.as_deref())
        })
    }

    /// An event of which just the subject is told.
    fn named(subject: Option<&str>) -> Self {
        let parsed = subject.map(github_oidc::Subject::parse);
        let parsed = parsed.as_ref();
        Self {
            event_id: String::new(),
            time: String::new(),
            region: None,
            account: None,
            role_arn: None,
            role_session_name: None,
            subject: subject.map(str::to_owned),
            owner: parsed
                .and_then(github_oidc::Subject::owner)
                .map(|owner| owner.text.to_owned()),
            repository: parsed
                .and_then(github_oidc::Subject::repository)
                .map(|it| it.full_name()),
            context: parsed
                .and_then(github_oidc::Subject::context)
                .map(|it| it.to_string()),
            owner_id: parsed.and_then(github_oidc::Subject::owner_id),
            repository_id: parsed.and_then(github_oidc::Subject::repository_id),
            issuer: None,
            audience: None,
            session_seconds: None,
            source_ip: None,
            user_agent: None,
            access_key_id: None,
            error_code: None,
            run_url: None,
        }
    }
}

fn rfc3339(time: chrono::DateTime<chrono::Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// The finding's id, the same in every run over the same event.
pub(crate) fn finding_id(check: &str, observation: &Observation) -> String {
    let account = observation.account().unwrap_or_default();
    stable_id(&[check, account, observation.identity()])
}

/// An id made of what it is about: 64 bits of a hash, in hex. Short enough to be typed, and the
/// same in every run.
#[must_use]
pub fn stable_id(parts: &[&str]) -> String {
    let mut id = digest(parts);
    id.truncate(16);
    id
}
