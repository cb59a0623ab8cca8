//! An alert as a Slack message: Block Kit, within Slack's limits whatever the alert holds.
//!
//! Text of records stands in `plain_text` objects or in code spans, with `&`, `<` and `>`
//! escaped and backticks replaced: no name can ping a channel, plant a link or break out.

use serde_json::{Value, json};

use super::terminal::escape as spell_out;
use crate::alert::Alert;
use crate::allowlist::format_duration;
use crate::finding::{Event, Severity};

/// Slack refuses a header of more characters.
pub(crate) const HEADER: usize = 150;
/// Slack refuses a section's text of more characters.
pub(crate) const SECTION: usize = 3000;
/// Slack refuses a field's text of more characters.
const FIELD: usize = 2000;
/// The top-level text, shown in notifications.
const NOTIFICATION: usize = 400;
/// A value in a field: enough to recognise it; the whole is in CloudTrail.
const VALUE: usize = 300;
/// A suggestion longer than this is left to the JSON.
const SUGGESTION: usize = 2500;

/// The message, for an incoming webhook or `chat.postMessage`.
#[must_use]
pub fn message(alert: &Alert) -> Value {
    let headline = format!(
        "{} {}",
        sign(alert.severity),
        plain(&alert.title, HEADER - 4)
    );
    let mut blocks = vec![
        json!({"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": false}}),
        json!({"type": "section", "text": {
            "type": "plain_text", "text": plain(&alert.message, SECTION), "emoji": false,
        }}),
    ];
    if let Some(event) = &alert.event {
        blocks.push(json!({"type": "section", "fields": fields(event)}));
    }
    if let Some(text) = suggestion(alert) {
        blocks.push(json!({"type": "section", "text": {
            "type": "mrkdwn", "text": text, "verbatim": true,
        }}));
    }
    blocks.push(json!({"type": "context", "elements": [{
        "type": "mrkdwn", "text": cut(&footer(alert), FIELD), "verbatim": true,
    }]}));
    let notification = format!(
        "{}: {}",
        alert.severity.as_str(),
        plain(&alert.title, NOTIFICATION)
    );
    json!({"text": mrkdwn(&notification), "blocks": blocks})
}

/// A sign that is told apart without colour.
pub(crate) fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🛑",
        Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🔵",
        Severity::Info => "⚪",
    }
}

fn fields(event: &Event) -> Vec<Value> {
    let session = event
        .session_seconds
        .map(|seconds| match &event.role_session_name {
            Some(name) => format!("{} as {name}", format_duration(seconds)),
            None => format_duration(seconds),
        });
    [
        ("Role", event.role_arn.clone()),
        ("Subject", event.subject.clone()),
        ("Account", event.account.clone()),
        ("Region", event.region.clone()),
        ("Session", session),
        ("From", event.source_ip.clone()),
        ("Error", event.error_code.clone()),
    ]
    .into_iter()
    .filter_map(|(label, value)| Some((label, value?)))
    .map(|(label, value)| {
        json!({
            "type": "mrkdwn",
            "text": cut(&format!("*{label}*\n{}", code(&value)), FIELD),
            "verbatim": true,
        })
    })
    .chain(when(event))
    .collect()
}

/// The event's time in the reader's own zone, with UTC for whoever has no such client.
fn when(event: &Event) -> Option<Value> {
    let time = chrono::DateTime::parse_from_rfc3339(&event.time).ok()?;
    let text = format!(
        "*When*\n<!date^{}^{{date_short_pretty}} {{time_secs}}|{}>",
        time.timestamp(),
        time.to_utc().format("%Y-%m-%d %H:%M:%S UTC")
    );
    Some(json!({"type": "mrkdwn", "text": text, "verbatim": true}))
}

fn suggestion(alert: &Alert) -> Option<String> {
    let suggestion = alert
        .suggestion
        .as_deref()
        .filter(|text| text.len() <= SUGGESTION)?;
    let toml: Vec<String> = suggestion.lines().map(harmless).collect();
    let text = format!(
        "If this is wanted, add to the allowlist:\n```{}```",
        toml.join("\n")
    );
    // A cut would make other TOML of it.
    (text.chars().count() <= SECTION).then_some(text)
}

fn footer(alert: &Alert) -> String {
    let mut parts = vec![format!(
        "{} `{}`",
        alert.severity.as_str(),
        harmless(&alert.check)
    )];
    if let Some(rule) = &alert.nearest_rule {
        parts.push(format!("nearest rule {}", code(rule)));
    }
    if let Some(owner) = &alert.owner {
        parts.push(format!("owner {}", code(owner)));
    }
    if let Some(event) = &alert.event {
        parts.extend(
            event
                .run_url
                .as_deref()
                .and_then(|url| link(url, "run (as the caller says)")),
        );
        parts.extend(console(event));
    }
    parts.push(format!("finding `{}`", harmless(&alert.id)));
    if alert.severity == Severity::Critical {
        parts.insert(0, "*Investigate first*".to_owned());
    }
    parts.join("  ·  ")
}

