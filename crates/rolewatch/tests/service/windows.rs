//! Quiet windows and storms.

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::{About, Alert, Kind, SCHEMA};
use rolewatch::allowlist::compile;
use rolewatch::finding::{Background, Severity};
use rolewatch::notify::{Notifier, NotifyError, Outbox};
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::{Ledger, MemoryTable, Windows};

use crate::harness::{PRODUCTION, allowlist, block_on, event};

type Service = Pipeline<Ledger<MemoryTable>, Outbox>;

fn service() -> Service {
    Pipeline::new(
        Ledger::new(MemoryTable::default(), Windows::default()),
        Outbox::default(),
    )
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn run(service: &Service, items: Vec<Item>, now: DateTime<Utc>) {
    let reports = block_on(service.run(items, &allowlist(), now));
    assert!(
        reports.iter().all(|report| report.undone.is_none()),
        "{reports:?}"
    );
}

fn sweep(service: &Service, now: DateTime<Utc>) {
    block_on(service.sweep(now)).unwrap();
}

const NOW: &str = "2026-11-18T10:00:00Z";

#[test]
fn twelve_refused_retries_are_one_alert_that_says_twelve() {
    let service = service();
    for n in 0..12 {
        let subject = "repo:my-org/my-repo:pull_request";
        let item = event(
            &n.to_string(),
            PRODUCTION,
            subject,
            NOW,
            Some("AccessDenied"),
        );
        run(&service, vec![item], at(NOW) + TimeDelta::seconds(n * 10));
    }
    assert!(service.notifier.take().is_empty(), "it gathers");
    sweep(&service, at(NOW) + TimeDelta::minutes(5));
    let alerts = service.notifier.take();
    assert_eq!(alerts.len(), 1);
    assert!(
        alerts[0].title.starts_with("12 times: "),
        "{}",
        alerts[0].title
    );
    assert_eq!(alerts[0].repeats, Some(11));
    sweep(&service, at(NOW) + TimeDelta::hours(3));
    assert!(
        service.notifier.take().is_empty(),
        "and nothing else is ever said"
    );
}

#[test]
fn five_thousand_chosen_branches_are_one_alert_and_one_summary_in_bounded_state() {
    let service = service();
    let items = |range: std::ops::Range<u32>| -> Vec<Item> {
        range
            .map(|n| {
                let subject = format!("repo:my-org/my-repo:ref:refs/heads/{n}-<!channel>");
                event(&format!("e{n}"), PRODUCTION, &subject, NOW, None)
            })
            .collect()
    };
    for n in 0..500 {
        run(&service, items(n * 10..n * 10 + 10), at(NOW));
    }
    assert_eq!(service.notifier.take().len(), 1);
    sweep(&service, at(NOW) + TimeDelta::hours(1));
    let summary = service.notifier.take();
    assert_eq!(summary.len(), 1);
    assert!(
        summary[0].title.starts_with("4999 more: "),
        "{}",
        summary[0].title
    );
    assert!(
        summary[0].message.contains("100 or more subjects"),
        "{}",
        summary[0].message
    );
    assert!(summary[0].message.len() < 2_000);
    // An item an event, for 100 days; a thousand rows; a hundred subjects; and a
    // handful of the rest.
    let items = service.store.table().len();
    assert!(items < 5_000 + 1_000 + 100 + 20, "{items} items");
}

#[test]
fn strangers_repositories_share_a_window() {
    let service = service();
    for n in 0..20 {
        let subject = format!("repo:evil-{n}/x:ref:refs/heads/main");
        run(
            &service,
            vec![event(&n.to_string(), PRODUCTION, &subject, NOW, None)],
            at(NOW),
        );
    }
    assert_eq!(service.notifier.take().len(), 1);
}

#[test]
fn a_window_that_closed_alerts_anew_and_its_summary_is_not_lost() {
    let service = service();
    let subject = "repo:my-org/my-repo:ref:refs/heads/dev";
    let item = |n: i64| event(&n.to_string(), PRODUCTION, subject, NOW, None);
    run(&service, vec![item(1)], at(NOW));
    run(&service, vec![item(2)], at(NOW) + TimeDelta::minutes(30));
    run(&service, vec![item(3)], at(NOW) + TimeDelta::minutes(61));
    let alerts = service.notifier.take();
    assert_eq!(alerts.len(), 2, "the first of each window");
    sweep(&service, at(NOW) + TimeDelta::minutes(62));
    let summary = service.notifier.take();
    assert_eq!((summary.len(), summary[0].repeats), (1, Some(1)));
}

#[test]
fn audit_mode_records_and_tells_nobody() {
    let service = service();
    let text = crate::harness::sample("allowlist.toml").replacen(
        "version = 1",
        "version = 1\nmode = \"audit\"",
        1,
    );
    let text = text
        .replacen("mode = \"enforce\"", "", 1)
        .replacen("mode    = \"enforce\"", "", 1);
    let (audit, _) =
        rolewatch::allowlist::compile(&text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let item = event(
        "1",
        PRODUCTION,
        "repo:evil-org/x:ref:refs/heads/main",
        NOW,
        None,
    );
    let reports = block_on(service.run(vec![item], &audit, at(NOW)));
    assert_eq!(reports[0].events[0].decision.findings.len(), 1);
    assert!(service.notifier.take().is_empty());
}

/// The most findings that one event can have: each asks for items of its own.
#[test]
fn an_event_that_breaks_every_limit_is_taken_in_whatever_its_windows() {
    let text = format!(
        "version = 1\n[[network]]\nname = 'n'\ncidrs = ['198.51.100.0/24']\n[[allow]]\nname = 'a'\n\
         roles = ['{PRODUCTION}']\nrepositories = ['my-org/my-repo']\ncontexts = ['branch:main']\n\
         max_session = '15m'\naudiences = ['other']\nregions = ['us-east-1']\nnetworks = ['n']\n\
         hours = 'Mon-Fri 02:00-03:00 UTC'\n"
    );
    let strict = compile(&text).unwrap().0;
    let subject = "repo:my-org/my-repo:ref:refs/heads/main";
    let service = service();
    // New, counted in its windows, and again when these have closed with something to tell.
    for (id, minutes) in [("a", 0), ("b", 10), ("c", 20), ("d", 200), ("d", 201)] {
        let mut item = event(id, PRODUCTION, subject, NOW, None);
        let body = String::from_utf8(item.body).unwrap();
        let body = body.replace("\"durationSeconds\":900", "\"durationSeconds\":3600");
        item.body = body.into_bytes();
        let now = at(NOW) + TimeDelta::minutes(minutes);
        let reports = block_on(service.run(vec![item], &strict, now));
        assert!(reports[0].undone.is_none(), "{minutes}: {reports:?}");
    }
    let told: Vec<String> = service
        .notifier
        .take()
        .into_iter()
        .map(|it| it.check)
        .collect();
    for check in [
        "outside-hours",
        "session-too-long",
        "unexpected-audience",
        "unexpected-network",
        "unexpected-region",
    ] {
        let times = told.iter().filter(|it| *it == check).count();
        assert_eq!(times, 2, "{check}: {told:?}");
    }
    assert_eq!(told.len(), 10);
}

/// Refuses what its text holds, for good.
struct Choosy(Outbox, &'static str);

impl Notifier for Choosy {
    async fn notify(&self, alert: &Alert) -> Result<(), NotifyError> {
        if alert.id.contains(self.1) {
            return Err(NotifyError::Refused("SNS: InvalidParameter".into()));
        }
        self.0.notify(alert).await
    }
}

/// A service that keeps these alerts, one a second, to be told.
fn keeps(refuses: &'static str, ids: &[String]) -> Pipeline<Ledger<MemoryTable>, Choosy> {
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    let service = Pipeline::new(ledger, Choosy(Outbox::default(), refuses));
    for (second, id) in (0..).zip(ids) {
        let alert = Alert {
            id: id.clone(),
            ..kept_alert()
        };
        let at = at(NOW) + TimeDelta::seconds(second);
        assert!(block_on(service.store.announce(&alert, at)).unwrap());
    }
    service
}

/// An alert about no event.
fn kept_alert() -> Alert {
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.into(),
        id: String::new(),
        about: About::Service,
        check: "watcher-tampered".into(),
        severity: Severity::High,
        title: "t".into(),
        message: "m".into(),
        event: None,
        rule: None,
        nearest_rule: None,
        suggestion: None,
        repeats: None,
        owner: None,
        background: Background::default(),
    }
}

#[test]
fn what_is_refused_for_good_keeps_nothing_from_being_told() {
    let mut ids: Vec<String> = (0..120).map(|n| format!("refused-{n:03}")).collect();
    ids.extend((0..3).map(|n| format!("good-{n}")));
    let service = keeps("refused", &ids);
    let mut told = Vec::new();
    for minute in 3..6 {
        let swept = block_on(service.sweep(at(NOW) + TimeDelta::minutes(minute))).unwrap();
        assert_eq!(swept.published + swept.failures.len(), 50, "each time");
        told.extend(service.notifier.0.take().into_iter().map(|it| it.id));
    }
    assert_eq!(told, ["good-0", "good-1", "good-2"]);
    // All of them are tried, each when it is its turn.
    let later = at(NOW) + TimeDelta::minutes(30);
    let tried = (0..3).map(|n| {
        let swept = block_on(service.sweep(later + TimeDelta::seconds(n))).unwrap();
        swept.failures.len()
    });
    assert_eq!(tried.collect::<Vec<_>>(), [50, 50, 20]);
}

#[test]
fn a_sweep_says_for_how_long_that_is_due_which_it_could_not_tell() {
    let service = keeps(
        "refused",
        &["refused-0".into(), "good".into(), "refused-1".into()],
    );
    let after = |seconds| block_on(service.sweep(at(NOW) + TimeDelta::seconds(seconds))).unwrap();
    let first = after(10);
    assert_eq!((first.published, first.failures.len()), (1, 2));
    assert_eq!(first.overdue, Some(TimeDelta::seconds(10)));
    // Somebody has them for a minute.
    assert_eq!(after(60).overdue, None);
    assert_eq!(after(70).overdue, Some(TimeDelta::seconds(70)));
    assert_eq!(after(660).overdue, Some(TimeDelta::seconds(660)));
    let all_told = keeps("none", &["good".into()]);
    assert_eq!(block_on(all_told.sweep(at(NOW))).unwrap().overdue, None);
}
