//! Weeks of which it is known what the report has to say.

use rolewatch::allowlist::compile;
use rolewatch::assumption::{Observation, Outcome, Session};
use rolewatch::report::model::{Coverage, Report, State};
use rolewatch::report::sheet::{Tone, sheet};

use crate::awake::serviced;
use crate::events::{ALLOWLIST, Events, ROLES, allowlist, assumption, by_archive, by_store, over};

pub(crate) const MAIN: &str = "repo:acme/app:ref:refs/heads/main";
pub(crate) const DEV: &str = "repo:acme/app:ref:refs/heads/dev";

/// Assumptions of the first role, numbered.
pub(crate) fn days(events: &[(&str, &str)]) -> Vec<Observation> {
    let event = |(number, (day, subject)): (usize, &(&str, &str))| {
        Observation::from(assumption(
            number as u64,
            &format!("{day}T10:00:00Z"),
            ROLES[0],
            subject,
        ))
    };
    events.iter().enumerate().map(event).collect()
}

fn report(events: &[(&str, &str)]) -> Report {
    by_archive(&days(events), &allowlist()).0
}

#[test]
fn a_quiet_week_is_said_to_be_one() {
    let report = serviced(&[("2026-10-01", MAIN)], &["eu-west-1"], over());
    assert_eq!(report.verdict, "No assumptions; nothing unexpected");
    assert_eq!(report.before.known, Coverage::Whole);
    assert_eq!(sheet(&report).tone, Tone::Calm);
}

#[test]
fn where_nothing_is_recorded_nothing_is_claimed() {
    let report = report(&[]);
    assert_eq!(
        report.verdict,
        "Nothing is recorded of these days, nor of the 90 before"
    );
    assert_eq!(report.period.known, Coverage::Unknown);
    assert_ne!(sheet(&report).tone, Tone::Calm);
    assert!(report.days.iter().all(|day| !day.known));
}

#[test]
fn a_first_week_is_compared_with_nothing() {
    let report = report(&[
        ("2026-11-16", MAIN),
        ("2026-11-18", DEV),
        ("2026-11-22", MAIN),
    ]);
    assert_eq!(report.totals.assumptions.before, None);
    assert_eq!(report.findings.worst.items[0].state, State::Unknown);
    assert_eq!(report.news.since, None);
    assert_eq!(report.tighten.idle_rules, None);
    for what in [
        "before",
        "news",
        "tighten.idle_rules",
        "awake.canaries",
        "awake.lag",
        "trust",
        "denied.probing",
    ] {
        assert!(report.why_unknown(what).is_some(), "{what}");
    }
    assert_eq!(
        report.why_unknown("awake.dead_letters"),
        Some("not known from archives")
    );
    assert_eq!(report.why_unknown("period"), None);
}

#[test]
fn findings_are_new_repeated_or_resolved() {
    let other = "repo:acme/renamed:ref:refs/heads/dev";
    let report = report(&[
        ("2026-11-10", DEV),
        ("2026-11-11", other),
        ("2026-11-17", DEV),
        ("2026-11-18", DEV),
    ]);
    assert_eq!(
        report.verdict,
        "2 assumptions by 1 repository on 1 role; 2 unexpected, 2 still open"
    );
    let count = &report.findings.checks[0];
    assert_eq!(
        (count.new, count.repeated, count.resolved),
        (Some(0), Some(1), Some(1))
    );
    let worst = &report.findings.worst.items[0];
    assert_eq!(
        (worst.findings.now, worst.findings.before, worst.state),
        (2, Some(1), State::Repeated)
    );
    assert!(worst.title.contains("on branch dev") && worst.open);
    assert!(worst.suggestion.as_ref().unwrap().contains("branch:dev"));
}

/// The allowlist as it is now is what says whether something is still open.
#[test]
fn what_the_allowlist_now_expects_is_settled() {
    let events = days(&[("2026-11-17", DEV)]);
    let events = Events {
        unique: events.clone(),
        delivered: events,
    };
    let store = by_store(&events, &allowlist()).0;
    assert_eq!(store.totals.open, 1);
    let (now, _) = compile(&ALLOWLIST.replace("branch:main", "branch:*")).unwrap();
    let counted = crate::events::block_on(async {
        use rolewatch::report::model::Source;
        use rolewatch::report::{Extras, Gatherer, gather};
        use rolewatch::store::{Ledger, MemoryTable, Store, Windows};
        let ledger = Ledger::new(MemoryTable::default(), Windows::default());
        let at = events.unique[0].time().unwrap();
        ledger
            .admit(events.unique.clone(), &allowlist(), at)
            .await
            .unwrap();
        let gatherer = Gatherer::new(
            crate::events::week(),
            Source::Store,
            &now,
            crate::events::over(),
        );
        gather(&ledger, gatherer, Extras::default(), at)
            .await
            .unwrap()
    });
    assert_eq!(
        counted.verdict,
        "1 assumption by 1 repository on 1 role; 1 unexpected, none still open"
    );
    let worst = &counted.findings.worst.items[0];
    assert!(
        !worst.open && worst.message.contains("does not complain of it any more"),
        "{worst:?}"
    );
}

