//! What Slack says was pressed. It is signed by Slack, and its texts are still somebody else's.

use rolewatch::rendering::slack::snooze;
use serde::Deserialize;

/// A name is cut to so many characters.
const LONGEST_NAME: usize = 100;

/// Our button was pressed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// The finding's id, as the button said it.
    pub(crate) finding: String,
    /// Who pressed it: a name, and the id that Slack vouches for.
    pub(crate) by: String,
    /// Where an answer can be posted.
    pub(crate) response_url: Option<String>,
    /// The thread of the message.
    pub(crate) thread: Option<String>,
}

#[derive(Deserialize)]
struct Payload {
    r#type: String,
    user: User,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    response_url: Option<String>,
    #[serde(default)]
    container: Container,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    r#type: String,
    #[serde(rename = "action_id")]
    name: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Default, Deserialize)]
struct Container {
    #[serde(default)]
    message_ts: Option<String>,
    #[serde(default)]
    thread_ts: Option<String>,
}

/// What was pressed; none where it is nothing of ours.
pub(crate) fn pressed(body: &[u8]) -> Option<Pressed> {
    let mut payloads = form_urlencoded::parse(body).filter(|(name, _)| name == "payload");
    let (_, json) = payloads.next()?;
    if payloads.next().is_some() {
        return None;
    }
    let payload: Payload = serde_json::from_str(&json).ok()?;
    if payload.r#type != "block_actions" {
        return None;
    }
    let [action] = payload.actions.try_into().ok()?;
    if action.r#type != "button" {
        return None;
    }
    let finding = snooze::pressed(&action.name, action.value.as_deref()?)?;
    Some(Pressed {
        finding: finding.to_owned(),
        by: name(&payload.user)?,
        response_url: payload.response_url,
        thread: payload
            .container
            .thread_ts
            .or(payload.container.message_ts)
            .filter(|ts| is_ts(ts)),
    })
}

/// A message's name, such as `1762700000.123456`.
fn is_ts(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn name(user: &User) -> Option<String> {
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let id = Some(&user.id).filter(|id| (1..=32).contains(&id.len()) && is_plain(id))?;
    let name = user.username.as_ref().or(user.name.as_ref());
    let name: String = name?.chars().take(LONGEST_NAME).collect();
    Some(format!("{name} ({id}, in Slack)"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rolewatch::rendering::slack::snooze::ACTION;
    use serde_json::{Value, json};

    pub(crate) fn payload(finding: &str) -> Value {
        json!({
            "type": "block_actions",
            "user": {"id": "U2CERLKJA", "username": "roadrunner", "team_id": "T1DC2JH3J"},
            "container": {"type": "message", "message_ts": "1762700000.123456", "channel_id": "C1"},
            "response_url": "https://hooks.slack.com/actions/T1/2/x",
            "actions": [{"type": "button", "action_id": ACTION, "block_id": "b", "value": finding}],
        })
    }

    pub(crate) fn form(payload: &Value) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("payload", &payload.to_string()).finish()
    }

    const ID: &str = "59e2a0588b65d113";

    #[test]
    fn our_button_is_understood() {
        let pressed = pressed(form(&payload(ID)).as_bytes()).unwrap();
        assert_eq!(pressed.finding, ID);
        assert_eq!(pressed.by, "roadrunner (U2CERLKJA, in Slack)");
        assert_eq!(pressed.thread.as_deref(), Some("1762700000.123456"));
    }

    #[test]
    fn anything_else_is_nothing() {
        let changed = |path: &str, value: Value| {
            let mut payload = payload(ID);
            *payload.pointer_mut(path).unwrap() = value;
            form(&payload)
        };
        let two = form(&payload(ID)) + "&" + &form(&payload(ID));
        let action = payload(ID)["actions"][0].clone();
        for body in [
            changed("/type", json!("view_submission")),
            changed("/actions/0/action_id", json!("another")),
            changed("/actions/0/type", json!("static_select")),
            changed("/actions/0/value", json!("59e2a0588b65d113/../x")),
            changed("/actions/0/value", json!(null)),
            changed("/actions", json!([])),
            changed("/actions", json!([action, action])),
            changed("/user/id", json!("<!channel>")),
            changed("/user/id", json!("")),
            changed("/user/username", json!(null)),
            two,
            "payload=%7B".into(),
            "payload".into(),
            "command=%2Fx&text=y".into(),
            String::new(),
            "\u{0}%ff%".into(),
            format!("payload={}", "%5B".repeat(10_000)),
        ] {
            assert_eq!(
                pressed(body.as_bytes()),
                None,
                "{}",
                &body[..body.len().min(80)]
            );
        }
        assert_eq!(pressed(b"\xff\xfe=\x00"), None);
    }

    #[test]
    fn names_are_cut_and_threads_are_times() {
        let mut payload = payload(ID);
        payload["user"]["username"] = "<!channel>".repeat(100).into();
        payload["container"]["message_ts"] = "x\",\"channel\":\"C2".into();
        let pressed = pressed(form(&payload).as_bytes()).unwrap();
        assert!(pressed.by.chars().count() < 160);
        assert_eq!(pressed.thread, None);
    }
}
