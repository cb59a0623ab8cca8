//! From the text of a token to its parts, none of which is to be believed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::claims::ClaimSet;
use super::strict::Strict;

/// The longest token that is read, in bytes. STS takes no `WebIdentityToken` of more than 20,000
/// characters, and GitHub's have some 2,000. Beyond it nothing is decoded.
pub const LONGEST_TOKEN: usize = 20_000;

/// Why a text is no token that could be verified. Never quotes the token, which is a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long to be looked at.
    #[error("the token has {0} bytes, more than the {LONGEST_TOKEN} that STS takes")]
    TooLong(usize),
    /// Not three parts.
    #[error("not a token: a JWT has three parts, separated by dots")]
    NotThreeParts,
    /// A part is not base64url.
    #[error("the token's {0} is not base64url without padding")]
    NotBase64(&'static str),
    /// A part is not a JSON object, or some name stands in it twice.
    #[error("the token's {part} is not a JSON object in which each name stands once: {why}")]
    NotAnObject {
        /// The header, or the claims.
        part: &'static str,
        /// What is wrong, without the part's text.
        why: String,
    },
}

/// A token of which nobody knows yet whether it is one: just what it takes to find the key.
#[derive(Clone, PartialEq, Eq)]
pub struct UnverifiedToken<'a> {
    pub(super) text: &'a str,
    pub(super) algorithm: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) is_critical: bool,
    pub(super) issuer: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a text apart.
    ///
    /// # Errors
    /// [`TokenError`] where it is no JWT, is too long, or says something twice.
    pub fn parse(text: &'a str) -> Result<Self, TokenError> {
        let Inspection { header, claims } = inspect(text)?;
        let member = |name: &str| header.text(name).map(str::to_owned);
        Ok(Self {
            text,
            algorithm: member("alg"),
            key_id: member("kid"),
            // Extensions that a reader has to understand (RFC 7515, 4.1.11); we know none.
            is_critical: header.texts().any(|(name, _)| name == "crit"),
            issuer: claims.text("iss").map(str::to_owned),
        })
    }

    /// Who the token says has signed it: to be compared, never to be asked.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnverifiedToken")
    }
}

/// What a token says, for somebody who looks at it. Nothing of it is proven.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The header.
    pub header: ClaimSet,
    /// The claims.
    pub claims: ClaimSet,
}

/// Shows what a token says, **unverified**.
///
/// # Errors
/// Those of [`UnverifiedToken::parse`].
pub fn inspect(text: &str) -> Result<Inspection, TokenError> {
    if text.len() > LONGEST_TOKEN {
        return Err(TokenError::TooLong(text.len()));
    }
    let mut parts = text.split('.');
    let three = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(header), Some(claims), Some(_), None) = three else {
        return Err(TokenError::NotThreeParts);
    };
    Ok(Inspection {
        header: ClaimSet::new(object(header, "header")?),
        claims: ClaimSet::new(object(claims, "claims")?),
    })
}

fn object(encoded: &str, part: &'static str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded);
    let bytes = bytes.map_err(|_| TokenError::NotBase64(part))?;
    let not_an_object = |why: String| TokenError::NotAnObject { part, why };
    let value = serde_json::from_slice(&bytes);
    match value.map_err(|error| not_an_object(error.to_string()))? {
        Strict(Value::Object(members)) => Ok(members),
        Strict(_) => Err(not_an_object("it is another kind of JSON".to_owned())),
    }
}
