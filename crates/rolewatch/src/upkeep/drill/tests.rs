use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::allowlist::compile;
use crate::finding::Severity;
use crate::pipeline::Item;
use crate::rendering::{mail, slack, sns};
use crate::store::{Ledger, MemoryTable, Store, Windows};

const ALLOWLIST: &str = include_str!("../../../../../samples/allowlist.toml");
const RECORD: &str =
    include_str!("../../../../../samples/records/unlisted-context/fires-branch.json");
const PRODUCTION: &str = "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production";

fn now() -> DateTime<Utc> {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

fn allowlist() -> Allowlist {
    compile(ALLOWLIST).unwrap().0
}

fn event(subject: &str) -> Value {
    json!({
        "version": "0", "id": "e", "source": "rolewatch.drill", "detail-type": "rolewatch drill",
        "account": "123456789012", "region": "eu-central-1", "resources": [],
        "detail": {
            "id": "d-1", "sent": "2026-11-20T10:30:00Z", "role": PRODUCTION, "subject": subject,
            "issuer": "https://token.actions.githubusercontent.com", "audience": "sts.amazonaws.com",
            "session_seconds": 900, "by": "alex",
        },
    })
}

fn read(event: &Value) -> Option<ArrivedDrill> {
    ArrivedDrill::read(event.to_string().as_bytes(), now())
}

fn alerts(subject: &str) -> Vec<Alert> {
    read(&event(subject)).unwrap().alerts(&allowlist())
}

#[test]
fn a_drill_is_told_as_what_it_makes_believe_and_marked_everywhere() {
    for (subject, check, severity) in [
        (
            "repo:my-org/my-repo:ref:refs/heads/dev",
            "unlisted-context",
            Severity::High,
        ),
        (
            "repo:stranger/repo:environment:production",
            "unlisted-owner",
            Severity::Critical,
        ),
        (
            "repo:my-org/my-repo:environment:production",
            "drill",
            Severity::Info,
        ),
    ] {
        let alerts = alerts(subject);
        let [alert] = &alerts[..] else {
            panic!("{alerts:?}");
        };
        assert_eq!((&*alert.check, alert.severity), (check, severity));
        assert_eq!((alert.about, &alert.suggestion), (About::Drill, &None));
        assert_eq!(alert.background.quiet, None, "no thread of real findings");
        let posted = slack::message(alert);
        assert!(
            posted["text"].as_str().unwrap().contains("[DRILL] "),
            "{posted}"
        );
        assert!(
            posted["blocks"][0].to_string().contains("[DRILL] "),
            "{posted}"
        );
        let mail = mail::mail(alert);
        assert!(mail.lines().next().unwrap().contains("[DRILL] "), "{mail}");
        let whole = format!("{posted}{mail}");
        assert!(
            !whole.contains("AWSRevokeOlderSessions"),
            "nobody ends sessions: {whole}"
        );
        assert!(
            !whole.contains("cloudtrail"),
            "there is no event to look at: {whole}"
        );
        let published = sns::publication(alert);
        assert!(
            published.subject.starts_with("rolewatch: DRILL: "),
            "{}",
            published.subject
        );
        assert!(
            published
                .attributes
                .contains(&("about", "drill".to_owned()))
        );
        let machine: Value = serde_json::from_str(&published.message).unwrap();
        let machine: Value = serde_json::from_str(machine["default"].as_str().unwrap()).unwrap();
        assert_eq!(machine["about"], "drill");
        assert_eq!(machine["event"]["event_id"], "drill-d-1");
        assert!(
            machine["message"]
                .as_str()
                .unwrap()
                .contains("nobody assumed a role")
        );
    }
}

#[test]
fn real_findings_carry_no_mark() {
    let finding = &decide(
        &Item {
            id: "1".into(),
            body: RECORD.into(),
        }
        .observations()[0],
        &allowlist(),
    )
    .findings[0];
    let published = sns::publication(&Alert::from(finding));
    assert!(!format!("{published:?}").to_lowercase().contains("drill"));
}

#[test]
fn the_allowlist_decides_and_says_why_nobody_would_be_told() {
    let message = |subject: &str, allowlist: &str| {
        let allowlist = compile(allowlist).unwrap().0;
        let alerts = read(&event(subject)).unwrap().alerts(&allowlist);
        alerts[0].message.clone()
    };
    let expected = message("repo:my-org/my-repo:environment:production", ALLOWLIST);
    assert!(
        expected.contains("the rule \"production deploys\" expects it"),
        "{expected}"
    );
    let audit = message("repo:a/b:pull_request", "version = 1\nmode = \"audit\"\n");
    assert!(
        audit.ends_with("in audit mode: of a real one nobody would be told"),
        "{audit}"
    );
    let ignored = "version = 1\n[[allow]]\nname = \"x\"\nroles = [\"arn:aws:iam::1:role/x\"]\nrepositories = [\"o/r\"]\ncontexts = [\"any\"]\n\
        [[ignore]]\ncheck = \"unlisted-role\"\nroles = [\"*\"]\nreason = \"PLAT-1\"\nuntil = 2027-01-01\n";
    let ignored = message(
        "repo:o/r:pull_request",
        &ignored
            .replace("\"*\"", &format!("{PRODUCTION:?}"))
            .replace("arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:role/x"),
    );
    assert!(
        ignored.contains("unlisted-role is ignored (PLAT-1)"),
        "{ignored}"
    );
}

#[test]
fn what_is_not_exactly_a_drill_is_none() {
    let with = |pointer: &str, value: Value| {
        let mut body = event("repo:a/b:pull_request");
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let record: Value = serde_json::from_str(RECORD).unwrap();
    let mut more = event("repo:a/b:pull_request");
    more["detail"]["eventName"] = "AssumeRoleWithWebIdentity".into();
    for body in [
        with("/source", json!("aws.sts")),
        with("/source", json!("rolewatch.canary")),
        with("/detail-type", json!("AWS API Call via CloudTrail")),
        with("/detail/id", json!("a#b")),
        with("/detail/id", json!("")),
        with("/detail/role", json!("x".repeat(5000))),
        with("/detail/sent", json!("2026-11-20T10:36:00Z")),
        with("/detail", record),
        more,
        json!({"Records": [event("a")]}),
    ] {
        assert_eq!(read(&body), None, "{body}");
    }
}

/// A real event that says it is a drill, and a drill that says it is a real event.
#[test]
fn neither_passes_for_the_other() {
    let record: Value = serde_json::from_str(RECORD).unwrap();
    let real = |source: &str| {
        let mut detail = record.clone();
        detail["requestParameters"]["roleSessionName"] = "rolewatch.drill".into();
        let envelope =
            json!({"source": source, "detail-type": "rolewatch drill", "detail": detail});
        Item {
            id: "1".into(),
            body: envelope.to_string().into(),
        }
    };
    assert_eq!(ArrivedDrill::read(&real("aws.sts").body, now()), None);
    let checks = |item: &Item| -> Vec<&str> {
        let observations = item.observations();
        let decided = observations.iter().map(|it| decide(it, &allowlist()));
        let checks = decided.flat_map(|it| it.findings.into_iter().map(|it| it.check.id));
        checks.collect()
    };
    assert_eq!(checks(&real("aws.sts")), ["unlisted-context"]);
    // Whoever may send our own events cannot make up a record with them.
    for source in ["rolewatch.drill", "rolewatch.canary", "rolewatch.x"] {
        assert_eq!(checks(&real(source)), ["unreadable-record"], "{source}");
    }
}

#[test]
fn a_drill_is_told_once_and_counts_for_nothing() {
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    let alerts = alerts("repo:my-org/my-repo:ref:refs/heads/dev");
    let rehearse = || {
        ledger
            .rehearse("d-1", &alerts, now())
            .now_or_never()
            .unwrap()
    };
    let state = |id| {
        let state = ledger.drill(id, now()).now_or_never().unwrap().unwrap();
        state.map(|it| it.iter().map(|it| it.is_delivered).collect::<Vec<_>>())
    };
    assert_eq!(state("d-1"), None);
    assert!(rehearse().unwrap());
    assert!(!rehearse().unwrap());
    assert_eq!(state("d-1"), Some(vec![false]));
    let due = ledger.sweep(now()).now_or_never().unwrap().unwrap();
    assert_eq!(
        due.iter().map(|it| &it.alert).collect::<Vec<_>>(),
        alerts.iter().collect::<Vec<_>>()
    );
    let receipts: Vec<_> = due.into_iter().map(|it| it.receipt).collect();
    ledger
        .mark_delivered(&receipts, now())
        .now_or_never()
        .unwrap()
        .unwrap();
    assert_eq!(state("d-1"), Some(vec![true]));
    let again = ledger.sweep(now()).now_or_never().unwrap().unwrap();
    assert!(again.is_empty(), "no window, no summary");
    // A real one afterwards is told at once, and is the first that is known.
    let item = Item {
        id: "1".into(),
        body: RECORD.into(),
    };
    let allowlist = allowlist();
    let admitted = ledger.admit(item.observations(), &allowlist, now());
    let admitted = admitted.now_or_never().unwrap().unwrap();
    let [crate::store::Disposition::Publish(alert, _)] = &admitted[0].findings[..] else {
        panic!("{:?}", admitted[0].findings);
    };
    assert!(
        alert.background.first_seen && alert.background.earlier.is_none(),
        "{alert:?}"
    );
}
