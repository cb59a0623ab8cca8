//! What a token says.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::issuer::Issuer;

/// Claims by name. Whether anybody signed them is not said by this type: [`Claims`] does.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ClaimSet(BTreeMap<String, Value>);

impl ClaimSet {
    pub(super) fn new(claims: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self(claims.into_iter().collect())
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a time, in seconds since 1970.
    #[must_use]
    pub fn seconds(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    /// The audience: a text, or a list of just one. GitHub signs the first.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        match self.0.get("aud")? {
            Value::Array(all) => match &**all {
                [only] => only.as_str(),
                _ => None,
            },
            one => one.as_str(),
        }
    }

    /// How long the token lives, in seconds, from `iat` to `exp`.
    #[must_use]
    pub fn lifetime(&self) -> Option<u64> {
        self.seconds("exp")?.checked_sub(self.seconds("iat")?)
    }

    /// Every claim as texts, in the order of names: a list has several, `null` none, numbers and
    /// truth values are written as JSON does.
    pub fn texts(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.0.iter().map(|(name, value)| {
            let texts = match value {
                Value::Null => Vec::new(),
                Value::Array(all) => all.iter().map(text).collect(),
                one => vec![text(one)],
            };
            (name.as_str(), texts)
        })
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The claims of a token that was verified. Only [`verify`](super::verify) makes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    issuer: Issuer,
    all: ClaimSet,
}

impl Claims {
    pub(super) fn new(issuer: Issuer, all: ClaimSet) -> Self {
        Self { issuer, all }
    }

    /// Who signed them.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The claim `sub`: attacker-controlled text still, as whoever may push a branch chooses part
    /// of it.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.all.text("sub").unwrap_or_default()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &ClaimSet {
        &self.all
    }
}
