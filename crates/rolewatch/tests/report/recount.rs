//! The numbers of a report, counted once more from the raw events in the plainest way.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use github_oidc::Subject;
use proptest::prelude::*;
use rolewatch::assumption::{Assumption, Observation, run_url};
use rolewatch::detect::{Decision, Outcome};
use rolewatch::report::Period;
use rolewatch::report::model::{Change, Report};

use crate::details;
use crate::events::{Judged, allowlist, by_archive, by_store, events, week};

/// The events of a period.
pub(crate) struct Recount<'a>(pub(crate) Vec<(&'a Observation, &'a Decision)>);

impl<'a> Recount<'a> {
    pub(crate) fn of(judged: &'a [Judged], period: Period) -> Self {
        let within =
            |(observation, _): &&Judged| period.contains(observation.time().unwrap().date_naive());
        Self(
            judged
                .iter()
                .filter(within)
                .map(|(it, decision)| (it, decision))
                .collect(),
        )
    }

    pub(crate) fn count(&self, holds: impl Fn(&Observation, &Decision) -> bool) -> u64 {
        self.0
            .iter()
            .filter(|(it, decision)| holds(it, decision))
            .count() as u64
    }

    fn outcome(&self, outcome: Outcome) -> u64 {
        self.count(|_, decision| decision.outcome == outcome)
    }

    pub(crate) fn judged(&self) -> impl Iterator<Item = (&'a Assumption, &'a Decision)> {
        self.0.iter().filter_map(|(it, decision)| match it {
            Observation::Assumption(it) if decision.outcome != Outcome::Other => {
                Some((&**it, *decision))
            }
            _ => None,
        })
    }

    pub(crate) fn sessions(&self) -> impl Iterator<Item = &'a Assumption> {
        self.judged()
            .map(|(it, _)| it)
            .filter(|it| !it.is_refused())
    }

    fn findings(&self, check: &str) -> u64 {
        let of = |decision: &Decision| {
            decision
                .findings
                .iter()
                .filter(|it| it.check.id == check)
                .count() as u64
        };
        self.0.iter().map(|(_, decision)| of(decision)).sum()
    }

    fn pairs(&self) -> BTreeMap<(String, String), u64> {
        let mut pairs = BTreeMap::new();
        for it in self.sessions() {
            *pairs
                .entry((repository(it), it.role_arn.clone()))
                .or_default() += 1;
        }
        pairs
    }
}

pub(crate) fn repository(assumption: &Assumption) -> String {
    let subject = Subject::parse(&assumption.subject);
    subject
        .repository()
        .map(|it| it.full_name())
        .unwrap_or_default()
}

/// Its length in seconds, up to the next minute; a measured one is exact to 5 seconds.
pub(crate) fn minutes(it: &Assumption) -> u64 {
    let tolerance = if it.session.is_measured() { 5 } else { 0 };
    (it.session.seconds() - tolerance).div_ceil(60) * 60
}

