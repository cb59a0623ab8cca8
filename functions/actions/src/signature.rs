//! Slack's signature of a request: HMAC-SHA256 over `v0:TIMESTAMP:BODY`, by the app's signing secret.
//! Source: "Verifying requests from Slack" of its documentation.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A request may be so old, or so far ahead, in seconds: what Slack's own documentation takes.
pub(crate) const WINDOW: i64 = 5 * 60;
/// Slack's have 32 characters; one that is much shorter is not a secret but a mistake.
const SHORTEST: usize = 16;

/// The app's signing secret. Never shown.
pub(crate) struct SigningSecret(Vec<u8>);

/// The secret is none.
#[derive(Debug, thiserror::Error)]
#[error("the signing secret has less than {SHORTEST} characters")]
pub(crate) struct TooShort;

/// Why a request is not Slack's, or not of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureError {
    #[error("it is not signed")]
    Missing,
    #[error("its timestamp is not of now")]
    Stale,
    #[error("its signature is wrong")]
    Wrong,
}

impl SigningSecret {
    /// The secret, surrounding white space not counted.
    pub(crate) fn new(text: &str) -> Result<Self, TooShort> {
        let secret = text.trim().as_bytes();
        if secret.len() < SHORTEST {
            return Err(TooShort);
        }
        Ok(Self(secret.to_vec()))
    }

    /// Whether the holder of the secret signed just this body, within five minutes of now. The
    /// signature is compared in constant time.
    pub(crate) fn verify(
        &self,
        timestamp: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), SignatureError> {
        let timestamp = timestamp.ok_or(SignatureError::Missing)?;
        let signature = signature.ok_or(SignatureError::Missing)?;
        let signature = decoded(signature).ok_or(SignatureError::Wrong)?;
        let seconds = seconds(timestamp).ok_or(SignatureError::Stale)?;
        if now.timestamp().abs_diff(seconds) > WINDOW.unsigned_abs() {
            return Err(SignatureError::Stale);
        }
        // A key of any length is taken.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| SignatureError::Wrong)?;
        for part in [b"v0:", timestamp.as_bytes(), b":", body] {
            mac.update(part);
        }
        mac.verify_slice(&signature)
            .map_err(|_| SignatureError::Wrong)
    }
}

fn seconds(timestamp: &str) -> Option<i64> {
    let is_number = timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
    timestamp.parse().ok().filter(|_| is_number)
}

/// The 32 bytes behind `v0=`, in small letters as Slack writes them: each signature has one spelling, by which it is known
/// again.
fn decoded(signature: &str) -> Option<[u8; 32]> {
    let hex = signature.strip_prefix("v0=")?.as_bytes();
    let is_hex = hex.len() == 64 && hex.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks(2).filter(|_| is_hex)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The example of Slack's documentation.
    pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const TIMESTAMP: &str = "1531420618";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    /// As Slack signs.
    pub(crate) fn signed(timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(format!("v0:{timestamp}:{body}").as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes
            .iter()
            .fold("v0=".to_owned(), |text, byte| format!("{text}{byte:02x}"))
    }

    fn verify(
        timestamp: &str,
        signature: &str,
        body: &str,
        late: i64,
    ) -> Result<(), SignatureError> {
        let now = DateTime::from_timestamp(1_531_420_618 + late, 0).unwrap();
        let secret = SigningSecret::new(&format!("{SECRET}\n")).unwrap();
        secret.verify(Some(timestamp), Some(signature), body.as_bytes(), now)
    }

    #[test]
    fn slacks_own_example_is_taken() {
        assert_eq!(verify(TIMESTAMP, SIGNATURE, BODY, 0), Ok(()));
        assert_eq!(signed(1_531_420_618, BODY), SIGNATURE);
    }

    #[test]
    fn a_request_is_of_now() {
        for (late, taken) in [(300, true), (-300, true), (301, false), (-301, false)] {
            let answer = verify(TIMESTAMP, SIGNATURE, BODY, late);
            assert_eq!(answer.is_ok(), taken, "{late}: {answer:?}");
        }
        for timestamp in [
            "",
            "x",
            "-1",
            "+1531420618",
            "1531420618.0",
            "99999999999999999999",
        ] {
            let answer = verify(timestamp, SIGNATURE, BODY, 0);
            assert_eq!(answer, Err(SignatureError::Stale), "{timestamp}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let flipped = SIGNATURE.replace("v0=a", "v0=b");
        let unversioned = &SIGNATURE[3..];
        let other_version = SIGNATURE.replace("v0=", "v1=");
        let short = &SIGNATURE[..65];
        let long = format!("{SIGNATURE}00");
        let signs = format!("v0={}", "+f".repeat(32));
        // Else what came before could come again, spelt otherwise.
        let capitals = format!("v0={}", SIGNATURE[3..].to_uppercase());
        for signature in [
            &flipped,
            unversioned,
            &other_version,
            short,
            &long,
            &signs,
            &capitals,
            "",
            "v0=",
        ] {
            let answer = verify(TIMESTAMP, signature, BODY, 0);
            assert_eq!(answer, Err(SignatureError::Wrong), "{signature}");
        }
        let wrong = Err(SignatureError::Wrong);
        assert_eq!(verify(TIMESTAMP, SIGNATURE, &format!("{BODY}&"), 0), wrong);
        assert_eq!(verify("1531420619", SIGNATURE, BODY, 0), wrong);
        let other = SigningSecret::new("another-secret-of-32-characters!").unwrap();
        let now = DateTime::from_timestamp(1_531_420_618, 0).unwrap();
        let answer = other.verify(Some(TIMESTAMP), Some(SIGNATURE), BODY.as_bytes(), now);
        assert_eq!(answer, wrong);
        let missing = Err(SignatureError::Missing);
        assert_eq!(other.verify(None, Some(SIGNATURE), b"", now), missing);
        assert_eq!(other.verify(Some(TIMESTAMP), None, b"", now), missing);
    }

    #[test]
    fn a_secret_that_is_none_is_refused() {
        for text in ["", " ", "short\n"] {
            assert!(SigningSecret::new(text).is_err());
        }
    }
}
