//! The last 90 days: what was there before the period, and what rules were used for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::hash;
use super::seen::{Kind, Seen};
use crate::allowlist::Rule;
use crate::history::Ids;

/// Examples of what a wildcard matched.
const EXAMPLES: usize = 5;

/// What a rule was used for.
#[derive(Debug, Default)]
pub(super) struct OfRule {
    pub(super) last: Option<NaiveDate>,
    pub(super) longest: u64,
    /// What it took a wildcard for.
    pub(super) matched: HashSet<u64>,
    pub(super) examples: BTreeSet<String>,
}

/// What was there before the period.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) repositories: HashSet<u64>,
    pub(super) roles: HashSet<u64>,
    pub(super) pairs: HashSet<u64>,
    pub(super) contexts: HashSet<u64>,
    pub(super) ids: HashSet<u64>,
    pub(super) issuers: HashSet<u64>,
}

/// What may turn out to be new, by server where names are a server's.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// (repository, context, role), and whether a rule expected it.
    pub(super) contexts: BTreeMap<(String, String, String), bool>,
    /// (server, name, ids), of what a rule expected.
    pub(super) ids: BTreeSet<(String, String, u64, u64)>,
    pub(super) issuers: BTreeSet<String>,
}

/// The last 90 days.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) known: Known,
    pub(super) candidates: Candidates,
    pub(super) rules: BTreeMap<String, OfRule>,
    /// The last day on which a role was assumed.
    pub(super) roles: BTreeMap<String, NaiveDate>,
    /// The last name of an id before the period.
    pub(super) names: BTreeMap<(String, u64), (NaiveDate, String)>,
    /// The ids that a name came with, expected.
    pub(super) pins: BTreeMap<String, (NaiveDate, String)>,
}

impl Memory {
    /// Takes in a row of the 90 days; `before` says that it is of before the period.
    pub(super) fn add(&mut self, seen: &Seen<'_>, rules: &HashMap<&str, &Rule>, before: bool) {
        if seen.kind == Kind::Unreadable {
            return;
        }
        self.add_issuer(seen, before);
        if seen.granted == 0 {
            return;
        }
        let about = &seen.row.about;
        let last = self
            .roles
            .entry(about.role_arn.clone())
            .or_insert(seen.row.day);
        *last = (*last).max(seen.row.day);
        if let Some(rule) = &about.rule {
            let takes_wildcard = rules
                .get(rule.as_str())
                .is_some_and(|it| it.takes_wildcard(&about.role_arn, &about.subject));
            let rule = self.rules.entry(rule.clone()).or_default();
            rule.add(seen, takes_wildcard);
            self.add_ids(seen, before);
        }
        let context = hash(&(&seen.repository, &seen.context, &about.role_arn));
        if before {
            self.known.repositories.insert(hash(&seen.repository));
            self.known.roles.insert(hash(&about.role_arn));
            self.known
                .pairs
                .insert(hash(&(&seen.repository, &about.role_arn)));
            self.known.contexts.insert(context);
        } else if !self.known.contexts.contains(&context) {
            let names = (
                seen.repository.clone(),
                seen.context.clone(),
                about.role_arn.clone(),
            );
            *self.candidates.contexts.entry(names).or_default() |= about.rule.is_some();
        }
    }

    fn add_issuer(&mut self, seen: &Seen<'_>, before: bool) {
        let issuer = &seen.row.about.issuer;
        if before {
            self.known.issuers.insert(hash(issuer));
        } else if !self.candidates.issuers.contains(issuer) {
            self.candidates.issuers.insert(issuer.clone());
        }
    }

    fn add_ids(&mut self, seen: &Seen<'_>, before: bool) {
        let Some(ids) = seen.ids else { return };
        let (server, name) = (seen.server(), seen.repository.clone());
        let pinned = (seen.row.day, pin(&name, ids));
        let latest = self
            .pins
            .entry(name.clone())
            .or_insert_with(|| pinned.clone());
        if *latest < pinned {
            *latest = pinned;
        }
        if before {
            self.known.ids.insert(hash(&(&server, ids.repository)));
            let day = seen.row.day;
            let latest = self
                .names
                .entry((server, ids.repository))
                .or_insert((day, name.clone()));
            if (&latest.0, &latest.1) < (&day, &name) {
                *latest = (day, name);
            }
        } else {
            self.candidates
                .ids
                .insert((server, name, ids.owner, ids.repository));
        }
    }
}

impl OfRule {
    fn add(&mut self, seen: &Seen<'_>, takes_wildcard: bool) {
        self.last = self.last.max(Some(seen.row.day));
        let longest = seen
            .all("s:")
            .filter_map(|(length, _)| length.parse().ok())
            .max();
        self.longest = self.longest.max(longest.unwrap_or_default());
        if !takes_wildcard {
            return;
        }
        let what = if seen.repository.is_empty() {
            seen.context.clone()
        } else {
            format!("{} {}", seen.repository, seen.context)
        };
        self.matched.insert(hash(&what));
        // The first few by name: the same whatever comes first.
        self.examples.insert(what);
        if self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }
}

/// `OWNER@ID/NAME@ID`.
pub(super) fn pin(repository: &str, ids: Ids) -> String {
    let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
    format!("{owner}@{}/{name}@{}", ids.owner, ids.repository)
}
