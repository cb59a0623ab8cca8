//! Tokens, verified with real keys: one test for each reason to refuse one.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod keys;
mod mint;
mod refused;

use github_oidc::Issuer;
use github_oidc::token::{Expected, KeyCache, UnverifiedToken, VerifyError, inspect, verify};
use mint::{AUDIENCE, NOW, Signer, Source, block_on, claims, signer};

/// What comes of a token at [`NOW`], with the keys of the one signer published.
fn judge(token: &str) -> Result<String, VerifyError> {
    judge_with(token, &Source::of(&[signer()]))
}

fn judge_with(token: &str, source: &Source) -> Result<String, VerifyError> {
    let token = UnverifiedToken::parse(token).unwrap();
    let expected = Expected {
        issuer: &Issuer::GitHub,
        audience: AUDIENCE,
    };
    let mut cache = KeyCache::default();
    let claims = block_on(verify(&token, expected, &mut cache, source, NOW))?;
    assert_eq!(claims.issuer(), &Issuer::GitHub);
    Ok(claims.subject().to_owned())
}

#[test]
fn a_token_of_github_is_accepted_and_its_claims_are_kept() {
    let token = signer().token(&claims());
    assert_eq!(
        judge(&token).as_deref(),
        Ok("repo:my-org@111/my-repo@456789:environment:production")
    );
    let said = inspect(&token).unwrap();
    assert_eq!(said.header.text("kid"), Some("test-key-1"));
    assert_eq!(said.claims.lifetime(), Some(300));
    assert_eq!(said.claims.audience(), Some(AUDIENCE));
    let actor = said.claims.texts().find(|(name, _)| *name == "actor");
    assert_eq!(actor, Some(("actor", vec!["octocat".to_owned()])));
}

#[test]
fn an_unverified_token_shows_nothing() {
    let token = signer().token(&claims());
    let unverified = UnverifiedToken::parse(&token).unwrap();
    assert_eq!(format!("{unverified:?}"), "UnverifiedToken");
    assert_eq!(unverified.issuer(), Some(github_oidc::GITHUB_ISSUER));
}

#[test]
fn another_signer_with_the_same_key_id_is_not_believed() {
    let stranger = Signer::new("test-key-1");
    let token = stranger.token(&claims());
    assert_eq!(judge(&token), Err(VerifyError::Signature));
}
