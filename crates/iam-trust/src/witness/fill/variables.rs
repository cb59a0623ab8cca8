//! Values that read other keys: `${aws:username}`.

use std::collections::{BTreeMap, BTreeSet};

use crate::evaluate::{condition_holds, denial_holds, expanded};
use crate::policy::{Condition, Version};
use crate::request::Request;

use super::{Filling, OnKey, Wanted, claim_of, set};

/// The most keys whose variables are filled in: with more, nothing may be found, which is said.
pub(super) const MAX_KEYS: usize = 8;

/// The most texts for which one value's variables are filled in.
const MAX_READINGS: usize = 8;

/// Whether a condition's values read other keys. `${*}` and its like count too: they are filled in
/// likewise.
pub(super) fn has_variable(condition: &Condition, version: Version) -> bool {
    let mut values = condition.values.iter();
    version == Version::V2012 && values.any(|value| value.text.contains("${"))
}

/// The keys, in lower case, that a value reads.
pub(super) fn referenced(value: &str, version: Version) -> Vec<String> {
    if version != Version::V2012 {
        return Vec::new();
    }
    let variables = value.split("${").skip(1);
    let insides = variables.filter_map(|rest| rest.split_once('}'));
    insides
        .map(|(inside, _)| inside.split(',').next().unwrap_or_default())
        .filter(|key| !matches!(*key, "*" | "?" | "$"))
        .map(|key| key.trim().to_ascii_lowercase())
        .collect()
}

/// The keys whose conditions have variables, and all conditions on them; found once for a statement.
pub(in crate::witness) struct Late<'a> {
    wanted: &'a Wanted<'a>,
    keys: Vec<(String, OnKey<'a>)>,
}

impl<'a> Late<'a> {
    pub(in crate::witness) fn of(wanted: &'a Wanted<'a>) -> Self {
        let mut keys = wanted.keys(&BTreeSet::new());
        keys.retain(|_, on_key| {
            let mut all = on_key.musts.iter().chain(&on_key.denials);
            all.any(|condition| has_variable(condition, wanted.version))
        });
        Self {
            wanted,
            keys: keys.into_iter().take(MAX_KEYS).collect(),
        }
    }

    /// Gives those keys what their variables come to in a token. Twice, as a variable may read
    /// another such key.
    pub(in crate::witness) fn complete(&self, request: &mut Request) {
        let version = self.wanted.version;
        for (key, on_key) in self.keys.iter().chain(&self.keys) {
            let holds = |request: &Request| {
                let mut musts = on_key.musts.iter();
                musts.all(|one| condition_holds(one, version, request))
            };
            let denied = |request: &Request| {
                let denials = on_key.denials.iter();
                denials
                    .filter(|one| denial_holds(one, version, request))
                    .count()
            };
            if holds(request) && denied(request) == 0 {
                continue;
            }
            let tries = self.tries(key, on_key, request).into_iter();
            if let Some(best) = tries.filter(holds).min_by_key(denied) {
                *request = best;
            }
        }
    }

    /// The request itself, and with each text that the conditions on a key describe.
    fn tries(&self, key: &str, on_key: &OnKey<'_>, request: &Request) -> Vec<Request> {
        let claim = claim_of(self.wanted.issuer, key);
        let mut tries = vec![request.clone()];
        for condition in on_key.musts.iter().chain(&on_key.denials) {
            let wildcards = condition.operator.has_wildcards();
            for value in &condition.values {
                for with in ["", self.wanted.marker.word] {
                    let version = self.wanted.version;
                    let filled = expanded(&value.text, version, wildcards, request, with);
                    let Some(filled) = filled else { continue };
                    let mut with_key = request.clone();
                    set(&mut with_key, key, claim, Some(&filled));
                    tries.push(with_key);
                }
            }
        }
        tries
    }
}

/// What the keys that variables read may be, to know what a value with variables describes.
pub(in crate::witness) struct Readings(BTreeMap<String, BTreeSet<String>>);

impl Readings {
    pub(in crate::witness) fn of(wanted: &Wanted<'_>, fillings: &[Filling]) -> Self {
        let mut readings = BTreeMap::new();
        for key in wanted.read_keys() {
            let claim = claim_of(wanted.issuer, &key);
            let values = fillings.iter().filter_map(|filling| match claim {
                Some(claim) => filling.claims.get(claim)?.first(),
                None => filling.context.get(&key)?.first(),
            });
            readings.insert(key.clone(), values.cloned().collect());
        }
        Self(readings)
    }

    /// A value with every variable taken for any text; and, for each that is read, for each of the
    /// texts that its key may be.
    pub(in crate::witness) fn patterns(&self, value: &str, version: Version) -> Vec<String> {
        let mut patterns = Vec::new();
        for key in referenced(value, version) {
            for text in self.0.get(&key).into_iter().flatten().take(MAX_READINGS) {
                let filled = replaced(value, &key, text);
                patterns.push(pattern_of(&filled, version));
            }
        }
        patterns.insert(0, pattern_of(value, version));
        patterns
    }
}

/// A value with the variable of a key replaced by a text.
fn replaced(value: &str, key: &str, text: &str) -> String {
    let mut replaced = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, after)) = after.split_once('}') else {
            break;
        };
        let read = inside.split(',').next().unwrap_or_default().trim();
        let parts = if read.eq_ignore_ascii_case(key) {
            [before, text, "", ""]
        } else {
            [before, "${", inside, "}"]
        };
        replaced.extend(parts);
        rest = after;
    }
    replaced + rest
}

/// A value with every policy variable taken for any text.
pub(in crate::witness) fn pattern_of(value: &str, version: Version) -> String {
    let mut pattern = value.to_owned();
    while version == Version::V2012
        && let Some(start) = pattern.find("${")
        && let Some(length) = pattern.get(start..).and_then(|rest| rest.find('}'))
    {
        pattern.replace_range(start..=start + length, "*");
    }
    pattern
}
