//! Key sets that rotate, are away, or are wrong.

use github_oidc::Issuer;
use github_oidc::token::{
    Expected, KEYS_GO_STALE, KeyCache, KeySet, KeySetError, KeySourceError, REFRESH,
    UnverifiedToken, VerifyError, verify,
};
use serde_json::json;

use crate::mint::{AUDIENCE, NOW, Signer, Source, block_on, claims, signer};

/// A verifier that stays: the cache is kept between tokens.
struct Verifier<'a> {
    cache: KeyCache,
    source: &'a Source,
}

impl<'a> Verifier<'a> {
    fn new(source: &'a Source) -> Self {
        let cache = KeyCache::default();
        Self { cache, source }
    }

    /// A token of this signer, made and verified at a time.
    fn judge(&mut self, signer: &Signer, at: u64) -> Result<(), VerifyError> {
        let mut said = claims();
        for (claim, time) in [("iat", at), ("nbf", at - 600), ("exp", at + 300)] {
            said[claim] = time.into();
        }
        let text = signer.token(&said);
        let token = UnverifiedToken::parse(&text).unwrap();
        let expected = Expected {
            issuer: &Issuer::GitHub,
            audience: AUDIENCE,
        };
        block_on(verify(&token, expected, &mut self.cache, self.source, at)).map(drop)
    }
}

fn down() -> Result<Option<KeySet>, KeySourceError> {
    Err(KeySourceError("the connection failed".to_owned()))
}

#[test]
fn keys_are_asked_for_once_and_kept() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    for second in 0..300 {
        assert_eq!(verifier.judge(signer(), NOW + second), Ok(()));
    }
    assert_eq!(source.asked(), 1);
}

#[test]
fn made_up_key_ids_ask_once_a_minute_at_most() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    let stranger = Signer::new("made-up");
    for second in 0..600 {
        let refused = verifier.judge(&stranger, NOW + second);
        assert_eq!(refused, Err(VerifyError::UnknownKey));
    }
    assert_eq!(u64::from(source.asked()), 600 / REFRESH);
    assert_eq!(verifier.judge(signer(), NOW + 600), Ok(()));
}

#[test]
fn a_new_key_is_known_after_a_minute_and_an_old_one_goes() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    let next = Signer::new("test-key-2");
    assert_eq!(verifier.judge(signer(), NOW), Ok(()));
    source.publishes(&[&next]);
    assert_eq!(verifier.judge(&next, NOW + 1), Err(VerifyError::UnknownKey));
    assert_eq!(verifier.judge(&next, NOW + REFRESH), Ok(()));
    let old = verifier.judge(signer(), NOW + REFRESH + 1);
    assert_eq!(old, Err(VerifyError::UnknownKey));
}

#[test]
fn a_withdrawn_key_goes_although_nobody_asks_for_another() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    assert_eq!(verifier.judge(signer(), NOW), Ok(()));
    source.publishes(&[]);
    assert_eq!(verifier.judge(signer(), NOW + 3599), Ok(()));
    let gone = verifier.judge(signer(), NOW + 3600);
    assert_eq!(gone, Err(VerifyError::UnknownKey));
}

#[test]
fn known_keys_go_on_while_the_issuer_is_away_and_nothing_else_gets_in() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    assert_eq!(verifier.judge(signer(), NOW), Ok(()));
    source.answers(down());
    let stranger = Signer::new("made-up");
    let forger = Signer::new("test-key-1");
    for hours in 1..24 {
        let at = NOW + hours * 3600;
        assert_eq!(verifier.judge(signer(), at), Ok(()), "{hours}");
        let unknown = verifier.judge(&stranger, at + REFRESH);
        assert!(matches!(unknown, Err(VerifyError::KeysUnavailable(_))));
        let outcome = verifier.judge(&forger, at);
        assert_eq!(outcome, Err(VerifyError::Signature));
    }
    let expired = verifier.judge(signer(), NOW + KEYS_GO_STALE);
    assert!(matches!(expired, Err(VerifyError::KeysUnavailable(_))));
    source.publishes(&[signer()]);
    let back = NOW + KEYS_GO_STALE + REFRESH;
    assert_eq!(verifier.judge(signer(), back), Ok(()));
}

#[test]
fn without_keys_nothing_is_accepted() {
    let source = Source::of(&[]);
    let mut verifier = Verifier::new(&source);
    source.answers(down());
    let first = verifier.judge(signer(), NOW);
    assert_eq!(
        first,
        Err(VerifyError::KeysUnavailable("the connection failed".into()))
    );
    // Within the minute the issuer is not asked again.
    assert_eq!(verifier.judge(signer(), NOW + 1), first);
    assert_eq!(source.asked(), 1);
    source.answers(Ok(None));
    let absent = verifier.judge(signer(), NOW + REFRESH);
    assert_eq!(absent, Err(VerifyError::NoKeys));
}

#[test]
fn a_clock_that_goes_back_does_not_keep_old_keys() {
    let source = Source::of(&[signer()]);
    let mut verifier = Verifier::new(&source);
    assert_eq!(verifier.judge(signer(), NOW), Ok(()));
    source.publishes(&[]);
    let earlier = verifier.judge(signer(), NOW - 86_400);
    assert_eq!(earlier, Err(VerifyError::UnknownKey));
}

#[test]
fn only_long_rsa_keys_that_sign_are_taken() {
    let good = signer().jwk();
    let with = |name: &str, value: serde_json::Value| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    for useless in [
        with("kty", "EC".into()),
        with("kty", "oct".into()),
        with("use", "enc".into()),
        with("alg", "RS512".into()),
        with("alg", "HS256".into()),
        with("kid", json!(null)),
        with("n", "AQAB".into()),
        with("n", "A".repeat(10_000).into()),
        with("n", "not base64!".into()),
        json!({}),
        json!("key"),
    ] {
        let set = json!({ "keys": [useless] }).to_string();
        let set = KeySet::parse(set.as_bytes()).unwrap();
        assert_eq!(set.ids().count(), 0, "{useless}");
    }
    let set = json!({ "keys": [good, {"kty": "EC", "kid": "x"}] }).to_string();
    let set = KeySet::parse(set.as_bytes()).unwrap();
    assert_eq!(set.ids().collect::<Vec<_>>(), ["test-key-1"]);
}

#[test]
fn what_is_no_key_set_is_refused() {
    let twice = json!({ "keys": [signer().jwk(), signer().jwk()] }).to_string();
    assert_eq!(
        KeySet::parse(twice.as_bytes()).unwrap_err(),
        KeySetError::SameId
    );
    let refused = KeySet::parse(b"{}").unwrap_err();
    assert_eq!(refused, KeySetError::NoKeys);
    for text in ["", "<html>", r#"{"keys":[],"keys":[]}"#] {
        let refused = KeySet::parse(text.as_bytes());
        assert!(matches!(refused, Err(KeySetError::NotJson(_))), "{text}");
    }
    let large = format!("{{\"keys\":[{}]}}", " ".repeat(70_000));
    assert_eq!(
        KeySet::parse(large.as_bytes()).unwrap_err(),
        KeySetError::TooLarge
    );
}
