//! Requests from first to last, on a table in memory.

use std::sync::Mutex;

use rolewatch::allowlist::Allowlist;
use rolewatch::pipeline::Item;
use rolewatch::store::{MemoryTable, Store, Windows};

use super::*;
use crate::interaction::tests::{form, payload};
use crate::signature::tests::{SECRET, signed};

const HIGH: &str =
    include_str!("../../../../samples/records/unlisted-role/fires-forgotten-role.json");

#[derive(Default)]
struct Said(Mutex<Vec<(String, Value)>>);

impl Reply for Said {
    async fn send(&self, address: &str, message: &Value) -> Result<(), String> {
        let said = (address.to_owned(), message.clone());
        self.0.lock().unwrap().push(said);
        Ok(())
    }
}

fn actions() -> Actions<MemoryTable, Said> {
    Actions {
        store: Ledger::new(MemoryTable::default(), Windows::NONE),
        secret: SigningSecret::new(SECRET).unwrap(),
        reply: Said::default(),
    }
}

/// The id of a finding that was told; with no rules at all an owner is unknown, which is critical.
async fn told(actions: &Actions<MemoryTable, Said>, allowlist: &str) -> String {
    let allowlist =
        rolewatch::allowlist::compile(allowlist).map_or_else(|_| Allowlist::empty(), |it| it.0);
    let item = Item {
        id: "1".into(),
        body: HIGH.into(),
    };
    let admitted = actions
        .store
        .admit(item.observations(), &allowlist, Utc::now())
        .await
        .unwrap();
    admitted[0].decision.findings[0].id.clone()
}

const OURS: &str = r#"
version = 1
[[allow]]
name = "ours"
roles = ["arn:aws:iam::123456789012:role/another"]
repositories = ["my-org/*"]
contexts = ["any"]
"#;

fn request(timestamp: i64, body: &str, signature: &str) -> Value {
    json!({
        "headers": {"x-slack-signature": signature, "x-slack-request-timestamp": timestamp.to_string()},
        "requestContext": {"http": {"method": "POST"}},
        "body": body, "isBase64Encoded": false,
    })
}

fn pressed_now(finding: &str) -> Value {
    let (now, body) = (Utc::now().timestamp(), form(&payload(finding)));
    request(now, &body, &signed(now, &body))
}

#[tokio::test]
async fn a_button_snoozes_for_a_day_and_says_so() {
    let actions = actions();
    let id = told(&actions, OURS).await;
    let answer = actions.handle(pressed_now(&id)).await;
    assert_eq!(
        (&answer["statusCode"], &answer["body"]),
        (&json!(200), &json!(""))
    );
    let [snooze] = actions
        .store
        .snoozes(Utc::now())
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(snooze.until - snooze.since, TimeDelta::hours(24));
    assert_eq!(
        (snooze.by.as_str(), snooze.reason.as_str()),
        ("roadrunner (U2CERLKJA, in Slack)", REASON)
    );
    let [(address, said)] = actions.reply.0.lock().unwrap().clone().try_into().unwrap();
    assert_eq!(address, "https://hooks.slack.com/actions/T1/2/x");
    assert_eq!(said["thread_ts"], "1762700000.123456");
    assert!(
        said["text"].as_str().unwrap().contains(&snooze.id),
        "{said}"
    );
}

#[tokio::test]
async fn a_request_counts_once() {
    let actions = actions();
    let id = told(&actions, OURS).await;
    let request = pressed_now(&id);
    assert_eq!(actions.handle(request.clone()).await["statusCode"], 200);
    for _ in 0..2 {
        assert_eq!(actions.handle(request.clone()).await["statusCode"], 409);
    }
    assert_eq!(actions.store.snoozes(Utc::now()).await.unwrap().len(), 1);
    assert_eq!(actions.reply.0.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_slack_did_not_sign_does_nothing() {
    let actions = actions();
    let id = told(&actions, OURS).await;
    let (now, body) = (Utc::now().timestamp(), form(&payload(&id)));
    let good = signed(now, &body);
    for (refused, status) in [
        (request(now, &body, "v0=00"), 401),
        (request(now, &format!("{body} "), &good), 401),
        (request(now + 1, &body, &good), 401),
        (request(now - 301, &body, &signed(now - 301, &body)), 401),
        (
            json!({"requestContext": {"http": {"method": "POST"}}, "body": body}),
            401,
        ),
        (json!({"requestContext": {"http": {"method": "GET"}}}), 405),
        (json!({"Records": []}), 400),
        (Value::Null, 400),
    ] {
        let answer = actions.handle(refused).await;
        assert_eq!(
            (&answer["statusCode"], &answer["body"]),
            (&json!(status), &json!(""))
        );
    }
    assert!(actions.store.snoozes(Utc::now()).await.unwrap().is_empty());
    assert!(actions.reply.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_snoozed_is_said_to_who_pressed_alone() {
    let actions = actions();
    let critical = told(&actions, "").await;
    for (id, why) in [
        (critical.as_str(), "critical"),
        ("0000000000000000", "no finding"),
    ] {
        assert_eq!(actions.handle(pressed_now(id)).await["statusCode"], 200);
        let (_, said) = actions.reply.0.lock().unwrap().pop().unwrap();
        assert_eq!(said["response_type"], "ephemeral");
        assert!(said["text"].as_str().unwrap().contains(why), "{said}");
    }
    assert!(actions.store.snoozes(Utc::now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn other_buttons_are_taken_and_ignored() {
    let actions = actions();
    let mut other = payload("59e2a0588b65d113");
    other["actions"][0]["action_id"] = "open-link".into();
    let (now, body) = (Utc::now().timestamp(), form(&other));
    let answer = actions
        .handle(request(now, &body, &signed(now, &body)))
        .await;
    assert_eq!(answer["statusCode"], 200);
    assert!(actions.reply.0.lock().unwrap().is_empty());
}
