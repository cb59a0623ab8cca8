//! What is told that is about no event: made as the service makes it.

use chrono::{DateTime, Utc};
use rolewatch::alert::Alert;
use rolewatch::allowlist_in_force::{AllowlistInForce, Fresh, Shelf};
use rolewatch::pipeline::Item;
use rolewatch::store::{Ledger, MemoryTable, Store, Windows};
use rolewatch::upkeep::{ArrivedDrill, Own, attend};
use serde_json::{Value, json};

use crate::judging::{allowlist, block_on, samples};

fn now() -> DateTime<Utc> {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

fn ledger() -> Ledger<MemoryTable> {
    Ledger::new(MemoryTable::default(), Windows::NONE)
}

/// The one alert that is due.
fn told(ledger: &Ledger<MemoryTable>) -> Alert {
    let mut due = block_on(ledger.sweep(now())).unwrap();
    assert_eq!(due.len(), 1, "{due:?}");
    due.remove(0).alert
}

/// An administrator, whose session has a hostile name, calls this.
fn called(source: &str, name: &str, parameters: &Value) -> Alert {
    let body = json!({
        "version": "0", "id": "e", "source": format!("aws.{source}"),
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventID": "e-1", "eventTime": "2026-11-20T10:15:00Z",
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
            "awsRegion": "eu-central-1", "recipientAccountId": "123456789012",
            "sourceIPAddress": "198.51.100.7",
            "userIdentity": {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::123456789012:assumed-role/Admin/<!channel>",
                "sessionContext": {
                    "sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/Admin"},
                },
            },
            "requestParameters": parameters, "responseElements": null,
        },
    });
    let item = Item {
        id: "item".into(),
        body: body.to_string().into_bytes(),
    };
    let own = Own {
        names: vec!["rolewatch-".into()],
        ..Own::default()
    };
    let ledger = ledger();
    block_on(attend(&item, &own, &ledger, now())).unwrap();
    told(&ledger)
}

fn drill() -> Alert {
    let body = json!({
        "version": "0", "id": "e", "source": "rolewatch.drill", "detail-type": "rolewatch drill",
        "account": "123456789012", "region": "eu-central-1", "resources": [],
        "detail": {
            "id": "d-1", "sent": "2026-11-20T10:30:00Z",
            "role": "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production",
            "subject": "repo:my-org/my-repo:environment:production",
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "sts.amazonaws.com", "session_seconds": 900, "by": "alex",
        },
    });
    let arrived = ArrivedDrill::read(body.to_string().as_bytes(), now()).unwrap();
    let ledger = ledger();
    let alerts = arrived.alerts(&allowlist());
    block_on(ledger.rehearse(&arrived.drill.id, &alerts, now())).unwrap();
    told(&ledger)
}

/// Two versions of the allowlist come into force, or the second would not.
fn second_version(second: &str) -> Alert {
    let shelf = Shelf::default();
    let in_force = AllowlistInForce::new(&shelf, None);
    let ledger = ledger();
    let first = std::fs::read_to_string(samples().join("allowlist.toml")).unwrap();
    let changed = format!("{first}\n{second}");
    let mut alert = None;
    for (minute, (version, content)) in [("6", first), ("7", changed)].into_iter().enumerate() {
        shelf.put(Ok(Fresh {
            content: content.into_bytes(),
            version: version.into(),
            author: Some("arn:aws:sts::123456789012:assumed-role/Deploy/<!channel>".into()),
        }));
        let later = now() + chrono::TimeDelta::minutes(2 * i64::try_from(minute).unwrap());
        block_on(in_force.look(&ledger, later)).unwrap();
        let due = block_on(ledger.sweep(later)).unwrap();
        let receipts: Vec<_> = due.iter().map(|it| it.receipt.clone()).collect();
        block_on(ledger.mark_delivered(&receipts, later)).unwrap();
        alert = due.into_iter().map(|it| it.alert).next_back();
    }
    alert.unwrap()
}

/// The alert of each check that is about no event.
pub(crate) fn alert(check: &str) -> Alert {
    let alert = match check {
        "allowlist-broken" => second_version("unknown = 1"),
        "allowlist-changed" => second_version(
            "[[ignore]]\ncheck = \"session-too-long\"\nroles = [\"arn:aws:iam::123456789012:role/old\"]\n\
             reason = \"<!channel>\"\nuntil = 2026-12-01\n",
        ),
        "watcher-tampered" => called(
            "events",
            "DisableRule",
            &json!({"name": "rolewatch-Rule-1ABC"}),
        ),
        "region-enabled" => called(
            "account",
            "EnableRegion",
            &json!({"RegionName": "ap-southeast-5"}),
        ),
        "drill" => drill(),
        other => panic!("no way to make {other}"),
    };
    assert_eq!(alert.check, check);
    alert
}
