//! Tokens, looked at and verified. With the feature `verify` alone.
//!
//! [`UnverifiedToken`] knows no more than which keys to ask for; [`verify`] makes [`Claims`] of it,
//! or says why not; [`inspect`] shows what a token says to somebody who wants to look at it, and its
//! [`Inspection`] is accepted nowhere. What time it is and where keys come from, the caller says.

mod claims;
mod keys;
mod read;
mod strict;
mod verify;

pub use claims::{ClaimSet, Claims};
pub use keys::{KEYS_GO_STALE, KeyCache, KeySet, KeySetError, KeySource, KeySourceError, REFRESH};
pub use read::{Inspection, LONGEST_TOKEN, TokenError, UnverifiedToken, inspect};
pub use verify::{Expected, LEEWAY, VerifyError, verify};
