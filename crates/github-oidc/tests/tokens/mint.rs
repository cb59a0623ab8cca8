//! Real RSA keys, made anew in each run, and tokens signed with them.

use std::cell::Cell;
use std::pin::pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use github_oidc::Issuer;
use github_oidc::token::{KeySet, KeySource, KeySourceError};
use serde_json::{Value, json};

pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// The time of all tests, in seconds since 1970.
pub(crate) const NOW: u64 = 1_795_000_000;

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Somebody with a private key.
pub(crate) struct Signer {
    pub(crate) id: String,
    key: KeyPair,
}

/// The one whose keys are published; making one takes a while.
pub(crate) fn signer() -> &'static Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new("test-key-1"));
    &SIGNER
}

impl Signer {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            key: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let public = self.key.public_key();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
            "n": base64(public.modulus().big_endian_without_leading_zero()),
            "e": base64(public.exponent().big_endian_without_leading_zero()),
        })
    }

    /// The public key as the DER file that people pass around.
    pub(crate) fn public_der(&self) -> Vec<u8> {
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> =
            self.key.public_key().as_der().unwrap();
        der.as_ref().to_vec()
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_of(&self.header(), &claims.to_string())
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": "RS256", "kid": self.id, "typ": "JWT"})
    }

    /// With any header, signed as RS256 says (RS384 where the header asks for it).
    pub(crate) fn token_of(&self, header: &Value, claims: &str) -> String {
        let message = format!("{}.{}", base64(header.to_string()), base64(claims));
        let scheme = if header["alg"] == "RS384" {
            &RSA_PKCS1_SHA384
        } else {
            &RSA_PKCS1_SHA256
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        let message_bytes = message.as_bytes();
        let signed = self
            .key
            .sign(scheme, &random, message_bytes, &mut signature);
        signed.unwrap();
        format!("{message}.{}", base64(signature))
    }
}

/// What GitHub signs.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://token.actions.githubusercontent.com",
        "sub": "repo:my-org@111/my-repo@456789:environment:production",
        "aud": AUDIENCE,
        "iat": NOW, "nbf": NOW - 600, "exp": NOW + 300,
        "actor": "octocat", "repository": "my-org/my-repo", "repository_id": "456789",
    })
}

/// The same with one claim changed; `null` takes it away.
pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let all = claims.as_object_mut().unwrap();
    if value.is_null() {
        all.remove(name);
    } else {
        all.insert(name.to_owned(), value);
    }
    claims
}

pub(crate) fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// An issuer's endpoint: what it answers now, and how often it was asked.
pub(crate) struct Source {
    pub(crate) answer: std::sync::Mutex<Result<Option<KeySet>, KeySourceError>>,
    pub(crate) asked: AtomicU32,
}

impl Source {
    pub(crate) fn of(signers: &[&Signer]) -> Self {
        let set = KeySet::parse(key_set(signers).as_bytes()).unwrap();
        Self {
            answer: std::sync::Mutex::new(Ok(Some(set))),
            asked: AtomicU32::new(0),
        }
    }

    pub(crate) fn publishes(&self, signers: &[&Signer]) {
        let set = KeySet::parse(key_set(signers).as_bytes()).unwrap();
        *self.answer.lock().unwrap() = Ok(Some(set));
    }

    pub(crate) fn answers(&self, answer: Result<Option<KeySet>, KeySourceError>) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl KeySource for Source {
    async fn key_set(&self, _issuer: &Issuer) -> Result<Option<KeySet>, KeySourceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answer.lock().unwrap().clone()
    }
}

/// Nothing here waits for anything.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let rounds = Cell::new(0);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return value;
        }
        rounds.set(rounds.get() + 1);
        assert!(rounds.get() < 100, "a future that waits");
    }
}
