//! Random weeks of few names, so that they meet often; and ways to count them.

use std::future::Future;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt;
use proptest::prelude::*;
use proptest::sample::select;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::{Assumption, Observation, Outcome, Session, UnreadableRecord};
use rolewatch::detect::{Decision, decide};
use rolewatch::report::model::{Report, Source};
use rolewatch::report::{Extras, Gatherer, Period, gather};
use rolewatch::store::{Counter, Ledger, MemoryTable, Store, Windows};

pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";
pub(crate) const ROLES: [&str; 3] = [
    "arn:aws:iam::123456789012:role/deploy",
    "arn:aws:iam::123456789012:role/team/publish",
    "arn:aws:iam::123456789012:role/nobody-lists-it",
];
const SUBJECTS: [&str; 7] = [
    "repo:acme/app:ref:refs/heads/main",
    "repo:acme@1/app@5:ref:refs/heads/main",
    "repo:acme@1/app@5:environment:prod",
    "repo:acme@1/renamed@5:environment:prod",
    "repo:acme/lib:ref:refs/tags/v1",
    "repo:stranger/app:pull_request",
    "repository_owner:acme:environment:prod",
];
pub(crate) const ALLOWLIST: &str = r#"
version = 1
[[allow]]
name = "deploys"
roles = ["arn:aws:iam::123456789012:role/deploy"]
repositories = ["acme/app", "acme/renamed"]
contexts = ["branch:main", "environment:*"]
max_session = "30m"
owner = "team-app"
[[allow]]
name = "publishing"
roles = ["arn:aws:iam::123456789012:role/team/publish"]
repositories = ["acme/*"]
contexts = ["tag:v*"]
max_session = "1h"
expires = 2026-12-01
[[network]]
name = "office"
cidrs = ["203.0.113.0/24"]
[[network]]
name = "near the office"
cidrs = ["203.0.112.0/23", "2001:db8::/48"]
[[ignore]]
check = "unlisted-context"
roles = ["arn:aws:iam::123456789012:role/team/publish"]
reason = "a known one"
until = 2027-01-15
"#;

/// The week that all of it is about: 2026-W47.
pub(crate) fn week() -> Period {
    Period::parse_week("2026-W47").unwrap()
}

/// When the week is long over.
pub(crate) fn over() -> DateTime<Utc> {
    moment("2026-11-30T00:00:00Z")
}

pub(crate) fn allowlist() -> Allowlist {
    compile(ALLOWLIST).unwrap().0
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An assumption like those of most tests.
pub(crate) fn assumption(number: u64, time: &str, role: &str, subject: &str) -> Assumption {
    Assumption {
        event_id: format!("{number:08}"),
        time: moment(time),
        account: Some("123456789012".into()),
        region: Some("eu-central-1".into()),
        role_arn: role.into(),
        role_session_name: Some("GitHubActions".into()),
        issuer: GITHUB.into(),
        subject: subject.into(),
        audience: Some("sts.amazonaws.com".into()),
        session: Session::Requested(900),
        source_ip: Some("203.0.113.9".into()),
        user_agent: Some("aws-sdk-js/3 md/run_id#19512345678 md/attempt#1".into()),
        access_key_id: None,
        outcome: Outcome::Issued,
    }
}

prop_compose! {
    /// An assumption of the three weeks around the one that is reported, its edges often, or of the
    /// 90 days that are looked back to.
    pub(crate) fn any_assumption()(
        day in prop_oneof![6 => -15i64..9, 1 => -83i64..-15],
        second in prop_oneof![3 => 0i64..86_400, 1 => Just(0), 1 => Just(86_399)],
        role in select(ROLES.to_vec()),
        subject in select(SUBJECTS.to_vec()),
        session in select(vec![
            Session::Requested(900), Session::Requested(901), Session::Requested(1800), Session::Requested(43_200),
            Session::Measured(904), Session::Measured(3606), Session::Assumed,
        ]),
        issuer in select(vec![GITHUB, GITHUB, GITHUB, "https://oidc.eks.eu-west-1.amazonaws.com/id/0A"]),
        refused in prop_oneof![5 => Just(None), 1 => select(vec!["AccessDenied", "ExpiredTokenException", "=odd"]).prop_map(Some)],
        named in any::<bool>(),
        linked in any::<bool>(),
        region in select(vec!["eu-central-1", "us-east-1"]),
        source in select(vec![Some("203.0.113.9"), Some("203.0.112.1"), Some("2001:db8::1"), Some("198.51.100.7"), Some("an AWS service"), None]),
    ) -> Assumption {
        let monday = moment("2026-11-16T00:00:00Z");
        let mut assumption = assumption(0, "2026-11-16T00:00:00Z", role, subject);
        assumption.time = monday + TimeDelta::days(day) + TimeDelta::seconds(second);
        assumption.session = session;
        assumption.source_ip = source.map(str::to_owned);
        assumption.issuer = issuer.into();
        assumption.region = Some(region.into());
        if named {
            assumption.role_session_name = Some("deploy".into());
        }
        if !linked {
            assumption.user_agent = None;
        }
        if let Some(code) = refused {
            assumption.outcome = Outcome::Refused { code: code.into() };
        }
        assumption
    }
}

/// Events, each once; and the same in the order of a delivery that repeats some.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    pub(crate) unique: Vec<Observation>,
    pub(crate) delivered: Vec<Observation>,
}

