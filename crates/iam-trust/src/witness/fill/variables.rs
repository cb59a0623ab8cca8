//! Values that read other keys: `${aws:username}`.

use crate::evaluate::{condition_holds, denial_holds, expanded};
use crate::policy::{Condition, Version};
use crate::request::Request;

use super::{HELD, Wanted, claim_of, is_absent, set};

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

/// The keys whose conditions have variables, and those conditions; found once for a statement.
pub(in crate::witness) struct Late<'a> {
    wanted: &'a Wanted<'a>,
    keys: Vec<(String, Vec<&'a Condition>)>,
}

impl<'a> Late<'a> {
    pub(in crate::witness) fn of(wanted: &'a Wanted<'a>) -> Self {
        let mut keys: Vec<(String, Vec<&Condition>)> = Vec::new();
        let late = wanted.musts.iter();
        for condition in late.filter(|one| has_variable(one, wanted.version)) {
            let key = condition.lower_key();
            let held = claim_of(wanted.issuer, key).is_some_and(|claim| HELD.contains(&claim));
            if held || is_absent(wanted.issuer, key) || keys.iter().any(|(known, _)| *known == key)
            {
                continue;
            }
            let all = wanted.musts.iter().filter(|one| one.lower_key() == key);
            let all = all.copied().collect();
            keys.push((key.to_owned(), all));
        }
        Self { wanted, keys }
    }

    /// Gives those keys what their variables come to in a token. Twice, as a variable may read
    /// another such key.
    pub(in crate::witness) fn complete(&self, request: &mut Request) {
        for (key, musts) in self.keys.iter().chain(&self.keys) {
            let version = self.wanted.version;
            let holds = |request: &Request| {
                musts
                    .iter()
                    .all(|one| condition_holds(one, version, request))
            };
            if holds(request) {
                continue;
            }
            let mut tries: Vec<Request> = self.tries(key, musts, request);
            tries.retain(holds);
            let denials = &self.wanted.denials;
            let best = tries.into_iter().min_by_key(|request| {
                let denied = denials.iter().filter(|one| one.lower_key() == *key);
                denied
                    .filter(|one| denial_holds(one, version, request))
                    .count()
            });
            if let Some(best) = best {
                *request = best;
            }
        }
    }

    fn tries(&self, key: &str, musts: &[&Condition], request: &Request) -> Vec<Request> {
        let claim = claim_of(self.wanted.issuer, key);
        let values = musts.iter().flat_map(|condition| {
            let values = condition.values.iter();
            values.map(|value| (condition.operator.has_wildcards(), &value.text))
        });
        let mut tries = Vec::new();
        for (wildcards, text) in values {
            for with in ["", self.wanted.marker.word] {
                let filled = expanded(text, self.wanted.version, wildcards, request, with);
                let Some(filled) = filled else { continue };
                let mut with_key = request.clone();
                set(&mut with_key, key, claim, Some(&filled));
                tries.push(with_key);
            }
        }
        tries
    }
}