#[test]
fn what_is_new_is_named() {
    let report = report(&[
        ("2026-11-01", "repo:acme@1/app@5:environment:prod"),
        ("2026-11-02", MAIN),
        ("2026-11-17", "repo:acme@1/renamed@5:environment:prod"),
        ("2026-11-17", "repo:acme@1/app@5:environment:eu"),
        ("2026-11-18", "repo:other/thing:pull_request"),
    ]);
    let news = &report.news;
    assert_eq!(news.since.unwrap().to_string(), "2026-11-01");
    let repositories: Vec<_> = news
        .repositories
        .items
        .iter()
        .map(|it| (&*it.repository, it.expected))
        .collect();
    assert_eq!(repositories, [("other/thing", false)]);
    let contexts: Vec<_> = news
        .contexts
        .items
        .iter()
        .map(|it| (&*it.repository, &*it.context))
        .collect();
    assert_eq!(contexts, [("acme/app", "environment:eu")]);
    let renamed = &news.renamed.items[0];
    assert_eq!(
        (&*renamed.from, &*renamed.to, renamed.id),
        ("acme/app", "acme/renamed", 5)
    );
    assert_eq!(news.roles.total + news.ids.total + news.providers.total, 0);
    assert!(
        report
            .matrix
            .items
            .iter()
            .any(|pair| pair.new == Some(true))
    );
}

#[test]
fn what_to_tighten_is_named() {
    let mut events = days(&[
        ("2026-08-26", MAIN),
        ("2026-11-17", "repo:acme@1/app@5:environment:prod"),
        ("2026-11-18", MAIN),
    ]);
    let mut tag = assumption(
        90,
        "2026-10-01T10:00:00Z",
        ROLES[1],
        "repo:acme/lib:ref:refs/tags/v1",
    );
    tag.session = Session::Requested(1200);
    events.push(tag.into());
    let report = by_archive(&events, &allowlist()).0;
    let tighten = &report.tighten;
    let idle = &tighten.idle_rules.as_ref().unwrap().items;
    assert_eq!(
        (idle.len(), &*idle[0].rule, idle[0].days),
        (1, "publishing", 30)
    );
    let wildcards: Vec<_> = tighten
        .wildcards
        .items
        .iter()
        .map(|it| (&*it.rule, it.matched))
        .collect();
    assert_eq!(wildcards, [("deploys", 1), ("publishing", 1)]);
    assert_eq!(
        tighten.wildcards.items[0].examples,
        ["acme/app environment:prod"]
    );
    let sessions: Vec<_> = tighten
        .sessions
        .items
        .iter()
        .map(|it| (&*it.rule, it.allowed, it.longest))
        .collect();
    assert_eq!(
        sessions,
        [("publishing", 3600, 1200), ("deploys", 1800, 900)]
    );
    assert_eq!(
        tighten.classic.items[0].pin.as_deref(),
        Some("acme@1/app@5")
    );
    assert_eq!(tighten.expiring.items[0].what, "publishing");
    assert_eq!(tighten.idle_roles.total, 0);
}

#[test]
fn silences_say_what_they_matched_and_those_that_end_are_listed() {
    let ignore = |check: &str, until: &str| {
        format!(
            "[[ignore]]\ncheck = \"{check}\"\nroles = [\"{}\"]\nreason = \"r\"\nuntil = {until}\n",
            ROLES[0]
        )
    };
    let text = [
        ALLOWLIST.to_owned(),
        ignore("unlisted-context", "2027-06-01"),
        ignore("session-too-long", "2026-12-10"),
        ignore("outside-hours", "2026-11-18"),
    ];
    let allowlist = compile(&text.concat()).unwrap().0;
    let events = days(&[
        ("2026-11-12", DEV),
        ("2026-11-17", DEV),
        ("2026-11-18", DEV),
    ]);
    let report = by_archive(&events, &allowlist).0;
    let silences: Vec<_> = report
        .findings
        .silences
        .iter()
        .map(|it| {
            (
                &*it.check,
                it.until.to_string(),
                it.silenced.now,
                it.silenced.before,
            )
        })
        .collect();
    assert_eq!(
        silences,
        [
            ("unlisted-context", "2027-01-15".to_owned(), 0, Some(0)),
            ("unlisted-context", "2027-06-01".to_owned(), 2, Some(1)),
            ("session-too-long", "2026-12-10".to_owned(), 0, Some(0)),
        ],
        "each with what it matched, nothing included; one that ended is not on any more"
    );
    let expiring: Vec<_> = report
        .tighten
        .expiring
        .items
        .iter()
        .map(|it| (&*it.what, it.ended))
        .collect();
    assert_eq!(
        expiring,
        [
            ("silence of outside-hours", true),
            ("publishing", false),
            ("silence of session-too-long", false),
        ]
    );
}

#[test]
fn refusals_are_told_by_cause() {
    let refused = |number, code: &str| {
        let mut event = assumption(number, "2026-11-17T10:00:00Z", ROLES[0], MAIN);
        event.outcome = Outcome::Refused { code: code.into() };
        Observation::from(event)
    };
    let events = [
        refused(1, "AccessDenied"),
        refused(2, "AccessDenied"),
        refused(3, "ExpiredTokenException"),
    ];
    let report = by_archive(&events, &allowlist()).0;
    assert_eq!(
        report.verdict,
        "No assumptions; nothing unexpected; 3 denied"
    );
    let causes: Vec<_> = report
        .denied
        .causes
        .iter()
        .map(|it| (&*it.code, it.calls.now))
        .collect();
    assert_eq!(causes, [("AccessDenied", 2), ("ExpiredToken", 1)]);
    assert_eq!(report.roles.items[0].denied.now, 3);
}

#[test]
fn the_service_says_how_late_it_judged() {
    let events = days(&[("2026-11-17", MAIN)]);
    let report = by_store(
        &Events {
            unique: events.clone(),
            delivered: events,
        },
        &allowlist(),
    )
    .0;
    let lag = report.awake.lag.unwrap();
    assert_eq!(
        (lag.p50.now, lag.max.now),
        (86_401, 86_401),
        "30 hours are over a day"
    );
}