pub(crate) fn events() -> impl Strategy<Value = Events> {
    let assumptions = prop::collection::vec(any_assumption(), 0..60);
    let unreadable = prop::collection::vec(-8i64..8, 0..3);
    (assumptions, unreadable)
        .prop_map(|(assumptions, unreadable)| {
            let mut unique: Vec<Observation> =
                assumptions.into_iter().map(Observation::from).collect();
            unique.extend(unreadable.into_iter().map(|day| {
                Observation::from(UnreadableRecord {
                    time: Some(moment("2026-11-16T12:00:00Z") + TimeDelta::days(day)),
                    ..UnreadableRecord::default()
                })
            }));
            for (number, observation) in unique.iter_mut().enumerate() {
                match observation {
                    Observation::Assumption(it) => it.event_id = format!("{number:08}"),
                    Observation::Unreadable(it) => it.hash = format!("{number:08}"),
                }
            }
            unique
        })
        .prop_flat_map(|unique| {
            let many = unique.len();
            let again = prop::collection::vec(0..many.max(1), 0..=many.min(10));
            (Just(unique), again).prop_map(|(unique, again)| {
                let mut delivered = unique.clone();
                delivered.extend(
                    again
                        .into_iter()
                        .filter_map(|place| unique.get(place).cloned()),
                );
                Events { unique, delivered }
            })
        })
        .prop_flat_map(|events| {
            (Just(events.unique), Just(events.delivered).prop_shuffle())
                .prop_map(|(unique, delivered)| Events { unique, delivered })
        })
}

/// An event and what was decided about it.
pub(crate) type Judged = (Observation, Decision);

/// How long after its call an event is delivered. Late: some come when the week is long over.
pub(crate) fn lag(observation: &Observation) -> TimeDelta {
    let number = observation.identity().bytes().map(u64::from).sum::<u64>();
    let lags = [4, 20, 100, 3600, 108_000];
    TimeDelta::seconds(lags[usize::try_from(number % 5).unwrap()])
}

/// The report of a store that took in what was delivered, each event some time after its call.
pub(crate) fn by_store(events: &Events, allowlist: &Allowlist) -> (Report, Vec<Judged>) {
    let (store, judged) = stored(events, allowlist);
    let gatherer = Gatherer::new(week(), Source::Store, allowlist, over());
    let now = over();
    let report = block_on(gather(&store, gatherer, Extras::default(), now)).unwrap();
    (report, judged)
}

/// A store that took in what was delivered, and what it decided about each event.
pub(crate) fn stored(events: &Events, allowlist: &Allowlist) -> (Ledger<MemoryTable>, Vec<Judged>) {
    let store = Ledger::new(MemoryTable::default(), Windows::default());
    let mut judged = Vec::new();
    for observation in &events.delivered {
        let now = observation.time().unwrap() + lag(observation);
        let admitted = block_on(store.admit(vec![observation.clone()], allowlist, now)).unwrap();
        let new = admitted.into_iter().filter(|it| !it.seen);
        judged.extend(new.map(|it| (it.observation, it.decision)));
    }
    (store, judged)
}

/// The report of the events themselves.
pub(crate) fn by_archive(unique: &[Observation], allowlist: &Allowlist) -> (Report, Vec<Judged>) {
    let mut gatherer = Gatherer::new(week(), Source::Archives, allowlist, over());
    let mut judged = Vec::new();
    let end = moment("2026-11-22T00:00:00Z");
    let day = |it: &Observation| -> NaiveDate { it.time().unwrap_or(end).date_naive() };
    let mut ordered = unique.to_vec();
    ordered.sort_by_key(Observation::time);
    for of_day in ordered.chunk_by(|a, b| day(a) == day(b)) {
        let mut counter = Counter::default();
        for observation in of_day {
            let decision = decide(observation, allowlist);
            counter.add(observation, &decision, allowlist, end);
            judged.push((observation.clone(), decision));
        }
        counter.take().iter().for_each(|row| gatherer.add(row));
    }
    (gatherer.finish(Extras::default()), judged)
}

/// Runs a future that never waits.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}
