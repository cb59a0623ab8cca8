//! What a report of ten million assumptions over 5,000 pairs costs, from the events themselves:
//! `cargo bench -p rolewatch --bench report`. Prints the time of each step, and the most memory
//! that the process had.

#![allow(clippy::unwrap_used, reason = "a bench that cannot run should say so")]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::{Assumption, Observation, Outcome, Session};
use rolewatch::detect::decide;
use rolewatch::report::model::Source;
use rolewatch::report::rendering::html;
use rolewatch::report::sheet::sheet;
use rolewatch::report::{Extras, Gatherer, Period};
use rolewatch::store::Counter;

const ASSUMPTIONS: u64 = 10_000_000;
const PAIRS: u64 = 5_000;
/// Each with one role of its own.
const RULES: u64 = 50;
const DAYS: u64 = 7;

fn allowlist() -> Allowlist {
    let rule = |number: u64| {
        format!(
            "[[allow]]\nname = 'rule {number}'\nroles = ['arn:aws:iam::123456789012:role/deploy-{number}']\n\
             repositories = ['my-org/*']\ncontexts = ['branch:main', 'environment:*']\nmax_session = '1h'\n"
        )
    };
    let rules: String = (0..RULES).map(rule).collect();
    compile(&format!("version = 1\n{rules}")).unwrap().0
}

fn event(number: u64, monday: DateTime<Utc>) -> Observation {
    let pair = number % PAIRS;
    let second = number * (DAYS * 86_400) / ASSUMPTIONS;
    Assumption {
        event_id: number.to_string(),
        time: monday + TimeDelta::seconds(second.try_into().unwrap()),
        account: Some("123456789012".into()),
        region: Some("eu-central-1".into()),
        role_arn: format!("arn:aws:iam::123456789012:role/deploy-{}", pair % RULES),
        role_session_name: Some("GitHubActions".into()),
        issuer: github_oidc::GITHUB_ISSUER.into(),
        subject: format!(
            "repo:my-org/service-{pair}:ref:refs/heads/{}",
            if number.is_multiple_of(997) {
                "dev"
            } else {
                "main"
            }
        ),
        audience: Some("sts.amazonaws.com".into()),
        session: Session::Requested(900),
        source_ip: Some("203.0.113.20".into()),
        user_agent: Some("aws-sdk-js/3 md/run_id#19512345678 md/attempt#1".into()),
        access_key_id: None,
        outcome: Outcome::Issued,
    }
    .into()
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.and_then(|line| line.split_once(':'))
        .map_or("unknown".into(), |(_, it)| it.trim().to_owned())
}

fn main() {
    let allowlist = allowlist();
    let period = Period::parse_week("2026-W47").unwrap();
    let monday: DateTime<Utc> = "2026-11-16T00:00:00Z".parse().unwrap();
    let began = Instant::now();
    let mut gatherer = Gatherer::new(period, Source::Archives, &allowlist);
    let mut counter = Counter::default();
    let mut today = period.first;
    for number in 0..ASSUMPTIONS {
        let observation = event(number, monday);
        let day = observation.time().map_or(today, |time| time.date_naive());
        if std::mem::replace(&mut today, day) != day {
            counter.take().iter().for_each(|row| gatherer.add(row));
        }
        counter.add(
            &observation,
            &decide(&observation, &allowlist),
            &allowlist,
            monday,
        );
    }
    counter.take().iter().for_each(|row| gatherer.add(row));
    let judging = began.elapsed();
    let began = Instant::now();
    let report = gatherer.finish(Extras::default());
    let page = html::render(&report, &sheet(&report));
    let rendering = began.elapsed();
    println!("{}", report.verdict);
    println!(
        "judged and counted in {judging:.1?}, rendered in {rendering:.1?} ({} bytes)",
        page.len()
    );
    println!("peak memory {}", peak());
}