/// Makes a number of both periods.
type Both<'a> = &'a dyn Fn(&dyn Fn(&Recount<'_>) -> u64) -> Change;

/// Whether every number of the report is the recounted one, and of the period before.
fn assert_true(report: &Report, judged: &[Judged]) {
    let (now, before) = (
        Recount::of(judged, week()),
        Recount::of(judged, week().before()),
    );
    let first = judged
        .iter()
        .map(|(it, _)| it.time().unwrap().date_naive())
        .min();
    let compares = first.is_some_and(|first| first <= week().before().last);
    let change = |number: &dyn Fn(&Recount<'_>) -> u64| Change {
        now: number(&now),
        before: compares.then(|| number(&before)),
    };
    let set = |of: &Recount<'_>, name: fn(&Assumption) -> String| {
        of.sessions().map(name).collect::<BTreeSet<_>>().len() as u64
    };
    let totals = &report.totals;
    assert_eq!(
        totals.assumptions,
        change(&|of| of.sessions().count() as u64)
    );
    assert_eq!(totals.judged, change(&|of| of.judged().count() as u64));
    assert_eq!(totals.repositories, change(&|of| set(of, repository)));
    assert_eq!(
        totals.roles,
        change(&|of| set(of, |it| it.role_arn.clone()))
    );
    for (number, outcome) in [
        (totals.expected, Outcome::Expected),
        (totals.unexpected, Outcome::Unexpected),
        (totals.denied, Outcome::Denied),
        (totals.ignored, Outcome::Ignored),
        (totals.other, Outcome::Other),
        (totals.unreadable, Outcome::Unreadable),
    ] {
        assert_eq!(number, change(&|of| of.outcome(outcome)), "{outcome:?}");
    }
    // The allowlist has not changed since.
    assert_eq!(totals.open, totals.unexpected.now);
    assert_eq!(
        report.denied.total,
        change(&|of| of.judged().filter(|(it, _)| it.is_refused()).count() as u64)
    );
    assert_findings(report, &now, &change);
    assert_roles(report, &now);
    assert_time(report, &now);
    for day in &report.days {
        let here = |it: &Assumption| it.time.date_naive() + TimeDelta::days(7) == day.day;
        let wanted = compares.then(|| before.judged().filter(|(it, _)| here(it)).count() as u64);
        assert_eq!(day.before, wanted, "{}", day.day);
    }
    let trace = &report.traceable;
    assert_eq!(trace.sessions, totals.assumptions);
    assert_eq!(
        trace.linked,
        change(&|of| of.sessions().filter(|it| run_url(it).is_some()).count() as u64)
    );
    let is_default = |it: &&Assumption| it.role_session_name.as_deref() == Some("GitHubActions");
    assert_eq!(
        trace.unnamed,
        change(&|of| of.sessions().filter(is_default).count() as u64)
    );
    let regions: u64 = report.awake.regions.iter().map(|it| it.calls.now).sum();
    assert_eq!(
        regions,
        now.count(|it, _| matches!(it, Observation::Assumption(_)))
    );
}

fn assert_findings(report: &Report, now: &Recount<'_>, change: Both<'_>) {
    let findings = &report.findings;
    for check in rolewatch::checks::ALL {
        let found = findings.checks.iter().find(|it| it.check == check.id);
        let wanted = change(&|of| of.findings(check.id));
        match found {
            Some(found) => assert_eq!(found.findings, wanted, "{}", check.id),
            None => assert_eq!(
                (wanted.now, wanted.before.unwrap_or(0)),
                (0, 0),
                "{}",
                check.id
            ),
        }
        let kinds = findings
            .worst
            .items
            .iter()
            .filter(|it| it.check == check.id);
        if check.severity > rolewatch::finding::Severity::Info {
            assert_eq!(
                kinds.map(|it| it.findings.now).sum::<u64>(),
                now.findings(check.id)
            );
        }
    }
    let total: u64 = findings.checks.iter().map(|it| it.findings.now).sum();
    assert_eq!(findings.total.now, total);
    let silenced: u64 = findings.silences.iter().map(|it| it.silenced.now).sum();
    assert_eq!(
        silenced,
        now.0
            .iter()
            .map(|(_, decision)| decision.ignored.len() as u64)
            .sum::<u64>()
    );
}

fn assert_roles(report: &Report, now: &Recount<'_>) {
    let found: BTreeMap<(String, String), u64> = report
        .matrix
        .items
        .iter()
        .map(|pair| {
            (
                (pair.repository.clone(), pair.role_arn.clone()),
                pair.assumptions.now,
            )
        })
        .collect();
    assert_eq!(found, now.pairs());
    for role in report
        .roles
        .items
        .iter()
        .filter(|role| role.assumptions.now > 0)
    {
        let of_role = || now.sessions().filter(|it| it.role_arn == role.role_arn);
        let mut lengths: Vec<u64> = of_role().map(minutes).collect();
        lengths.sort_unstable();
        assert_eq!(role.assumptions.now, lengths.len() as u64);
        assert_eq!(role.sessions.longest, lengths.last().copied());
        assert_eq!(
            role.sessions.median,
            lengths.get((lengths.len() - 1) / 2).copied()
        );
        assert_eq!(
            role.sessions.beyond_least.now,
            lengths.iter().filter(|it| **it > 900).count() as u64
        );
        let contexts: BTreeSet<(String, String)> =
            of_role().map(|it| (repository(it), context(it))).collect();
        assert_eq!(role.contexts.now, contexts.len() as u64);
        assert!(role.last_use >= of_role().map(|it| it.time.date_naive()).max());
        let unexpected = now.judged().filter(|(it, decision)| {
            it.role_arn == role.role_arn && decision.outcome == Outcome::Unexpected
        });
        assert_eq!(role.unexpected.now, unexpected.count() as u64);
    }
    let unexpected: u64 = report
        .roles
        .items
        .iter()
        .map(|role| role.unexpected.now)
        .sum();
    assert_eq!(unexpected, report.totals.unexpected.now);
}

pub(crate) fn context(assumption: &Assumption) -> String {
    let context = Subject::parse(&assumption.subject)
        .context()
        .map(|it| it.to_string());
    context.unwrap_or_else(|| assumption.subject.clone())
}

fn assert_time(report: &Report, now: &Recount<'_>) {
    let on = |day: NaiveDate, outcome: Outcome| {
        now.judged()
            .filter(|(it, decision)| it.time.date_naive() == day && decision.outcome == outcome)
            .count() as u64
    };
    for day in &report.days {
        let found = [day.expected, day.unexpected, day.denied, day.ignored];
        let outcomes = [
            Outcome::Expected,
            Outcome::Unexpected,
            Outcome::Denied,
            Outcome::Ignored,
        ];
        assert_eq!(
            found,
            outcomes.map(|outcome| on(day.day, outcome)),
            "{}",
            day.day
        );
    }
    for (weekday, hours) in report.hours.iter().enumerate() {
        for (hour, calls) in hours.calls.iter().enumerate() {
            let here = |it: &Assumption| {
                (
                    it.time.weekday().num_days_from_monday() as usize,
                    it.time.hour() as usize,
                ) == (weekday, hour)
            };
            assert_eq!(
                *calls,
                now.judged().filter(|(it, _)| here(it)).count() as u64
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever was delivered twice, late or in another order.
    #[test]
    fn a_stores_report_is_a_recount_of_the_events(events in events()) {
        let (report, judged) = by_store(&events, &allowlist());
        prop_assert_eq!(judged.len(), events.unique.len(), "each event is counted once");
        assert_true(&report, &judged);
        details::assert_true(&report, &judged);
        details::assert_lag(&report, &judged);
    }

    #[test]
    fn an_archives_report_is_a_recount_of_the_events(events in events()) {
        let (report, judged) = by_archive(&events.unique, &allowlist());
        assert_true(&report, &judged);
        details::assert_true(&report, &judged);
    }

    /// But for what takes a memory, both say the same.
    #[test]
    fn store_and_archive_agree(events in events()) {
        let (store, _) = by_store(&events, &allowlist());
        let (archive, _) = by_archive(&events.unique, &allowlist());
        prop_assert_eq!(&store.days, &archive.days);
        prop_assert_eq!(&store.hours, &archive.hours);
        prop_assert_eq!(&store.matrix, &archive.matrix);
        prop_assert_eq!(&store.news, &archive.news);
        prop_assert_eq!(&store.tighten, &archive.tighten);
        prop_assert_eq!(&store.traceable, &archive.traceable);
        prop_assert_eq!(&store.denied.causes, &archive.denied.causes);
    }
}
