//! Tokens that are refused, one for each reason.

use github_oidc::token::{LEEWAY, LONGEST_TOKEN, TokenError, UnverifiedToken, VerifyError};
use serde_json::json;

use crate::mint::{NOW, Signer, Source, base64, claims, claims_with, signer};
use crate::{judge, judge_with};

#[test]
fn no_algorithm() {
    for algorithm in ["none", "None", "NONE", ""] {
        let header = json!({"alg": algorithm, "kid": "test-key-1", "typ": "JWT"});
        let message = format!(
            "{}.{}",
            base64(header.to_string()),
            base64(claims().to_string())
        );
        assert_eq!(judge(&format!("{message}.")), Err(VerifyError::Algorithm));
        let signed = signer().token_of(&header, &claims().to_string());
        assert_eq!(judge(&signed), Err(VerifyError::Algorithm));
    }
}

#[test]
fn a_shared_secret_that_is_the_public_key() {
    use aws_lc_rs::hmac;
    let header = json!({"alg": "HS256", "kid": "test-key-1", "typ": "JWT"});
    let message = format!(
        "{}.{}",
        base64(header.to_string()),
        base64(claims().to_string())
    );
    let jwk = signer().jwk().to_string().into_bytes();
    for secret in [signer().public_der(), jwk] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let token = format!("{message}.{}", base64(hmac::sign(&key, message.as_bytes())));
        assert_eq!(judge(&token), Err(VerifyError::Algorithm));
    }
}

#[test]
fn another_algorithm_of_the_same_key() {
    let header = json!({"alg": "RS384", "kid": "test-key-1"});
    let token = signer().token_of(&header, &claims().to_string());
    assert_eq!(judge(&token), Err(VerifyError::Algorithm));
}

#[test]
fn an_unknown_key_id_and_none() {
    let stranger = Signer::new("test-key-2");
    let token = stranger.token(&claims());
    assert_eq!(judge(&token), Err(VerifyError::UnknownKey));
    for header in [
        json!({"alg": "RS256"}),
        json!({"alg": "RS256", "kid": ""}),
        json!({"alg": "RS256", "kid": 1}),
    ] {
        let token = signer().token_of(&header, &claims().to_string());
        assert_eq!(judge(&token), Err(VerifyError::NoKeyId), "{header}");
    }
}

#[test]
fn a_key_that_the_token_brings_along() {
    let stranger = Signer::new("test-key-1");
    let mut header = stranger.header();
    header["jwk"] = stranger.jwk();
    header["jku"] = "https://evil.example/jwks".into();
    let token = stranger.token_of(&header, &claims().to_string());
    assert_eq!(judge(&token), Err(VerifyError::Signature));
}

#[test]
fn an_extension_that_must_be_understood() {
    let mut header = signer().header();
    header["crit"] = json!(["exp"]);
    let token = signer().token_of(&header, &claims().to_string());
    assert_eq!(judge(&token), Err(VerifyError::Critical));
}

#[test]
fn expired() {
    let at = |exp: u64| judge(&signer().token(&claims_with("exp", exp.into())));
    assert!(at(NOW - LEEWAY + 1).is_ok());
    assert_eq!(at(NOW - LEEWAY), Err(VerifyError::Expired(LEEWAY)));
    assert_eq!(at(0), Err(VerifyError::Expired(NOW)));
}

#[test]
fn not_yet_valid() {
    let at = |nbf: u64| judge(&signer().token(&claims_with("nbf", nbf.into())));
    assert!(at(NOW + LEEWAY).is_ok());
    let early = Err(VerifyError::NotYetValid(LEEWAY + 1));
    assert_eq!(at(NOW + LEEWAY + 1), early);
    assert!(at(u64::MAX).is_err());
}

#[test]
fn issued_in_the_future() {
    let at = |iat: u64| judge(&signer().token(&claims_with("iat", iat.into())));
    assert!(at(NOW + LEEWAY).is_ok());
    let early = Err(VerifyError::IssuedInFuture(LEEWAY + 1));
    assert_eq!(at(NOW + LEEWAY + 1), early);
}

#[test]
fn times_that_are_none() {
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("1795000000"), json!(-1), json!(1.5), json!(null)] {
            let token = signer().token(&claims_with(name, value.clone()));
            assert_eq!(judge(&token), Err(VerifyError::Claim(name)), "{value}");
        }
        let token = signer().token(&claims_with(name, json!([NOW])));
        assert!(judge(&token).is_err());
    }
}

