//! Every column of the rollups (a row for each day, role and subject) against a plain recount of
//! the raw events.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::prelude::*;
use rolewatch::assumption::{Assumption, Observation, Outcome as Answer, run_url};
use rolewatch::detect::{Outcome, decide};
use rolewatch::report::Period;
use rolewatch::store::{Counter, Row, Store};

use crate::events::{
    Events, Judged, ROLES, allowlist, assumption, block_on, by_archive, events, lag, moment, stored,
};
use crate::recount::minutes;

/// Day, issuer, role, subject and rule.
type Whom = (NaiveDate, String, String, String, Option<String>);
type Columns = BTreeMap<String, u64>;
type Rows = BTreeMap<Whom, Columns>;

/// Whom an event is counted for. A role is a stranger's to name where no rule names it and the
/// call was refused; of other issuers there is one row.
fn whom(observation: &Observation, outcome: Outcome, rule: Option<&String>) -> Whom {
    let day = observation.time().unwrap().date_naive();
    let none = String::new;
    match observation {
        Observation::Unreadable(_) => (day, none(), none(), none(), None),
        Observation::Assumption(it) if outcome == Outcome::Other => {
            (day, it.issuer.clone(), none(), none(), None)
        }
        Observation::Assumption(it) => {
            let named = !it.is_refused() || it.role_arn != ROLES[2];
            let role_arn = if named { it.role_arn.clone() } else { none() };
            let rule = rule.filter(|_| outcome == Outcome::Expected).cloned();
            (day, it.issuer.clone(), role_arn, it.subject.clone(), rule)
        }
    }
}

/// What an event is counted as, in the plainest way.
fn columns((observation, decision): &Judged, with_lag: bool) -> Vec<String> {
    let mut names = vec![format!("n:{}", decision.outcome.as_str())];
    names.extend(
        decision
            .findings
            .iter()
            .map(|it| format!("f:{}", it.check.id)),
    );
    let ignored = decision.ignored.iter();
    names.extend(ignored.map(|(it, _)| format!("ignored:{}", it.check.id)));
    names.push(format!("h:{}", observation.time().unwrap().format("%H")));
    if with_lag {
        let class = match lag(observation).num_seconds() {
            4 => 5,
            20 => 20,
            100 => 120,
            3600 => 3600,
            _ => 86_401,
        };
        names.push(format!("l:{class}"));
    }
    if let Observation::Assumption(it) = observation {
        names.push(format!("r:{}", it.region.as_ref().unwrap()));
        if decision.outcome != Outcome::Other {
            names.extend(of_github(it));
        }
    }
    names
}

fn of_github(it: &Assumption) -> Vec<String> {
    let mut names: Vec<String> = match it.source_ip.as_deref() {
        Some("203.0.113.9") => vec!["net:office".into(), "net:near the office".into()],
        Some("203.0.112.1" | "2001:db8::1") => vec!["net:near the office".into()],
        _ => Vec::new(),
    };
    match &it.outcome {
        Answer::Refused { code } => names.push(match code.as_str() {
            "=odd" => "e:other".into(),
            code => format!("e:{}", code.trim_end_matches("Exception")),
        }),
        Answer::Issued => {
            names.push(format!("s:{}", minutes(it)));
            names.extend(run_url(it).map(|_| "run".to_owned()));
            let unnamed = it.role_session_name.as_deref() == Some("GitHubActions");
            names.extend(unnamed.then(|| "unnamed".to_owned()));
        }
    }
    names
}

fn recounted(judged: &[Judged], with_lag: bool) -> Rows {
    let mut rows = Rows::new();
    for event in judged {
        let (observation, decision) = event;
        let whom = whom(observation, decision.outcome, decision.rule.as_ref());
        for column in columns(event, with_lag) {
            *rows
                .entry(whom.clone())
                .or_default()
                .entry(column)
                .or_default() += 1;
        }
    }
    rows
}

/// Rows that differ in nothing but what was complained of are one here.
fn merged(rows: &[Row]) -> Rows {
    let mut all = Rows::new();
    for row in rows {
        let it = &row.about;
        let whom = (
            row.day,
            it.issuer.clone(),
            it.role_arn.clone(),
            it.subject.clone(),
            it.rule.clone(),
        );
        let columns = all.entry(whom).or_default();
        for (name, count) in &row.counts {
            *columns.entry(name.clone()).or_default() += count;
        }
    }
    all
}

