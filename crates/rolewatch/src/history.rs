//! What is remembered that bears on one assumption: the store's part of the facts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Memory of one assumption's use, ids and refusals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Whether this issuer, role and subject were expected together before; true also where so
    /// many were remembered that no more are.
    pub known_use: bool,
    /// The ids that this repository's name came with when it was expected.
    pub ids: Option<Ids>,
    /// Another name under which this repository's id was expected.
    pub former_name: Option<String>,
    /// Refused calls in the last hour, this one included.
    pub refusals: Refusals,
    /// Earlier unexpected assumptions of this role that a rule for this subject would match, this
    /// one not included; none where that is not remembered.
    pub sightings: Option<Sightings>,
}

/// Unexpected assumptions of one role by one subject, or by all with its names where it has no ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sightings {
    /// When first, in seconds since 1970.
    pub since: i64,
    /// How many, by the session's length in seconds.
    pub sessions: BTreeMap<u64, u64>,
}

impl Sightings {
    /// Lengths of sessions that are told apart; beyond it they count as the longest there is.
    const LENGTHS: usize = 16;

    /// Takes in one more.
    pub fn add(&mut self, at: i64, seconds: u64) {
        self.since = if self.sessions.is_empty() {
            at
        } else {
            self.since.min(at)
        };
        let known = self.sessions.contains_key(&seconds) || self.sessions.len() < Self::LENGTHS;
        let length = if known { seconds } else { u64::MAX };
        *self.sessions.entry(length).or_default() += 1;
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.sessions.values().sum()
    }

    /// How many of them, with sessions at most so long.
    #[must_use]
    pub fn within(&self, seconds: u64) -> u64 {
        self.sessions
            .range(..=seconds)
            .map(|(_, count)| count)
            .sum()
    }
}

/// The ids of a repository and its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    /// The owner's.
    pub owner: u64,
    /// The repository's.
    pub repository: u64,
}

/// How widely somebody was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Roles that this source was refused.
    pub roles_of_source: usize,
    /// Subjects that this role was refused to.
    pub subjects_of_role: usize,
}
