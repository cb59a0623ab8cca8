//! Who came to what, when, and for how long.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::super::span::{OfRepository, OfRole, Span};
use super::super::{Gatherer, hash};
use crate::report::model::{
    Days, Denied, DeniedCause, Hours, Listed, Pair, RepositoryTrace, Role, Sessions, Trace,
};

/// The least session that STS gives, in seconds.
const LEAST_SESSION: u64 = 900;

pub(super) fn roles(of: &Gatherer<'_>) -> Listed<Role> {
    // With those that were used in the period before, and now are not.
    let names: BTreeSet<&String> = [&of.current, &of.previous]
        .into_iter()
        .flat_map(|span| span.roles.keys())
        .collect();
    let mut roles: Vec<Role> = names.into_iter().map(|arn| role(of, arn)).collect();
    roles.sort_by(|a, b| {
        let key =
            |role: &Role| Reverse((role.assumptions.now, role.unexpected.now, role.denied.now));
        key(a)
            .cmp(&key(b))
            .then_with(|| a.role_arn.cmp(&b.role_arn))
    });
    Listed::of(roles)
}

fn role(of: &Gatherer<'_>, role_arn: &str) -> Role {
    let change = |number: fn(&OfRole) -> u64| {
        of.change(|span: &Span| span.roles.get(role_arn).map_or(0, number))
    };
    let now = of.current.roles.get(role_arn);
    let before = of.previous.roles.get(role_arn);
    let rules = || {
        let live = of.allowlist.live_rules(of.period.last);
        live.filter(|rule| rule.names_role(role_arn))
    };
    let mut owners: Vec<String> = rules().filter_map(|rule| rule.owner.clone()).collect();
    owners.sort();
    owners.dedup();
    Role {
        role_arn: role_arn.to_owned(),
        assumptions: change(|sums| sums.granted),
        unexpected: change(|sums| sums.unexpected),
        denied: change(|sums| sums.refused),
        repositories: change(|sums| sums.repositories.len() as u64),
        contexts: change(|sums| sums.contexts.len() as u64),
        sessions: Sessions {
            shortest: now.and_then(OfRole::shortest),
            median: now.and_then(OfRole::median),
            longest: now.and_then(OfRole::longest),
            median_before: before.and_then(OfRole::median),
            longest_before: before.and_then(OfRole::longest),
            limit: rules().map(|rule| rule.max_session).max(),
            beyond_least: change(|sums| {
                let beyond = sums.lengths.range(LEAST_SESSION + 1..);
                beyond.map(|(_, count)| count).sum()
            }),
        },
        last_use: of.memory.roles.get(role_arn).copied(),
        owners,
    }
}

impl OfRole {
    fn median(&self) -> Option<u64> {
        (!self.lengths.is_empty()).then(|| percentile(&self.lengths, 50))
    }

    fn shortest(&self) -> Option<u64> {
        self.lengths.first_key_value().map(|(length, _)| *length)
    }

    fn longest(&self) -> Option<u64> {
        self.lengths.last_key_value().map(|(length, _)| *length)
    }
}

/// The value that so many of a hundred do not exceed.
pub(super) fn percentile(counts: &BTreeMap<u64, u64>, percent: u64) -> u64 {
    let total: u64 = counts.values().sum();
    let mut so_far = 0;
    let reached = counts.iter().find(|(_, count)| {
        so_far += **count;
        so_far * 100 >= total * percent
    });
    reached.map_or(0, |(value, _)| *value)
}

pub(super) fn days(of: &Gatherer<'_>) -> Vec<Days> {
    let day = |day: NaiveDate| {
        let sums = of.current.days.get(&day).copied().unwrap_or_default();
        Days {
            day,
            known: of.knows(day),
            expected: sums.expected,
            unexpected: sums.unexpected,
            denied: sums.denied,
            ignored: sums.ignored,
            before: of.compares().then(|| {
                let before = day - TimeDelta::days(of.period.days());
                let sums = of.previous.days.get(&before).copied();
                sums.unwrap_or_default().judged()
            }),
        }
    };
    of.days_so_far().map(day).collect()
}

