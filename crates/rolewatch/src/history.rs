//! What is remembered that bears on one assumption: the store's part of the facts.

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
