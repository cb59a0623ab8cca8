//! What helps to act on a finding and is no part of it: what the rule allows, what is remembered.

use serde::{Deserialize, Serialize};

use crate::history::Sightings;

/// Beside a finding. It holds numbers, hashes and what our settings say, no text of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Background {
    /// The quiet key, the same for findings alike: the thread that they belong in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
    /// What people call the account, where the settings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// The address of the check's page, where the settings say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The longest session that the rule allows which matched or came nearest, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_seconds: Option<u64>,
    /// Whether this subject never took this role before, as far as is remembered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub first_seen: bool,
    /// Earlier unexpected assumptions of the role by the same subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
    /// How many of the earlier ones the suggestion would have allowed as well: its blast radius.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_too: Option<u64>,
    /// The finding that was told in full, where this is the summary of those after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_of: Option<String>,
}

/// What came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// How often.
    pub count: u64,
    /// When first, in seconds since 1970.
    pub since: i64,
}

impl Background {
    /// Takes in what is remembered of the same subject and role.
    pub(crate) fn recall(&mut self, seen: &Sightings, known_use: bool) {
        let count = seen.count();
        self.first_seen = count == 0 && !known_use;
        self.earlier = (count > 0).then_some(Earlier {
            count,
            since: seen.since,
        });
    }
}
