//! Values that read other keys: `${aws:username}`.

use std::collections::BTreeSet;

use crate::evaluate::{condition_holds, denial_holds, expanded};
use crate::policy::{Condition, Version};
use crate::request::Request;

use super::{OnKey, Wanted, claim_of, set};

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
            keys: keys.into_iter().collect(),
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
