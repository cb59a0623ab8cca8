//! Values for the keys that do not say who holds the token: the caller may choose nearly all.

mod absent;
mod values;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::Issuer;

use crate::evaluate::{condition_holds, denial_holds};
use crate::policy::{Condition, Version};
use crate::request::Request;

use super::Marker;
use values::candidates;
use variables::{MAX_KEYS, has_variable, referenced};

pub(super) use absent::{is_absent, is_of_principal};
pub(super) use variables::{Late, Readings, pattern_of};

/// The claims that [`token::build`](super::token::build) sets from the holder and the run.
const HELD: [&str; 6] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "environment",
    "ref",
];

/// The most ways to fill the other keys of one statement.
const MAX: usize = 16;

/// The same where variables read a key.
const MAX_OF_READ: usize = 64;

/// The most values that one key is tried with.
const KEPT: usize = 3;

/// The most for a key that a variable reads: it has to equal some name of the token.
const KEPT_OF_READ: usize = 8;

/// Values for all other keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    pub(super) claims: BTreeMap<String, Vec<String>>,
    pub(super) context: BTreeMap<String, Vec<String>>,
    /// How far down its values stand in the lists of their keys, summed.
    rank: usize,
}

/// The claim that a key in lower case stands for, with this issuer.
pub(super) fn claim_of<'a>(issuer: &Issuer, lower_key: &'a str) -> Option<&'a str> {
    let provider = issuer.provider().to_ascii_lowercase();
    lower_key.strip_prefix(&provider)?.strip_prefix(':')
}

/// What the keys of a request have to satisfy.
pub(super) struct Wanted<'a> {
    /// The conditions of the Allow: all must hold.
    pub(super) musts: Vec<&'a Condition>,
    /// The conditions of Denies: better none holds.
    pub(super) denials: Vec<&'a Condition>,
    pub(super) issuer: &'a Issuer,
    pub(super) version: Version,
    pub(super) marker: &'a Marker,
}

/// The conditions on one key.
#[derive(Default)]
pub(super) struct OnKey<'a> {
    musts: Vec<&'a Condition>,
    denials: Vec<&'a Condition>,
}

impl<'a> Wanted<'a> {
    /// Every way to fill the keys such that the conditions of the Allow hold each by itself; those
    /// that stay clear of the Denies come first, and the rest is cut.
    pub(super) fn fillings(&self) -> Vec<Filling> {
        let read = self.read_keys();
        let mut keys: Vec<(String, OnKey<'_>)> = self.keys(&read).into_iter().collect();
        // A key that is read has to fit a name in the token: all its values are kept.
        keys.sort_by_key(|(key, _)| read.contains(key));
        let mut fillings = vec![Filling::default()];
        for (key, on_key) in keys {
            let is_read = read.contains(&key);
            let values = self.values(&key, &on_key, is_read);
            let most = if is_read { MAX_OF_READ } else { MAX };
            let claim = claim_of(self.issuer, &key);
            fillings = product(&fillings, &key, claim, &values);
            fillings.truncate(most);
        }
        fillings
    }

    /// The keys that variables read.
    pub(super) fn read_keys(&self) -> BTreeSet<String> {
        let conditions = self.musts.iter().chain(&self.denials);
        let values = conditions.flat_map(|condition| &condition.values);
        let read = values.flat_map(|value| referenced(&value.text, self.version));
        let read: BTreeSet<String> = read.collect();
        read.into_iter().take(MAX_KEYS).collect()
    }

    /// The keys to fill, with the conditions on each.
    fn keys(&self, read: &BTreeSet<String>) -> BTreeMap<String, OnKey<'a>> {
        let mut keys: BTreeMap<String, OnKey<'a>> = BTreeMap::new();
        let audience = format!("{}:aud", self.issuer.provider().to_ascii_lowercase());
        for key in read.iter().chain([&audience]) {
            keys.entry(key.clone()).or_default();
        }
        for must in &self.musts {
            let on_key = keys.entry(must.lower_key().to_owned()).or_default();
            on_key.musts.push(must);
        }
        for denial in &self.denials {
            let on_key = keys.entry(denial.lower_key().to_owned()).or_default();
            on_key.denials.push(denial);
        }
        keys.retain(|key, _| {
            let held = claim_of(self.issuer, key).is_some_and(|claim| HELD.contains(&claim));
            !held && !is_absent(self.issuer, key)
        });
        keys
    }

    /// The values of one key, the best first; `None` is no such key.
    fn values(&self, key: &str, on_key: &OnKey<'_>, read: bool) -> Vec<Option<String>> {
        let claim = claim_of(self.issuer, key);
        let mut values = candidates(on_key, claim, read, self.marker);
        // What a variable stands for is known only with the other keys.
        let alone = |one: &&&Condition| !has_variable(one, self.version);
        values.retain(|value| {
            let request = self.asking(key, claim, value.as_deref());
            let mut musts = on_key.musts.iter().filter(alone);
            musts.all(|one| condition_holds(one, self.version, &request))
        });
        values.sort_by_cached_key(|value| {
            let request = self.asking(key, claim, value.as_deref());
            let denied = on_key.denials.iter();
            denied
                .filter(|one| denial_holds(one, self.version, &request))
                .count()
        });
        values.truncate(if read { KEPT_OF_READ } else { KEPT });
        values
    }

    fn asking(&self, key: &str, claim: Option<&str>, value: Option<&str>) -> Request {
        let mut request = Request::new("");
        request.issuer = self.issuer.clone();
        request.claims.clear();
        set(&mut request, key, claim, value);
        request
    }
}

fn set(request: &mut Request, key: &str, claim: Option<&str>, value: Option<&str>) {
    let values: Vec<String> = value.iter().map(|value| (*value).to_owned()).collect();
    match claim {
        Some(claim) => request.claims.insert(claim.to_owned(), values),
        None => request.context.insert(key.to_owned(), values),
    };
}

/// Every filling with every value of one key more, by the sum of ranks: if the last are cut, each key
/// still has its second value in some filling.
fn product(
    fillings: &[Filling],
    key: &str,
    claim: Option<&str>,
    values: &[Option<String>],
) -> Vec<Filling> {
    let mut product = Vec::new();
    for filling in fillings {
        for (rank, value) in values.iter().enumerate() {
            let mut filling = filling.clone();
            filling.rank += rank;
            let values: Vec<String> = value.iter().cloned().collect();
            match claim {
                Some(_) if values.is_empty() => {}
                Some(claim) => {
                    filling.claims.insert(claim.to_owned(), values);
                }
                None => {
                    filling.context.insert(key.to_owned(), values);
                }
            }
            product.push(filling);
        }
    }
    if product.is_empty() {
        product = fillings.to_vec();
    }
    product.sort_by_key(|filling| filling.rank);
    product
}
