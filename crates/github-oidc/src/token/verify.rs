//! Whether a token is what it says.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::de::IgnoredAny;

use super::claims::{ClaimSet, Claims};
use super::keys::{KeyCache, KeySource};
use super::read::{UnverifiedToken, inspect};
use crate::issuer::Issuer;

/// How far an issuer's clock may be from ours, in seconds. Clocks that are kept by NTP differ by
/// less than one; what is added here, a stolen token lives longer.
pub const LEEWAY: u64 = 30;

/// What a token has to be.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Signed by this issuer.
    pub issuer: &'a Issuer,
    /// Made for this audience.
    pub audience: &'a str,
}

/// Why a token is not accepted. Never quotes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It says that another issuer signed it. No key was asked for.
    #[error("the token is of another issuer than {0}")]
    Issuer(Issuer),
    /// Not RS256, the one algorithm of GitHub's.
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// It does not name its key.
    #[error("the token does not say which key signed it")]
    NoKeyId,
    /// It asks for an extension (`crit`).
    #[error("the token demands an extension that GitHub does not use")]
    Critical,
    /// The issuer has no such key.
    #[error("the issuer publishes no key with the id that the token names")]
    UnknownKey,
    /// The issuer says that it has no keys.
    #[error("the issuer publishes no keys")]
    NoKeys,
    /// The key is not at hand and the issuer cannot be asked: try later. The one reason that says
    /// nothing about the token.
    #[error("the issuer's keys cannot be had: {0}")]
    KeysUnavailable(String),
    /// Signed with another key, or changed since.
    #[error("the signature is not the issuer's")]
    Signature,
    /// A claim is missing, or not of its kind.
    #[error("the token has no valid claim `{0}`")]
    Claim(&'static str),
    /// Some claim is of a kind that no decoder takes.
    #[error("a claim of the token is not of its kind")]
    Malformed,
    /// Made for somebody else.
    #[error("the token is made for another audience")]
    Audience,
    /// Too old.
    #[error("the token expired {0} s ago")]
    Expired(u64),
    /// Too young (`nbf`).
    #[error("the token is not valid before {0} s from now")]
    NotYetValid(u64),
    /// Issued in the future (`iat`).
    #[error("the token says that it is issued {0} s from now")]
    IssuedInFuture(u64),
}

/// Verifies a token: what it says of its issuer, then its algorithm, key, signature, audience and
/// times. `now` is in seconds since 1970.
///
/// # Errors
/// [`VerifyError`], the first reason found.
pub async fn verify(
    token: &UnverifiedToken<'_>,
    expected: Expected<'_>,
    keys: &mut KeyCache,
    source: &impl KeySource,
    now: u64,
) -> Result<Claims, VerifyError> {
    if token.issuer() != Some(&*expected.issuer.url()) {
        return Err(VerifyError::Issuer(expected.issuer.clone()));
    }
    if token.algorithm.as_deref() != Some("RS256") {
        return Err(VerifyError::Algorithm);
    }
    if token.is_critical {
        return Err(VerifyError::Critical);
    }
    let id = token.key_id.as_deref().filter(|id| !id.is_empty());
    let id = id.ok_or(VerifyError::NoKeyId)?;
    let key = keys.key(source, expected.issuer, id, now).await?;
    let claims = signed(token, expected, key)?;
    check_audience(&claims, expected)?;
    check_times(&claims, now)?;
    Ok(Claims::new(expected.issuer.clone(), claims))
}

/// The claims, if the key signed them.
fn signed(
    token: &UnverifiedToken<'_>,
    expected: Expected<'_>,
    key: &DecodingKey,
) -> Result<ClaimSet, VerifyError> {
    use jsonwebtoken::errors::ErrorKind;
    decode::<IgnoredAny>(token.text, key, &validation(expected)).map_err(|error| {
        match error.kind() {
            ErrorKind::InvalidAudience => VerifyError::Audience,
            ErrorKind::InvalidIssuer => VerifyError::Issuer(expected.issuer.clone()),
            ErrorKind::InvalidAlgorithm => VerifyError::Algorithm,
            ErrorKind::MissingRequiredClaim(name) => VerifyError::Claim(required(name)),
            ErrorKind::Json(_) => VerifyError::Malformed,
            _ => VerifyError::Signature,
        }
    })?;
    // The very text whose signature holds; it was read without complaint before.
    inspect(token.text)
        .map(|inspection| inspection.claims)
        .map_err(|_| VerifyError::Signature)
}

const REQUIRED: [&str; 5] = ["aud", "exp", "iss", "nbf", "sub"];

fn required(name: &str) -> &'static str {
    REQUIRED.into_iter().find(|it| *it == name).unwrap_or("iss")
}

/// Every switch of the decoder, its defaults included.
fn validation(expected: Expected<'_>) -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.algorithms = vec![Algorithm::RS256];
    validation.set_required_spec_claims(&REQUIRED);
    validation.set_issuer(&[expected.issuer.url()]);
    validation.set_audience(&[expected.audience]);
    validation.validate_aud = true;
    validation.sub = None;
    // The decoder would ask the system's clock. Ours is handed in: `check_times`.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.leeway = 0;
    validation.reject_tokens_expiring_in_less_than = 0;
    validation
}

/// The decoder takes a list of which one fits; STS would take its first. GitHub signs one.
fn check_audience(claims: &ClaimSet, expected: Expected<'_>) -> Result<(), VerifyError> {
    if claims.audience() == Some(expected.audience) {
        Ok(())
    } else {
        Err(VerifyError::Audience)
    }
}

fn check_times(claims: &ClaimSet, now: u64) -> Result<(), VerifyError> {
    let time = |name| claims.seconds(name).ok_or(VerifyError::Claim(name));
    let (expires, not_before, issued) = (time("exp")?, time("nbf")?, time("iat")?);
    // At the second of `exp` it is over (RFC 7519, 4.1.4).
    if now >= expires.saturating_add(LEEWAY) {
        return Err(VerifyError::Expired(now - expires));
    }
    if not_before > now.saturating_add(LEEWAY) {
        return Err(VerifyError::NotYetValid(not_before - now));
    }
    if issued > now.saturating_add(LEEWAY) {
        return Err(VerifyError::IssuedInFuture(issued - now));
    }
    match claims.text("sub") {
        None | Some("") => Err(VerifyError::Claim("sub")),
        Some(_) => Ok(()),
    }
}
