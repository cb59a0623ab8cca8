//! The identities that GitHub Actions signs: issuers and subjects, in every form they take.
//!
//! A workflow's token says who issued it ([`Issuer`]) and what it stands for ([`Subject`]). Both
//! are read here exactly as GitHub writes them: what is not one of GitHub's forms is told apart,
//! never guessed at. With the feature `verify`, `token` verifies signatures; nothing else here does.
//!
//! A subject is attacker-controlled text: whoever may push a branch chooses part of it. Its parts
//! are kept as they came, and are for the caller to escape wherever they are shown.

mod claim;
mod context;
mod issuer;
mod production;
mod repository;
mod resemblance;
mod subject;
#[cfg(feature = "verify")]
pub mod token;

pub use claim::{Claim, CustomSubject};
pub use context::Context;
pub use issuer::{GITHUB_ISSUER, Issuer, IssuerProblem, ParseIssuerError};
pub use production::says_production;
pub use repository::{Name, Repository};
pub use resemblance::resembles_github;
pub use subject::{Form, StandardSubject, Subject};
