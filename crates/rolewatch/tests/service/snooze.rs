//! Snoozes: what they cover, what they never cover, and how they end.

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::alert::Alert;
use rolewatch::finding::Severity;
use rolewatch::notify::Outbox;
use rolewatch::pipeline::Pipeline;
use rolewatch::store::{
    CannotSnooze, Disposition, Ledger, MemoryTable, Snooze, SnoozeRequest, Windows,
};

use crate::harness::{PRODUCTION, allowlist, block_on, event};

type Service = Pipeline<Ledger<MemoryTable>, Outbox>;

const NOW: &str = "2026-11-18T10:00:00Z";
const STAGING: &str = "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Staging";
const DEV: &str = "repo:my-org/my-repo:ref:refs/heads/dev";
const OTHER_BRANCH: &str = "repo:my-org/my-repo:ref:refs/heads/other";
/// Another repository, as many ways as there are.
const OTHERS: [&str; 4] = [
    "repo:my-org/my-repo-2:ref:refs/heads/dev",
    "repo:my-org@111/my-repo@456789:ref:refs/heads/dev",
    "repo:My-Org/my-repo:ref:refs/heads/dev",
    "repo:my-org/web-shop:ref:refs/heads/dev",
];

/// Without quiet windows: what is not told is so because of a snooze.
fn service() -> Service {
    Pipeline::new(
        Ledger::new(MemoryTable::default(), Windows::NONE),
        Outbox::default(),
    )
}

fn at(hours: i64) -> DateTime<Utc> {
    NOW.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

/// What is told of one event, by check, and how many findings of it are snoozed.
fn tell(service: &Service, id: &str, role: &str, subject: &str, hours: i64) -> (Vec<Alert>, usize) {
    let time = at(hours).to_rfc3339();
    let items = vec![event(id, role, subject, &time, None)];
    let reports = block_on(service.run(items, &allowlist(), at(hours)));
    assert!(reports[0].undone.is_none(), "{reports:?}");
    let findings = reports[0].events.iter().flat_map(|it| &it.findings);
    let snoozed = findings.filter(|it| matches!(it, Disposition::Snoozed));
    (service.notifier.take(), snoozed.count())
}

fn request(finding: &str) -> SnoozeRequest<'_> {
    SnoozeRequest {
        finding,
        by: "alex",
        reason: "PLAT-1: the rule is on its way",
        lasts: TimeDelta::hours(24),
    }
}

fn snooze(service: &Service, finding: &str) -> Result<Snooze, CannotSnooze> {
    block_on(service.store.snooze(request(finding), at(0))).unwrap()
}

fn listed(service: &Service, hours: i64) -> Vec<Snooze> {
    block_on(service.store.snoozes(at(hours))).unwrap()
}

fn first(service: &Service) -> Alert {
    let (mut alerts, _) = tell(service, "first", PRODUCTION, DEV, 0);
    assert_eq!(alerts.len(), 1);
    alerts.remove(0)
}

#[test]
fn it_covers_the_same_and_is_counted() {
    let service = service();
    let alert = first(&service);
    let made = snooze(&service, &alert.id).unwrap();
    assert_eq!(made.until, at(24));
    for (id, subject) in [("a", DEV), ("b", OTHER_BRANCH)] {
        assert_eq!(tell(&service, id, PRODUCTION, subject, 1), (vec![], 1));
        // A second delivery is no second finding.
        assert_eq!(tell(&service, id, PRODUCTION, subject, 1).0, vec![]);
    }
    let [kept] = listed(&service, 2).try_into().unwrap();
    assert_eq!((kept.findings, kept.is_on(at(2))), (2, true));
    assert_eq!((kept.by.as_str(), kept.id), ("alex", made.id));
    assert_eq!(kept.reason, "PLAT-1: the rule is on its way");
    assert_eq!(kept.covers.repository.as_deref(), Some("my-org/my-repo"));
}