#[test]
fn another_issuer_is_refused_before_any_key_is_asked_for() {
    let github = "https://token.actions.githubusercontent.com";
    for issuer in [
        json!("https://evil.example"),
        json!(format!("{github}/")),
        json!(format!("{github}/my-enterprise")),
        json!("https://TOKEN.actions.githubusercontent.com"),
        json!("https://token.actions.evil.ghe.com"),
        json!([github, "https://evil.example"]),
        json!([github]),
        json!(null),
    ] {
        let source = Source::of(&[signer()]);
        let token = signer().token(&claims_with("iss", issuer.clone()));
        let refused = judge_with(&token, &source);
        assert!(matches!(refused, Err(VerifyError::Issuer(_))), "{issuer}");
        assert_eq!(source.asked(), 0, "{issuer}");
    }
}

#[test]
fn another_audience() {
    for audience in [
        json!("https://github.com/my-org"),
        json!("sts.amazonaws.com.evil.example"),
        json!(["sts.amazonaws.com", "https://github.com/my-org"]),
        json!([]),
        json!(""),
    ] {
        let token = signer().token(&claims_with("aud", audience.clone()));
        assert_eq!(judge(&token), Err(VerifyError::Audience), "{audience}");
    }
    let token = signer().token(&claims_with("aud", json!(["sts.amazonaws.com"])));
    assert!(judge(&token).is_ok());
    let token = signer().token(&claims_with("aud", json!(null)));
    assert_eq!(judge(&token), Err(VerifyError::Claim("aud")));
}

#[test]
fn no_subject() {
    for subject in [json!(null), json!(""), json!(7)] {
        let token = signer().token(&claims_with("sub", subject.clone()));
        assert_eq!(judge(&token), Err(VerifyError::Claim("sub")), "{subject}");
    }
}

#[test]
fn oversized() {
    let claim = "x".repeat(LONGEST_TOKEN);
    let token = signer().token(&claims_with("actor", claim.into()));
    let refused = UnverifiedToken::parse(&token);
    assert_eq!(refused.unwrap_err(), TokenError::TooLong(token.len()));
    // Before anything is decoded: this is no base64 at all.
    let junk = "!".repeat(LONGEST_TOKEN + 1);
    let refused = UnverifiedToken::parse(&junk);
    assert!(matches!(refused, Err(TokenError::TooLong(_))));
}

#[test]
fn a_claim_that_stands_twice() {
    let mut twice = claims().to_string();
    twice.insert_str(1, r#""sub":"repo:evil/evil:ref:refs/heads/main","#);
    let token = signer().token_of(&signer().header(), &twice);
    let refused = UnverifiedToken::parse(&token).unwrap_err();
    assert!(refused.to_string().contains("stands twice"), "{refused}");
    let header = r#"{"alg":"none","alg":"RS256","kid":"test-key-1"}"#;
    let (_, rest) = token.split_once('.').unwrap();
    let refused = UnverifiedToken::parse(&format!("{}.{rest}", base64(header))).unwrap_err();
    assert!(refused.to_string().contains("header"), "{refused}");
}

#[test]
fn tampered_with() {
    let token = signer().token(&claims());
    let parts: Vec<&str> = token.split('.').collect();
    let other = claims_with("sub", "repo:my-org/other:pull_request".into());
    let changed = format!("{}.{}.{}", parts[0], base64(other.to_string()), parts[2]);
    assert_eq!(judge(&changed), Err(VerifyError::Signature));
    let cut = format!("{}.{}.", parts[0], parts[1]);
    assert_eq!(judge(&cut), Err(VerifyError::Signature));
    // Each character of the signature counts, save for bits that base64 leaves over.
    let signature = parts[2];
    for at in (0..signature.len() - 1).step_by(37) {
        let mut other = signature.to_owned();
        let replacement = if &other[at..=at] == "A" { "B" } else { "A" };
        other.replace_range(at..=at, replacement);
        let changed = format!("{}.{}.{other}", parts[0], parts[1]);
        assert_eq!(judge(&changed), Err(VerifyError::Signature), "{at}");
    }
}

#[test]
fn what_is_no_token_is_told_without_quoting_it() {
    let secret = "hunter2";
    for text in [
        String::new(),
        secret.to_owned(),
        format!("{secret}.{secret}"),
        format!("{secret}.{secret}.{secret}"),
        format!("{0}.{0}.{0}.{0}", base64("{}")),
        format!("{}.{}.", base64(format!("[\"{secret}\"]")), base64("{}")),
        format!("{}.{}.", base64("{}"), base64(secret)),
        format!(
            "{}.{}.",
            base64("{}"),
            base64(format!("{{\"{secret}\":{secret}}}"))
        ),
    ] {
        let error = UnverifiedToken::parse(&text).unwrap_err().to_string();
        assert!(!error.contains(secret), "{error}");
    }
}
