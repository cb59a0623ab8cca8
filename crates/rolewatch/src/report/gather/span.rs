//! What a period came to: sums over its rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Datelike, NaiveDate};

use super::complaints::{Kinds, Samples};
use super::seen::{Kind, Seen};
use super::{Counts, hash};
use crate::allowlist::Allowlist;

/// Judged calls by outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcomes {
    pub(super) expected: u64,
    pub(super) unexpected: u64,
    pub(super) denied: u64,
    pub(super) ignored: u64,
}

/// What a period came to for a role.
#[derive(Debug, Default)]
pub(super) struct OfRole {
    pub(super) granted: u64,
    pub(super) unexpected: u64,
    pub(super) refused: u64,
    pub(super) repositories: BTreeSet<String>,
    pub(super) contexts: HashSet<u64>,
    /// Sessions by length.
    pub(super) lengths: BTreeMap<u64, u64>,
}

/// What a period came to for a repository.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OfRepository {
    pub(super) granted: u64,
    pub(super) linked: u64,
    pub(super) unnamed: u64,
    pub(super) classic: u64,
    pub(super) expected: bool,
}

/// Sums over the rows of a period.
#[derive(Debug, Default)]
pub(super) struct Span {
    pub(super) outcomes: Outcomes,
    pub(super) other: u64,
    pub(super) unreadable: u64,
    pub(super) open: u64,
    pub(super) checks: Counts,
    pub(super) silenced: Counts,
    /// What silences covered: check, role and subject, for whoever asks which silence it was.
    pub(super) silences: BTreeMap<usize, u64>,
    pub(super) kinds: Kinds,
    pub(super) roles: BTreeMap<String, OfRole>,
    pub(super) repositories: BTreeMap<String, OfRepository>,
    pub(super) pairs: BTreeMap<(String, String), u64>,
    pub(super) causes: Counts,
    pub(super) regions: Counts,
    pub(super) lags: BTreeMap<u64, u64>,
    pub(super) days: BTreeMap<NaiveDate, Outcomes>,
    pub(super) hours: [[u64; 24]; 7],
}

impl Outcomes {
    fn add(&mut self, seen: &Seen<'_>) {
        self.expected += seen.count("n:expected");
        self.unexpected += seen.count("n:unexpected");
        self.denied += seen.count("n:denied");
        self.ignored += seen.count("n:ignored");
    }

    pub(super) fn judged(self) -> u64 {
        self.expected + self.unexpected + self.denied + self.ignored
    }
}

impl Span {
    pub(super) fn add(&mut self, seen: &Seen<'_>, allowlist: &Allowlist, samples: Samples) {
        add_all(&mut self.checks, seen.all("f:"));
        add_all(&mut self.silenced, seen.all("ignored:"));
        add_all(&mut self.regions, seen.all("r:"));
        add_all(&mut self.causes, seen.all("e:"));
        add_numbers(&mut self.lags, seen.all("l:"));
        self.add_silences(seen, allowlist);
        self.open += self.kinds.add(seen, allowlist, samples);
        match seen.kind {
            Kind::Other => self.other += seen.count("n:other"),
            Kind::Unreadable => self.unreadable += seen.count("n:unreadable"),
            Kind::Judged => self.add_judged(seen),
        }
    }

    fn add_judged(&mut self, seen: &Seen<'_>) {
        let day = seen.row.day;
        self.outcomes.add(seen);
        self.days.entry(day).or_default().add(seen);
        let weekday = day.weekday().num_days_from_monday() as usize;
        for (hour, count) in seen.all("h:") {
            if let Some(sum) = hour
                .parse()
                .ok()
                .and_then(|hour: usize| self.hours[weekday].get_mut(hour))
            {
                *sum += count;
            }
        }
        let role_arn = &seen.row.about.role_arn;
        let role = self.roles.entry(role_arn.clone()).or_default();
        role.add(seen);
        if seen.granted > 0 {
            let repository = self
                .repositories
                .entry(seen.repository.clone())
                .or_default();
            repository.add(seen);
            let pair = (seen.repository.clone(), role_arn.clone());
            *self.pairs.entry(pair).or_default() += seen.granted;
        }
    }

    /// Counts for the first silence that covers the row, as judging does.
    fn add_silences(&mut self, seen: &Seen<'_>, allowlist: &Allowlist) {
        let about = &seen.row.about;
        for (check, count) in seen.all("ignored:") {
            let covers = |silence: &crate::allowlist::Ignore| {
                silence.covers(check, &about.role_arn, &about.subject, seen.row.day)
            };
            if let Some(place) = allowlist.ignores.iter().position(covers) {
                *self.silences.entry(place).or_default() += count;
            }
        }
    }

    pub(super) fn granted(&self) -> u64 {
        self.roles.values().map(|role| role.granted).sum()
    }

    pub(super) fn roles_assumed(&self) -> u64 {
        self.roles.values().filter(|role| role.granted > 0).count() as u64
    }

    pub(super) fn refused(&self) -> u64 {
        self.causes.values().sum()
    }
}

impl OfRole {
    fn add(&mut self, seen: &Seen<'_>) {
        self.granted += seen.granted;
        self.unexpected += seen.count("n:unexpected");
        self.refused += seen.refused();
        add_numbers(&mut self.lengths, seen.all("s:"));
        if seen.granted > 0 {
            self.repositories.insert(seen.repository.clone());
            self.contexts
                .insert(hash(&(&seen.repository, &seen.context)));
        }
    }
}

impl OfRepository {
    fn add(&mut self, seen: &Seen<'_>) {
        self.granted += seen.granted;
        self.linked += seen.count("run");
        self.unnamed += seen.count("unnamed");
        self.classic += if seen.classic { seen.granted } else { 0 };
        self.expected |= seen.row.about.rule.is_some();
    }
}

fn add_all<'a>(sums: &mut Counts, counts: impl Iterator<Item = (&'a str, u64)>) {
    for (name, count) in counts {
        match sums.get_mut(name) {
            Some(sum) => *sum += count,
            None => drop(sums.insert(name.to_owned(), count)),
        }
    }
}

fn add_numbers<'a>(sums: &mut BTreeMap<u64, u64>, counts: impl Iterator<Item = (&'a str, u64)>) {
    for (name, count) in counts {
        *sums.entry(name.parse().unwrap_or(u64::MAX)).or_default() += count;
    }
}
