//! The commands, one module each.

pub(crate) mod allowlist_check;
pub(crate) mod allowlist_explain;
pub(crate) mod allowlist_schema;
pub(crate) mod allowlist_test;
pub(crate) mod checks;
pub(crate) mod completions;
pub(crate) mod diff;
#[cfg(feature = "aws")]
pub(crate) mod doctor;
#[cfg(feature = "aws")]
pub(crate) mod drill;
pub(crate) mod init;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod snooze;
pub(crate) mod token_inspect;
pub(crate) mod token_verify;
pub(crate) mod trust_explain;
pub(crate) mod trust_fix;
pub(crate) mod trust_lint;
pub(crate) mod workflow_lint;
