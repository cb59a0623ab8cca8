//! A real RSA key, made anew in each run, tokens signed with it, and an issuer that publishes it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token that lives now, with one claim changed.
pub(crate) fn token(claim: &str, value: Value) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let mut claims = json!({
        "iss": "https://token.actions.githubusercontent.com",
        "sub": "repo:my-org@111/my-repo@456789:environment:production",
        "aud": "sts.amazonaws.com",
        "iat": now, "nbf": now - 600, "exp": now + 300,
        "actor": "octocat", "repository": "my-org/my-repo",
    });
    claims[claim] = value;
    sign(
        &json!({"alg": "RS256", "kid": "test-key-1", "typ": "JWT"}),
        &claims,
    )
}

/// The plain one.
pub(crate) fn good_token() -> String {
    token("actor", "octocat".into())
}

pub(crate) fn sign(header: &Value, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        base64(header.to_string()),
        base64(claims.to_string())
    );
    let mut signature = vec![0; KEY.public_modulus_len()];
    let random = SystemRandom::new();
    let signed = KEY.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    );
    signed.unwrap();
    format!("{message}.{}", base64(signature))
}

pub(crate) fn key_set() -> String {
    let public = KEY.public_key();
    let key = json!({
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "test-key-1",
        "n": base64(public.modulus().big_endian_without_leading_zero()),
        "e": base64(public.exponent().big_endian_without_leading_zero()),
    });
    json!({ "keys": [key] }).to_string()
}

pub(crate) fn key_file() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), key_set()).unwrap();
    file
}

/// The address of an endpoint that answers each request so, once.
pub(crate) fn endpoint(status: &str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _read = stream.read(&mut request);
            // The client may stop reading before the end.
            let _written = stream.write_all(head.as_bytes());
            let _written = stream.write_all(body.as_bytes());
        }
    });
    format!("http://{address}/.well-known/jwks")
}
