//! The keys of issuers: read, fetched through a port, and kept.

mod cache;
mod set;

use std::future::Future;

use crate::issuer::Issuer;

pub use cache::{KEYS_GO_STALE, KeyCache, REFRESH};
pub use set::{KeySet, KeySetError};

/// Where key sets come from.
pub trait KeySource {
    /// The keys that an issuer publishes now. `None` is its answer that it publishes none; an error
    /// is no answer, and says nothing about any key.
    fn key_set(
        &self,
        issuer: &Issuer,
    ) -> impl Future<Output = Result<Option<KeySet>, KeySourceError>> + Send;
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeySourceError(pub String);
