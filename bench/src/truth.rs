//! What an archive holds, as its generator counted it.

use serde::{Deserialize, Serialize};

/// What a replay against `samples/allowlist.toml` has to say of an archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Truth {
    pub(crate) records: u64,
    /// Records of AssumeRoleWithWebIdentity.
    pub(crate) assumptions: u64,
    /// Those of GitHub's, by what the allowlist says.
    pub(crate) expected: u64,
    pub(crate) unexpected: u64,
    pub(crate) denied: u64,
    /// Those of other issuers.
    pub(crate) other: u64,
}

impl Truth {
    /// Counts an assumption of one of a hundred kinds.
    pub(crate) fn assume(&mut self, kind: u64) {
        self.assumptions += 1;
        match kind {
            0..30 => self.expected += 1,
            30..35 => self.unexpected += 1,
            35..40 => self.denied += 1,
            _ => self.other += 1,
        }
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.records += more.records;
        self.assumptions += more.assumptions;
        self.expected += more.expected;
        self.unexpected += more.unexpected;
        self.denied += more.denied;
        self.other += more.other;
    }
}
