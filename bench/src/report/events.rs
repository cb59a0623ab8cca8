//! The report from the events themselves, as from archives whose reading costs nothing.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::allowlist::Allowlist;
use rolewatch::assumption::{Assumption, Observation, Outcome, Session};
use rolewatch::detect::decide;
use rolewatch::report::model::Source;
use rolewatch::report::{Extras, Gatherer};
use rolewatch::store::Counter;

use super::{ASSUMPTIONS, DAYS, PAIRS, Taken, allowlist, period, role, subject};

/// Judges and counts every event, and prints what it took.
pub(crate) fn print() -> anyhow::Result<()> {
    let allowlist = allowlist()?;
    let period = period()?;
    let monday = "2026-11-16T00:00:00Z".parse()?;
    let began = Instant::now();
    let mut gatherer = Gatherer::new(
        period,
        Source::Archives,
        &allowlist,
        "2026-11-23T02:00:00Z".parse()?,
    );
    let mut counter = Counter::default();
    let mut today = period.first;
    for number in 0..ASSUMPTIONS {
        let observation = event(number, monday);
        let day = observation.time().map_or(today, |time| time.date_naive());
        if std::mem::replace(&mut today, day) != day {
            counter.take().iter().for_each(|row| gatherer.add(row));
        }
        count(&mut counter, &observation, &allowlist, monday);
    }
    counter.take().iter().for_each(|row| gatherer.add(row));
    let took = began.elapsed();
    Taken::of(&gatherer.finish(Extras::default()), took).print()
}

fn count(
    counter: &mut Counter,
    observation: &Observation,
    allowlist: &Allowlist,
    now: DateTime<Utc>,
) {
    counter.add(observation, &decide(observation, allowlist), allowlist, now);
}

fn event(number: u64, monday: DateTime<Utc>) -> Observation {
    let pair = number % PAIRS;
    let second = number * (DAYS * 86_400) / ASSUMPTIONS;
    Assumption {
        event_id: number.to_string(),
        time: monday + TimeDelta::seconds(second.try_into().unwrap_or_default()),
        account: Some("123456789012".into()),
        region: Some("eu-central-1".into()),
        role_arn: role(pair),
        role_session_name: Some("GitHubActions".into()),
        issuer: "https://token.actions.githubusercontent.com".into(),
        subject: subject(pair),
        audience: Some("sts.amazonaws.com".into()),
        session: Session::Requested(900),
        source_ip: Some("203.0.113.20".into()),
        user_agent: Some("aws-sdk-js/3 md/run_id#19512345678 md/attempt#1".into()),
        access_key_id: None,
        outcome: Outcome::Issued,
    }
    .into()
}