pub(super) fn hours(of: &Gatherer<'_>) -> Vec<Hours> {
    let weekdays = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ()));
    let hours = weekdays.zip(of.current.hours);
    // A weekday of a week that is not over has no hours yet.
    let so_far: Vec<Weekday> = of.days_so_far().map(|day| day.weekday()).collect();
    let is_over = so_far.len() == of.period.each_day().count();
    let has_come = |weekday| is_over || so_far.contains(&weekday);
    let known: Vec<Weekday> = of
        .days_so_far()
        .filter(|day| of.knows(*day))
        .map(|day| day.weekday())
        .collect();
    // A day on which the records end is in part.
    let is_known = |weekday| known.contains(&weekday);
    hours
        .filter(|(weekday, _)| has_come(*weekday))
        .map(|(weekday, calls)| Hours {
            weekday: weekday.to_string(),
            known: is_known(weekday),
            calls: calls.to_vec(),
        })
        .collect()
}

pub(super) fn matrix(of: &Gatherer<'_>) -> Listed<Pair> {
    let compares = of
        .looked_back_to()
        .is_some_and(|since| since < of.period.first);
    let pair = |(names, _): (&(String, String), &u64)| Pair {
        repository: names.0.clone(),
        role_arn: names.1.clone(),
        assumptions: of.change(|span| span.pairs.get(names).copied().unwrap_or_default()),
        new: compares.then(|| !of.memory.known.pairs.contains(&hash(names))),
    };
    let mut pairs: Vec<Pair> = of.current.pairs.iter().map(pair).collect();
    pairs.sort_by_key(|pair| Reverse(pair.assumptions.now));
    Listed::of(pairs)
}

pub(super) fn denied(of: &Gatherer<'_>) -> Denied {
    let cause = |code: &String| DeniedCause {
        code: code.clone(),
        meaning: meaning(code).to_owned(),
        calls: of.change_of(|span| &span.causes, code),
    };
    let names: BTreeSet<&String> = [&of.current, &of.previous]
        .into_iter()
        .flat_map(|span| span.causes.keys())
        .collect();
    let mut causes: Vec<DeniedCause> = names.into_iter().map(cause).collect();
    causes.sort_by_key(|cause| Reverse(cause.calls.now));
    let asked = of.source != crate::report::model::Source::Archives;
    Denied {
        total: of.change(Span::refused),
        causes,
        probing: asked.then(|| of.change_of(|span| &span.checks, "probing")),
    }
}

fn meaning(code: &str) -> &'static str {
    match code {
        "AccessDenied" => "the role's trust policy did not admit the subject",
        "ExpiredToken" => "the token was too old when it was handed in",
        "IDPCommunicationError" => "AWS could not reach the token's issuer",
        "IDPRejectedClaim" => "the issuer's claims were refused",
        "InvalidIdentityToken" => {
            "the token was not accepted: another audience, no provider, or damaged"
        }
        "MalformedPolicyDocument" => "the session policy was not valid",
        "PackedPolicyTooLarge" => "session policy and tags were too large",
        "RegionDisabled" => "STS is not enabled in the region",
        "ValidationError" => {
            "a parameter was not valid, such as a session beyond the role's maximum"
        }
        _ => "something else",
    }
}

pub(super) fn trace(of: &Gatherer<'_>) -> Trace {
    let sum = |number: fn(&OfRepository) -> u64| {
        of.change(|span| span.repositories.values().map(number).sum())
    };
    let all = of.current.repositories.iter();
    let mut repositories: Vec<RepositoryTrace> = all
        .filter(|(_, sums)| sums.unnamed > 0)
        .map(|(repository, _)| {
            let change = |number: fn(&OfRepository) -> u64| {
                of.change(|span| span.repositories.get(repository).map_or(0, number))
            };
            RepositoryTrace {
                repository: repository.clone(),
                sessions: change(|sums| sums.granted),
                linked: change(|sums| sums.linked),
                unnamed: change(|sums| sums.unnamed),
            }
        })
        .collect();
    repositories.sort_by_key(|it| Reverse(it.unnamed.now));
    Trace {
        sessions: sum(|sums| sums.granted),
        linked: sum(|sums| sums.linked),
        unnamed: sum(|sums| sums.unnamed),
        repositories: Listed::of(repositories),
    }
}