/// All rows of the days that events are of.
fn rows_of(store: &impl Store) -> Vec<Row> {
    let days = Period::new("2026-08-20".parse().unwrap(), "2026-11-30".parse().unwrap());
    let now = moment("2026-11-30T00:00:00Z");
    let mut rows = Vec::new();
    for day in days.unwrap().each_day() {
        block_on(store.each_row(day, now, |row| rows.push(row))).unwrap();
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_stores_rows_are_a_recount_of_the_events(events in events()) {
        let (store, judged) = stored(&events, &allowlist());
        prop_assert_eq!(merged(&rows_of(&store)), recounted(&judged, true));
    }

    /// A row can be judged again by its sample: it is one of its events, and all have its complaints.
    #[test]
    fn a_rows_sample_stands_for_all_its_events(events in events()) {
        let (store, judged) = stored(&events, &allowlist());
        for row in rows_of(&store) {
            let Some(sample) = &row.sample else { continue };
            let is_sample = |(it, _): &&Judged| matches!(it, Observation::Assumption(it) if it == sample);
            let (_, decision) = judged.iter().find(is_sample).unwrap();
            for finding in decision.complaints() {
                let names = ["f", "ignored"].map(|kind| format!("{kind}:{}", finding.check.id));
                let all: u64 = row.counts[&format!("n:{}", decision.outcome.as_str())];
                let complained: u64 = names.iter().filter_map(|name| row.counts.get(name)).sum();
                prop_assert_eq!(complained, all, "{}", finding.check.id);
            }
        }
    }

    #[test]
    fn an_archives_rows_are_a_recount_of_the_events(events in events()) {
        let (_, judged) = by_archive(&events.unique, &allowlist());
        let mut rows = Vec::new();
        for day in judged.chunk_by(|(a, _), (b, _)| a.time().unwrap().date_naive() == b.time().unwrap().date_naive()) {
            let mut counter = Counter::default();
            for (observation, decision) in day {
                counter.add(observation, decision, &allowlist(), moment("2026-11-30T00:00:00Z"));
            }
            rows.extend(counter.take());
        }
        prop_assert_eq!(merged(&rows), recounted(&judged, false));
    }
}

/// Made-up branches of a repository on a day; the first half of them expected.
fn branches(many: u64) -> Vec<Observation> {
    let event = |number: u64| {
        let subject = match number % 2 {
            0 => format!("repo:acme/app:environment:{number}"),
            _ => format!("repo:acme/app:ref:refs/heads/{number}"),
        };
        assumption(number, "2026-11-17T10:00:00Z", ROLES[0], &subject).into()
    };
    (0..many).map(event).collect()
}

fn sums<'a>(rows: impl Iterator<Item = &'a Row>) -> Columns {
    let mut sums = Columns::new();
    for (name, count) in rows.flat_map(|row| &row.counts) {
        *sums.entry(name.clone()).or_default() += count;
    }
    sums
}

/// Whatever somebody makes up, a role and repository have 1,000 rows a day and one more, and
/// nothing is left uncounted.
#[test]
fn beyond_a_thousand_subjects_rows_fold_and_still_count() {
    let events = branches(1040);
    // Another repository of the same day and role has room of its own.
    let other = assumption(
        5000,
        "2026-11-17T11:00:00Z",
        ROLES[0],
        "repo:acme/lib:pull_request",
    );
    let mut delivered = events.clone();
    delivered.push(other.into());
    delivered.extend(events[1000..1020].to_vec()); // again
    let (store, judged) = stored(
        &Events {
            unique: Vec::new(),
            delivered,
        },
        &allowlist(),
    );
    let rows = rows_of(&store);
    assert_eq!(judged.len(), 1041);
    assert_eq!(rows.len(), 1000 + 1 + 1);
    let (folded, own): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|it| it.about.folded.is_some());
    assert_eq!(folded.len(), 1);
    let about = &folded[0].about;
    assert_eq!(
        (&*about.subject, &*about.role_arn, &about.rule),
        ("other", ROLES[0], &None)
    );
    assert_eq!(about.folded.as_deref(), Some("acme/app"));
    let beyond = recounted(&judged[1000..1040], true);
    assert_eq!(folded[0].counts, sums_of(&beyond));
    let all = recounted(&judged, true);
    assert_eq!(sums(own.into_iter().chain(folded)), sums_of(&all));

    // The same without a store.
    let mut counter = Counter::default();
    for event in &events {
        counter.add(
            event,
            &decide(event, &allowlist()),
            &allowlist(),
            moment("2026-11-30T00:00:00Z"),
        );
    }
    let rows = counter.take();
    assert_eq!(rows.len(), 1001);
    let count = |row: &Row| row.counts["h:10"];
    let folded: Vec<u64> = rows
        .iter()
        .filter(|it| it.about.folded.is_some())
        .map(count)
        .collect();
    assert_eq!(folded, [40]);
    assert_eq!(rows.iter().map(count).sum::<u64>(), 1040);
}

fn sums_of(rows: &Rows) -> Columns {
    let mut sums = Columns::new();
    for (name, count) in rows.values().flatten() {
        *sums.entry(name.clone()).or_default() += count;
    }
    sums
}