/// The event in CloudTrail's console.
fn console(event: &Event) -> Option<String> {
    let region = event.region.as_deref()?;
    let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_name(region) || !is_name(&event.event_id) {
        return None;
    }
    let url = format!(
        "https://{region}.console.aws.amazon.com/cloudtrailv2/home?region={region}#/events/{}",
        event.event_id
    );
    link(&url, "event in CloudTrail")
}

/// A link, if nothing in the address could end it.
pub(crate) fn link(url: &str, label: &str) -> Option<String> {
    let harmless = url.starts_with("https://")
        && url.len() <= 500
        && url
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#=%@+".contains(&b));
    harmless.then(|| format!("<{url}|{label}>"))
}

/// A value as code, on one line and cut.
pub(crate) fn code(value: &str) -> String {
    format!("`{}`", cut(&harmless(&cut(value, VALUE)), FIELD / 2))
}

/// Text for a code span or block: visible, escaped, and without a backtick that would end it.
fn harmless(text: &str) -> String {
    mrkdwn(&spell_out(text)).replace('`', "'")
}

/// Slack's three escapes.
pub(crate) fn mrkdwn(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text for a `plain_text` object, in which nothing is markup; made visible, and cut.
pub(crate) fn plain(text: &str, most: usize) -> String {
    cut(&spell_out(text), most)
}

/// The text in at most so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{About, Kind, SCHEMA};
    use proptest::prelude::*;

    fn alert(text: &str) -> Alert {
        let some = || Some(text.to_owned());
        Alert {
            r#type: Kind::Finding,
            schema: SCHEMA.into(),
            id: text.into(),
            about: About::Assumption,
            check: text.into(),
            severity: Severity::Critical,
            title: text.into(),
            message: text.into(),
            event: Some(Event {
                event_id: text.into(),
                time: "2026-11-20T10:15:00Z".into(),
                region: some(),
                account: some(),
                role_arn: some(),
                role_session_name: some(),
                subject: some(),
                owner: some(),
                repository: some(),
                context: some(),
                owner_id: None,
                repository_id: None,
                issuer: some(),
                audience: some(),
                session_seconds: Some(900),
                source_ip: some(),
                user_agent: some(),
                access_key_id: some(),
                error_code: some(),
                run_url: some(),
            }),
            rule: some(),
            nearest_rule: some(),
            suggestion: some(),
            repeats: Some(3),
            owner: some(),
        }
    }

    /// Slack's limits, and that nothing but our own links and dates is markup.
    fn assert_acceptable(message: &Value) {
        assert!(!message["text"].as_str().unwrap().is_empty());
        let blocks = message["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50);
        let length = |text: &Value| text["text"].as_str().unwrap().chars().count();
        for block in blocks {
            match block["type"].as_str().unwrap() {
                "header" => assert!((1..=HEADER).contains(&length(&block["text"]))),
                "context" => assert!(block["elements"].as_array().unwrap().len() <= 10),
                _ => {
                    if block.get("text").is_some() {
                        assert!((1..=SECTION).contains(&length(&block["text"])));
                    }
                    let fields = block["fields"].as_array().cloned().unwrap_or_default();
                    assert!(fields.len() <= 10);
                    assert!(fields.iter().all(|field| length(field) <= FIELD));
                }
            }
        }
        let markup = message.to_string();
        for found in markup.match_indices('<').map(|(at, _)| &markup[at..]) {
            assert!(
                found.starts_with("<!date^") || found.starts_with("<https://"),
                "{found}"
            );
        }
    }

    /// The same without `plain_text`, in which Slack reads no markup.
    fn without_plain_text(mut message: Value) -> Value {
        if let Some(blocks) = message["blocks"].as_array_mut() {
            blocks.retain(|block| block["text"]["type"] != "plain_text");
        }
        message
    }

    #[test]
    fn hostile_names_stay_names() {
        let hostile = "<!channel>|*_~`\"'&<https://evil.example|click>\u{1b}[2J\u{202e}\n\n@here";
        let message = message(&alert(hostile));
        assert_acceptable(&without_plain_text(message.clone()));
        let text = message.to_string();
        assert!(
            !text.contains('\u{202e}') && !text.contains("\\u001b"),
            "{text}"
        );
        let markup = without_plain_text(message).to_string();
        assert!(
            !markup.contains("<!channel>") && !markup.contains("<https://evil"),
            "{markup}"
        );
    }

    proptest! {
        #[test]
        fn every_message_is_within_slacks_limits(text in "\\PC{0,40}|[<>&`*]{1,40}", times in 1usize..400) {
            assert_acceptable(&without_plain_text(message(&alert(&text.repeat(times)))));
        }
    }
}
