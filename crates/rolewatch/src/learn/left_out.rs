//! What came and is in no rule, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::rendering::terminal::cut_to;
use crate::report::words::Plural;

/// Examples that are told of a reason.
const EXAMPLES: usize = 3;
/// A name in an example is cut to so many characters.
const LONGEST: usize = 120;

/// Why no rule could be made for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    LookAlike,
    OtherIssuer,
    NoCaller,
    Empty,
    Unwritable,
    NoAudience,
    TooLong,
    OtherIds,
    TooMany,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::LookAlike => "the issuer looks like GitHub's and is not",
            Self::OtherIssuer => {
                "another issuer than GitHub's, for a role that GitHub Actions use: a role for each keeps them apart"
            }
            Self::NoCaller => {
                "the subject does not say who calls, so anyone may: a rule for it needs `caller = \"any\"`, which \
                 somebody has to want"
            }
            Self::Empty => "a name in it is empty, and the allowlist has no word for none",
            Self::Unwritable => {
                "a name that the allowlist cannot write as itself: a wildcard's character, white space at an end, a \
                 control character, or over 1024 bytes"
            }
            Self::NoAudience => "no audience is recorded",
            Self::TooLong => "longer than the 12h that STS issues at most",
            Self::OtherIds => "its ids are not those that other rules pin its names to",
            Self::TooMany => "more than a file should list",
        }
    }
}

/// Sessions by the reason for which they are in no rule.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut(BTreeMap<Why, Left>);

#[derive(Clone, Debug, Default)]
struct Left {
    sessions: u64,
    /// Subjects and roles: the first in their order, so that it does not matter which came first.
    examples: BTreeSet<(String, String)>,
}

impl LeftOut {
    pub(super) fn add(&mut self, why: Why, subject: &str, role_arn: &str, sessions: u64) {
        let left = self.0.entry(why).or_default();
        left.sessions = left.sessions.saturating_add(sessions);
        let example = (cut_to(subject, LONGEST), cut_to(role_arn, LONGEST));
        left.examples.insert(example);
        if left.examples.len() > EXAMPLES {
            left.examples.pop_last();
        }
    }

    pub(super) fn sessions(&self) -> u64 {
        let all = self.0.values().map(|left| left.sessions);
        all.fold(0, u64::saturating_add)
    }

    /// A reason a line, with examples below it. The names in there are somebody else's choice.
    pub(super) fn told(&self) -> Vec<(String, Vec<String>)> {
        let told = self.0.iter().map(|(why, left)| {
            let examples = left.examples.iter();
            let examples = examples.map(|(subject, role)| format!("{subject} for {role}"));
            let line = format!(
                "{}: {}",
                left.sessions.of("session", "sessions"),
                why.words()
            );
            (line, examples.collect())
        });
        told.collect()
    }
}
