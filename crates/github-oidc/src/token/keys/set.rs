//! JSON Web Key Sets (RFC 7517).

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::Value;

use super::super::strict::Strict;

/// The largest key set that is read, in bytes. GitHub's has some 7,000, certificates included.
const LARGEST: usize = 64 * 1024;
/// The shortest modulus that is taken, in bytes: RS256 asks for 2,048 bits (RFC 7518, 3.3).
const SHORTEST_MODULUS: usize = 256;
/// The longest, 8,192 bits: what the cryptography takes, and time is spent by the square of it.
const LONGEST_MODULUS: usize = 1024;

/// Why a text is no key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Too large to be looked at.
    #[error("the key set has more than {LARGEST} bytes")]
    TooLarge,
    /// Not JSON, or a name stands twice in it.
    #[error("not a key set: {0}")]
    NotJson(String),
    /// JSON, but no list of keys.
    #[error("not a key set: there is no list `keys`")]
    NoKeys,
    /// Two keys with the same id: either of them might be the wrong one.
    #[error("two keys of the key set have the same id")]
    SameId,
}

/// RSA keys for RS256, by their id. Others that stand in a set are left out.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: BTreeMap<String, DecodingKey>,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    /// [`KeySetError`] where it is none. A set without a usable key is empty, not an error.
    pub fn parse(json: &[u8]) -> Result<Self, KeySetError> {
        if json.len() > LARGEST {
            return Err(KeySetError::TooLarge);
        }
        let set: Strict = serde_json::from_slice(json)
            .map_err(|error| KeySetError::NotJson(error.to_string()))?;
        let listed = set.0.get("keys").and_then(Value::as_array);
        let mut keys = BTreeMap::new();
        for (id, key) in listed.ok_or(KeySetError::NoKeys)?.iter().filter_map(usable) {
            if keys.insert(id, key).is_some() {
                return Err(KeySetError::SameId);
            }
        }
        Ok(Self { keys })
    }

    /// The ids of its keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    pub(in crate::token) fn get(&self, id: &str) -> Option<&DecodingKey> {
        self.keys.get(id)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}

/// A key that signs, with RSA, by SHA-256, and is long enough.
fn usable(key: &Value) -> Option<(String, DecodingKey)> {
    let member = |name: &str| key.get(name).and_then(Value::as_str);
    let is_or_is_not_said = |name: &str, wanted: &str| match key.get(name) {
        None => true,
        Some(value) => value == wanted,
    };
    if member("kty") != Some("RSA")
        || !is_or_is_not_said("use", "sig")
        || !is_or_is_not_said("alg", "RS256")
    {
        return None;
    }
    let decoded = |name: &str| URL_SAFE_NO_PAD.decode(member(name)?).ok();
    let (modulus, exponent) = (decoded("n")?, decoded("e")?);
    (SHORTEST_MODULUS..=LONGEST_MODULUS)
        .contains(&modulus.len())
        .then(|| {
            let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
            Some((member("kid")?.to_owned(), key))
        })?
}
