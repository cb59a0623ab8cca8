//! From sums to the report.

mod activity;
mod covered;
mod findings;
mod news;
mod tighten;
mod unknown;
mod worst;

use chrono::NaiveDate;

use super::span::Span;
use super::{Counts, Extras, Gatherer};
use crate::report::model::{Awake, Change, Coverage, Kind, Lag, Region, Report, SCHEMA, Totals};
use crate::report::words::{Plural, number};

/// The report of what was gathered.
pub(super) fn report(of: &Gatherer<'_>, extras: Extras) -> Report {
    let totals = totals(of);
    let findings = findings::findings(of, extras.snoozes);
    let mut report = Report {
        r#type: Kind::Report,
        schema: SCHEMA.to_owned(),
        period: of.covered(of.period),
        before: of.covered(of.period.before()),
        known_since: of.known_since,
        source: of.source,
        made_at: extras.made_at,
        verdict: String::new(),
        totals,
        findings,
        roles: activity::roles(of),
        news: news::news(of),
        tighten: tighten::tighten(of),
        denied: activity::denied(of),
        trust: extras.trust,
        traceable: activity::trace(of),
        awake: awake(of, extras.awake),
        days: activity::days(of),
        hours: activity::hours(of),
        matrix: activity::matrix(of),
        not_known: Vec::new(),
        failed_inputs: extras.failed_inputs,
    };
    report.verdict = verdict(&report);
    report.not_known = unknown::not_known(of, &report);
    report
}

impl Gatherer<'_> {
    /// Whether there is a period before to compare with.
    fn compares(&self) -> bool {
        self.coverage(self.period.before()) != Coverage::Unknown
    }

    /// A number of both periods.
    fn change(&self, number: impl Fn(&Span) -> u64) -> Change {
        Change {
            now: number(&self.current),
            before: self.compares().then(|| number(&self.previous)),
        }
    }

    fn change_of(&self, counts: impl Fn(&Span) -> &Counts, name: &str) -> Change {
        self.change(|span| counts(span).get(name).copied().unwrap_or_default())
    }

    /// The first day of the last 90 of which something is known; none where nothing is.
    fn looked_back_to(&self) -> Option<NaiveDate> {
        self.known_since.map(|since| since.max(self.days().first))
    }
}

fn totals(of: &Gatherer<'_>) -> Totals {
    Totals {
        assumptions: of.change(Span::granted),
        repositories: of.change(|span| span.repositories.len() as u64),
        roles: of.change(Span::roles_assumed),
        judged: of.change(|span| span.outcomes.judged()),
        expected: of.change(|span| span.outcomes.expected),
        unexpected: of.change(|span| span.outcomes.unexpected),
        open: of.current.open,
        denied: of.change(|span| span.outcomes.denied),
        ignored: of.change(|span| span.outcomes.ignored),
        other: of.change(|span| span.other),
        unreadable: of.change(|span| span.unreadable),
    }
}

/// The report in a sentence.
fn verdict(report: &Report) -> String {
    let totals = &report.totals;
    if report.known_since.is_none() {
        return "Nothing is recorded of these days, nor of the 90 before".into();
    }
    if report.period.known == Coverage::Unknown {
        return "Nothing is recorded of these days".into();
    }
    let what = match totals.assumptions.now {
        0 => "No assumptions".to_owned(),
        many => format!(
            "{} by {} on {}",
            many.of("assumption", "assumptions"),
            totals.repositories.now.of("repository", "repositories"),
            totals.roles.now.of("role", "roles"),
        ),
    };
    let unexpected = match (totals.unexpected.now, totals.open) {
        (0, _) => "nothing unexpected".to_owned(),
        (many, 0) => format!("{} unexpected, none still open", number(many)),
        (many, open) => format!("{} unexpected, {} still open", number(many), number(open)),
    };
    let denied = match report.denied.total.now {
        0 => String::new(),
        many => format!("; {} denied", number(many)),
    };
    let unreadable = match totals.unreadable.now {
        0 => String::new(),
        many => format!("; {} unreadable", number(many)),
    };
    let asleep = match &report.awake.canaries {
        Some(canaries) if canaries.are_missing() => format!(
            "; {} of {} missing",
            number(canaries.due.now.saturating_sub(canaries.received.now)),
            canaries.due.now.of("canary", "canaries"),
        ),
        _ => String::new(),
    };
    format!("{what}; {unexpected}{denied}{unreadable}{asleep}")
}

fn awake(of: &Gatherer<'_>, told: Awake) -> Awake {
    let mut names: Vec<&String> = of
        .current
        .regions
        .keys()
        .chain(of.previous.regions.keys())
        .collect();
    names.sort();
    names.dedup();
    let region = |name: &String| Region {
        region: name.clone(),
        calls: of.change_of(|span| &span.regions, name),
    };
    let mut regions: Vec<Region> = names.into_iter().map(region).collect();
    regions.sort_by_key(|region| std::cmp::Reverse(region.calls.now));
    Awake {
        regions,
        lag: lag(of),
        ..told
    }
}

fn lag(of: &Gatherer<'_>) -> Option<Lag> {
    let (now, before) = (&of.current.lags, &of.previous.lags);
    now.first_key_value()?;
    let change = |percent| Change {
        now: activity::percentile(now, percent),
        before: (!before.is_empty()).then(|| activity::percentile(before, percent)),
    };
    Some(Lag {
        p50: change(50),
        p95: change(95),
        max: change(100),
    })
}
