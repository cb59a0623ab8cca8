//! What could be tightened.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::Days;

use super::super::Gatherer;
use crate::allowlist::Rule;
use crate::report::model::{
    Classic, Expiring, IdleRole, IdleRule, Listed, LongSession, Tighten, Wildcard,
};

/// Days without use after which a rule is named, and after which it is named again.
const IDLE_DAYS: [u64; 2] = [30, 90];
/// Ends are told so many days ahead.
const AHEAD: Days = Days::new(30);
/// The least session that a rule can allow, in seconds.
const LEAST_SESSION: u64 = 900;

pub(super) fn tighten(of: &Gatherer<'_>) -> Tighten {
    Tighten {
        since: of.looked_back_to(),
        idle_rules: idle_rules(of),
        wildcards: Listed::of(wildcards(of)),
        sessions: Listed::of(sessions(of)),
        idle_roles: Listed::of(idle_roles(of)),
        classic: Listed::of(classic(of)),
        expiring: Listed::of(expiring(of)),
    }
}

fn live<'a>(of: &Gatherer<'a>) -> impl Iterator<Item = &'a Rule> {
    of.allowlist.live_rules(of.period.last)
}

fn idle_rules(of: &Gatherer<'_>) -> Option<Listed<IdleRule>> {
    // The first of so many days that end with the period's last.
    let first_of = |days: u64| of.period.last - Days::new(days - 1);
    let since = of.known_since?;
    let [soon, late] = IDLE_DAYS;
    if since > first_of(soon) {
        return None;
    }
    let idle = |rule: &Rule| {
        let last_use = of.memory.rules.get(&rule.name).and_then(|it| it.last);
        let days = match last_use {
            Some(last) if last >= first_of(soon) => return None,
            None if since <= first_of(late) => late,
            _ => soon,
        };
        Some(IdleRule {
            rule: rule.name.clone(),
            owner: rule.owner.clone(),
            last_use,
            days,
        })
    };
    let mut rules: Vec<IdleRule> = live(of).filter_map(idle).collect();
    rules.sort_by_key(|rule| rule.last_use);
    Some(Listed::of(rules))
}

fn wildcards(of: &Gatherer<'_>) -> Vec<Wildcard> {
    let wildcard = |rule: &Rule| {
        let patterns = rule.wildcards();
        let used = of.memory.rules.get(&rule.name);
        (!patterns.is_empty()).then(|| Wildcard {
            rule: rule.name.clone(),
            owner: rule.owner.clone(),
            patterns,
            matched: used.map_or(0, |used| used.matched.len() as u64),
            examples: used
                .map(|used| used.examples.iter().cloned().collect())
                .unwrap_or_default(),
        })
    };
    live(of).filter_map(wildcard).collect()
}

fn sessions(of: &Gatherer<'_>) -> Vec<LongSession> {
    let session = |rule: &Rule| {
        let longest = of.memory.rules.get(&rule.name)?.longest.max(LEAST_SESSION);
        (longest < rule.max_session).then(|| LongSession {
            rule: rule.name.clone(),
            owner: rule.owner.clone(),
            allowed: rule.max_session,
            longest,
        })
    };
    let mut sessions: Vec<LongSession> = live(of).filter_map(session).collect();
    sessions.sort_by_key(|it| Reverse(it.allowed - it.longest));
    sessions
}

fn idle_roles(of: &Gatherer<'_>) -> Vec<IdleRole> {
    if of.known_since.is_none() {
        return Vec::new();
    }
    let mut roles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in live(of) {
        for role in rule.literal_roles() {
            roles.entry(role).or_default().push(rule.name.clone());
        }
    }
    let idle = roles
        .into_iter()
        .filter(|(role, _)| !of.memory.roles.contains_key(*role));
    idle.map(|(role, rules)| IdleRole {
        role_arn: role.to_owned(),
        rules,
    })
    .collect()
}

fn classic(of: &Gatherer<'_>) -> Vec<Classic> {
    let repositories = of.current.repositories.iter();
    let mut classic: Vec<Classic> = repositories
        .filter(|(name, sums)| sums.classic > 0 && sums.expected && !name.is_empty())
        .map(|(name, _)| Classic {
            repository: name.clone(),
            assumptions: of.change(|span| span.repositories.get(name).map_or(0, |it| it.classic)),
            pin: pin(of, name),
        })
        .collect();
    classic.sort_by_key(|it| Reverse(it.assumptions.now));
    classic
}

/// The name with its ids: as it came, else as the allowlist has it.
fn pin(of: &Gatherer<'_>, repository: &str) -> Option<String> {
    let came = of.memory.pins.get(repository).map(|(_, pin)| pin.clone());
    came.or_else(|| {
        live(of)
            .flat_map(Rule::repositories)
            .find(|pattern| pattern.is_pin_of(repository))
            .map(|pattern| pattern.as_str().to_owned())
    })
}

fn expiring(of: &Gatherer<'_>) -> Vec<Expiring> {
    let last = of.period.last;
    let rules = of.allowlist.rules().iter().filter_map(|rule| {
        Some(Expiring {
            what: rule.name.clone(),
            owner: rule.owner.clone(),
            last: rule.expires?,
            ended: !rule.is_live(last),
        })
    });
    let silences = of.allowlist.ignores.iter().map(|ignore| Expiring {
        what: format!("silence of {}", ignore.check),
        owner: None,
        last: ignore.until,
        ended: ignore.until < last,
    });
    let mut expiring: Vec<Expiring> = rules
        .chain(silences)
        .filter(|it| it.last <= last + AHEAD)
        .collect();
    expiring.sort_by_key(|it| it.last);
    expiring
}
