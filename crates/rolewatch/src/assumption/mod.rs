//! An assumption: one AssumeRoleWithWebIdentity record, understood.

mod bounds;
mod recover;
mod run_link;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::run_link::run_url;

/// What a record of AssumeRoleWithWebIdentity turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observation {
    /// It was understood.
    Assumption(Box<Assumption>),
    /// It was not, and is reported instead of judged.
    Unreadable(Box<UnreadableRecord>),
}

/// An assumption, successful or refused. Compact: just what judging and reporting need, and
/// never a session token. What is only shown is cut at 4 KiB, with an ellipsis; where what is judged by
/// is over 16 KiB, there is an [`UnreadableRecord`] instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// CloudTrail's event id; where a record has none, its hash as `sha256:…`.
    pub event_id: String,
    /// When the call was made.
    pub time: DateTime<Utc>,
    /// The account whose trail the record is in.
    pub account: Option<String>,
    /// The region that logged the call.
    pub region: Option<String>,
    /// The role's ARN.
    pub role_arn: String,
    /// The session's name, chosen by the caller.
    pub role_session_name: Option<String>,
    /// The issuer's URL; for AWS's built-in providers `https://` and their host.
    pub issuer: String,
    /// The token's subject.
    pub subject: String,
    /// The token's audience.
    pub audience: Option<String>,
    /// The session's length.
    pub session: Session,
    /// Where the call came from: an address, a DNS name or `AWS Internal`.
    pub source_ip: Option<String>,
    /// What the caller says it is.
    pub user_agent: Option<String>,
    /// The id of the issued credentials' key, by which later calls are found.
    pub access_key_id: Option<String>,
    /// Whether STS issued credentials.
    pub outcome: Outcome,
}

impl Assumption {
    /// Whether STS refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.outcome, Outcome::Refused { .. })
    }
}

/// What STS answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Credentials.
    Issued,
    /// An error.
    Refused {
        /// The error's code, such as `AccessDenied`.
        code: String,
    },
}

/// How long a session is, in seconds, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Session {
    /// The caller asked for it (`durationSeconds`).
    Requested(u64),
    /// From the call to the credentials' expiration.
    Measured(u64),
    /// Nothing says; STS then issues an hour.
    Assumed,
}

/// STS's default session, in seconds.
const STS_DEFAULT_SESSION: u64 = 3600;

impl Session {
    /// The length in seconds.
    #[must_use]
    pub fn seconds(self) -> u64 {
        match self {
            Self::Requested(seconds) | Self::Measured(seconds) => seconds,
            Self::Assumed => STS_DEFAULT_SESSION,
        }
    }

    /// Whether the length was measured, and so is exact to a few seconds only.
    #[must_use]
    pub fn is_measured(self) -> bool {
        matches!(self, Self::Measured(_))
    }
}

/// A record that cannot be judged, with whatever could be read of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableRecord {
    /// CloudTrail's event id.
    pub event_id: Option<String>,
    /// When the call was made.
    pub time: Option<DateTime<Utc>>,
    /// The account whose trail the record is in.
    pub account: Option<String>,
    /// The region that logged the call.
    pub region: Option<String>,
    /// The role's ARN.
    pub role_arn: Option<String>,
    /// The issuer's URL.
    pub issuer: Option<String>,
    /// The token's subject.
    pub subject: Option<String>,
    /// Where the call came from.
    pub source_ip: Option<String>,
    /// The error STS answered with.
    pub error_code: Option<String>,
    /// The hash of the record's bytes, in hex.
    pub hash: String,
    /// Why it cannot be judged, a lower-case fragment.
    pub reason: String,
}

impl Observation {
    /// The same event as one that cannot be judged, for this reason.
    #[must_use]
    pub fn unjudgeable(&self, reason: &str) -> Self {
        UnreadableRecord {
            event_id: Some(self.identity().to_owned()),
            time: self.time(),
            account: self.account().map(str::to_owned),
            hash: self.identity().to_owned(),
            reason: reason.to_owned(),
            ..UnreadableRecord::default()
        }
        .into()
    }

    /// When the call was made, where that is known.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Assumption(assumption) => Some(assumption.time),
            Self::Unreadable(record) => record.time,
        }
    }

    /// The account whose trail the record is in.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Assumption(assumption) => assumption.account.as_deref(),
            Self::Unreadable(record) => record.account.as_deref(),
        }
    }

    /// What tells this event from all others of its account: CloudTrail's event id, else the
    /// record's hash.
    #[must_use]
    pub fn identity(&self) -> &str {
        match self {
            Self::Assumption(assumption) => &assumption.event_id,
            Self::Unreadable(record) => record.event_id.as_deref().unwrap_or(&record.hash),
        }
    }
}

impl From<Assumption> for Observation {
    fn from(assumption: Assumption) -> Self {
        Self::Assumption(Box::new(assumption))
    }
}

impl From<UnreadableRecord> for Observation {
    fn from(record: UnreadableRecord) -> Self {
        Self::Unreadable(Box::new(record))
    }
}
