//! The domain of rolewatch: who assumed which role through GitHub's OIDC issuer, and was that
//! expected?
//!
//! The flow, one module a step: a record becomes an [`assumption`], the [`allowlist`] gives its
//! [`verdict`], the [`checks`] turn that into complaints, [`detect`] into a decision with
//! [`finding`]s, and [`rendering`] shows them. Everything here is pure and synchronous: no
//! clock, no environment, no input or output.

pub mod alert;
pub mod allowlist;
pub mod allowlist_in_force;
pub mod assumption;
pub mod checks;
pub mod comparison;
pub mod detect;
mod digest;
pub mod dispatch;
pub mod doctor;
pub mod finding;
pub mod history;
pub mod learn;
mod new_rule;
pub mod notify;
mod pattern;
pub mod pipeline;
mod quiet;
pub mod reconcile;
pub mod rendering;
pub mod report;
pub mod store;
mod suggestion;
pub mod tally;
pub mod upkeep;
pub mod verdict;
mod words;
