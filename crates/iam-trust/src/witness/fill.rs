//! Values for the keys that do not say who holds the token: the caller may choose nearly all.

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::Issuer;

use crate::claims::STS_AUDIENCE;
use crate::evaluate::condition_holds;
use crate::policy::{Base, Comparison, Condition, Version};
use crate::request::Request;

use super::Marker;
use super::instance;

/// The claims that [`token::build`](super::token::build) sets from the holder and the run.
const HELD: [&str; 6] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "environment",
    "ref",
];

/// Other keys that a call of `AssumeRoleWithWebIdentity` has, as its caller likes. What is neither
/// of these nor a claim is missing: the caller is nobody's principal yet.
const CHOOSABLE: [&str; 11] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:referer",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:tagkeys",
    "aws:useragent",
    "aws:sourcevpc",
    "aws:sourcevpce",
];

fn is_choosable(key: &str) -> bool {
    let prefixes = ["aws:requesttag/", "sts:"];
    CHOOSABLE.contains(&key) || prefixes.iter().any(|prefix| key.starts_with(prefix))
}

/// The most ways to fill the other keys of one statement.
const MAX: usize = 12;

/// Values for all other keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Filling {
    pub(super) claims: BTreeMap<String, Vec<String>>,
    pub(super) context: BTreeMap<String, Vec<String>>,
}

/// The claim that a key in lower case stands for, with this issuer.
pub(super) fn claim_of<'a>(issuer: &Issuer, lower_key: &'a str) -> Option<&'a str> {
    let provider = issuer.provider().to_ascii_lowercase();
    lower_key.strip_prefix(&provider)?.strip_prefix(':')
}

/// Every way to fill the keys of some conditions such that those of `musts` hold each by itself;
/// within a cap.
pub(super) fn fillings(
    musts: &[&Condition],
    others: &[&Condition],
    issuer: &Issuer,
    version: Version,
    marker: &Marker,
) -> Vec<Filling> {
    let mut fillings = vec![Filling::default()];
    let keys: BTreeSet<String> = musts
        .iter()
        .chain(others)
        .map(|condition| condition.lower_key())
        .chain([format!("{}:aud", issuer.provider().to_ascii_lowercase())])
        .collect();
    for key in keys {
        let claim = claim_of(issuer, &key);
        if claim.is_some_and(|claim| HELD.contains(&claim)) {
            continue;
        }
        let on_key = |condition: &&&Condition| condition.lower_key() == key;
        let musts: Vec<&Condition> = musts.iter().filter(on_key).copied().collect();
        let all = musts
            .iter()
            .copied()
            .chain(others.iter().filter(on_key).copied());
        let mut values = match claim {
            None if !is_choosable(&key) => vec![None],
            _ => candidates(all, claim, marker),
        };
        let asked = |value: &Option<String>| {
            let request = asking(issuer, &key, claim, value.as_deref());
            musts
                .iter()
                .all(|condition| condition_holds(condition, version, &request))
        };
        values.retain(asked);
        values.dedup();
        values.truncate(3);
        fillings = product(&fillings, &key, claim, &values);
    }
    fillings
}

fn asking(issuer: &Issuer, key: &str, claim: Option<&str>, value: Option<&str>) -> Request {
    let mut request = Request::new("");
    request.issuer = issuer.clone();
    request.claims.clear();
    let values: Vec<String> = value.iter().map(|value| (*value).to_owned()).collect();
    match claim {
        Some(claim) => request.claims.insert(claim.to_owned(), values),
        None => request.context.insert(key.to_owned(), values),
    };
    request
}

fn product(
    fillings: &[Filling],
    key: &str,
    claim: Option<&str>,
    values: &[Option<String>],
) -> Vec<Filling> {
    let mut product = Vec::new();
    for filling in fillings {
        for value in values {
            let mut filling = filling.clone();
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
    product.truncate(MAX);
    product
}

/// Values worth trying for one key; `None` is no such key. Every token has an audience.
fn candidates<'a>(
    conditions: impl Iterator<Item = &'a Condition>,
    claim: Option<&str>,
    marker: &Marker,
) -> Vec<Option<String>> {
    let mut values = Vec::new();
    if claim == Some("aud") {
        values.push(Some(STS_AUDIENCE.to_owned()));
    }
    for condition in conditions {
        for value in condition.values.iter().take(20) {
            values.extend(
                instances(condition, &value.text, marker)
                    .into_iter()
                    .map(Some),
            );
        }
    }
    match claim {
        Some("aud") => values.push(Some(marker.audience())),
        Some("amr") => values = vec![None],
        _ => {
            values.push(None);
            values.push(Some(marker.word.to_owned()));
        }
    }
    values
}

fn instances(condition: &Condition, value: &str, marker: &Marker) -> Vec<String> {
    let texts: &[&str] = match condition.operator.base {
        Base::StringLike(_) | Base::ArnLike(_) => return instance::claim(value, marker),
        Base::Date(Comparison::LessThan | Comparison::NotEquals) => &["1970-01-01T00:00:00Z"],
        Base::Date(Comparison::GreaterThan) => &["9999-12-31T00:00:00Z"],
        Base::Numeric(Comparison::LessThan | Comparison::NotEquals) => &["0", "-999999999"],
        Base::Numeric(Comparison::GreaterThan) => &["999999999"],
        Base::IpAddress(_) => {
            let network = value.split('/').next().unwrap_or_default();
            return vec![network.to_owned()];
        }
        Base::Bool => &["true", "false"],
        Base::Null => &["x"],
        _ => return vec![value.to_owned()],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}