#[test]
fn it_covers_nothing_else() {
    let service = service();
    snooze(&service, &first(&service).id).unwrap();
    for (n, subject) in OTHERS.iter().enumerate() {
        let (alerts, snoozed) = tell(&service, &format!("o{n}"), PRODUCTION, subject, 1);
        assert_eq!(snoozed, 0, "{subject}");
        assert!(!alerts.is_empty(), "{subject}");
    }
    let (alerts, snoozed) = tell(&service, "role", STAGING, DEV, 1);
    assert_eq!((alerts.is_empty(), snoozed), (false, 0), "another role");
    assert_eq!(listed(&service, 2)[0].findings, 0);
}

#[test]
fn it_ends_by_itself() {
    let service = service();
    snooze(&service, &first(&service).id).unwrap();
    assert!(tell(&service, "a", PRODUCTION, DEV, 23).0.is_empty());
    assert_eq!(tell(&service, "b", PRODUCTION, DEV, 24).0.len(), 1);
    let [over] = listed(&service, 24).try_into().unwrap();
    assert!(!over.is_on(at(24)) && over.ended_by.is_none());
    assert_eq!(over.findings, 1, "it is listed with what it kept quiet");
}

#[test]
fn it_is_ended_by_hand_once() {
    let service = service();
    let made = snooze(&service, &first(&service).id).unwrap();
    let end = |id: &str| block_on(service.store.end_snooze(id, "kim", at(2))).unwrap();
    assert!(end("nothing").is_none());
    assert!(end(&made.id).is_some());
    assert!(end(&made.id).is_none());
    assert_eq!(tell(&service, "a", PRODUCTION, DEV, 3).0.len(), 1);
    let [over] = listed(&service, 3).try_into().unwrap();
    assert_eq!((over.until, over.ended_by.as_deref()), (at(2), Some("kim")));
}

#[test]
fn another_for_the_same_takes_its_place() {
    let service = service();
    let alert = first(&service);
    let old = snooze(&service, &alert.id).unwrap();
    let longer = SnoozeRequest {
        lasts: TimeDelta::days(7),
        ..request(&alert.id)
    };
    let new = block_on(service.store.snooze(longer, at(1)))
        .unwrap()
        .unwrap();
    assert_ne!(old.id, new.id);
    assert!(tell(&service, "a", PRODUCTION, DEV, 100).0.is_empty());
    let listed = listed(&service, 100);
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0].id, listed[0].findings), (&new.id, 1));
    assert_eq!((listed[1].until, listed[1].findings), (at(1), 0));
}

#[test]
fn nothing_critical_is_ever_covered() {
    let service = service();
    let stranger = "repo:evil/x:ref:refs/heads/main";
    let (alerts, _) = tell(&service, "first", PRODUCTION, stranger, 0);
    assert_eq!(alerts[0].severity, Severity::Critical);
    assert_eq!(snooze(&service, &alerts[0].id), Err(CannotSnooze::Critical));
    assert_eq!(tell(&service, "a", PRODUCTION, stranger, 1).0.len(), 1);
    assert!(listed(&service, 1).is_empty());
}

#[test]
fn what_is_asked_for_badly_is_refused() {
    let service = service();
    let id = first(&service).id;
    let ask = |request| block_on(service.store.snooze(request, at(0))).unwrap();
    let long = "x".repeat(501);
    let good = request(&id);
    for (bad, why) in [
        (request("0000000000000000"), CannotSnooze::Unknown),
        (request(""), CannotSnooze::Unknown),
        (
            SnoozeRequest {
                reason: " ",
                ..good
            },
            CannotSnooze::Reason,
        ),
        (SnoozeRequest { by: "", ..good }, CannotSnooze::Reason),
        (
            SnoozeRequest {
                reason: &long,
                ..good
            },
            CannotSnooze::Reason,
        ),
        (
            SnoozeRequest {
                lasts: TimeDelta::zero(),
                ..good
            },
            CannotSnooze::Length,
        ),
        (
            SnoozeRequest {
                lasts: TimeDelta::days(-1),
                ..good
            },
            CannotSnooze::Length,
        ),
        (
            SnoozeRequest {
                lasts: TimeDelta::hours(169),
                ..good
            },
            CannotSnooze::Length,
        ),
        (
            SnoozeRequest {
                lasts: TimeDelta::MAX,
                ..good
            },
            CannotSnooze::Length,
        ),
    ] {
        assert_eq!(ask(bad), Err(why), "{bad:?}");
    }
    assert!(listed(&service, 0).is_empty());
}
