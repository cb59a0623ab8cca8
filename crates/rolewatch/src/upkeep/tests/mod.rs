//! What each test starts from: an item, what is ours, and what is told after it.

mod canaries;
mod deeds;
mod neither;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::alert::Alert;
use crate::store::{MemoryTable, Store, Windows};

const DEPLOYER: &str = "arn:aws:iam::123456789012:role/deploy";

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1a2b";

/// The tables of these tests never wait.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn ledger() -> Ledger<MemoryTable> {
    Ledger::new(MemoryTable::default(), Windows::NONE)
}

fn own() -> Own {
    Own {
        names: vec!["rolewatch-".into(), "/rolewatch/".into(), KEY.into()],
        deployers: vec![DEPLOYER.into()],
        allowlist: Some("/rolewatch/allowlist".into()),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-20T10:30:00Z")
}

fn item(body: &Value) -> Item {
    Item {
        id: "item".into(),
        body: body.to_string().into_bytes(),
    }
}

fn canary(region: &str, sent: &str) -> Value {
    json!({
        "version": "0", "id": "e", "source": "rolewatch.canary", "detail-type": "rolewatch canary",
        "account": "123456789012", "time": sent, "region": region, "resources": [],
        "detail": {"region": region, "sent": sent},
    })
}

fn call(source: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "version": "0", "id": "e", "source": format!("aws.{source}"), "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventID": "id-1", "eventTime": "2026-11-20T10:15:00Z", "eventSource": format!("{source}.amazonaws.com"),
            "eventName": name, "awsRegion": "eu-central-1", "recipientAccountId": "123456789012",
            "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/mallory",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/Admin"}}},
            "requestParameters": parameters, "responseElements": null,
        },
    })
}

fn attended(ledger: &Ledger<MemoryTable>, body: &Value) -> Option<Upkeep> {
    block_on(attend(&item(body), &own(), ledger, now())).unwrap()
}

/// What is told after an item.
fn told(body: &Value) -> Vec<Alert> {
    let ledger = ledger();
    attended(&ledger, body);
    let due = block_on(ledger.sweep(now())).unwrap();
    due.into_iter().map(|due| due.alert).collect()
}
