//! An alert as a Slack message: Block Kit, within Slack's limits whatever the alert holds.
//!
//! Text of records stands in `plain_text` objects or in code spans, with `&`, `<` and `>`
//! escaped and backticks replaced: no name can ping a channel, plant a link or break out.

mod digest;
pub(crate) mod escape;
mod mention;
mod posting;
pub mod snooze;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use self::escape::{code, harmless, mrkdwn, plain, verbatim};
pub use self::mention::{MentionError, Mentions};
pub use self::posting::{counted, plain_posting, posting};
use super::brief::{Brief, FirstStep, Link, Page, sign};
use super::terminal::cut_to;
use crate::alert::Alert;

/// Slack refuses a header of more characters.
pub(crate) const HEADER: usize = 150;
/// Slack refuses a section's text of more characters.
pub(crate) const SECTION: usize = 3000;
/// Slack refuses a field's text of more characters.
const FIELD: usize = 2000;
/// A suggestion longer than this is left to the JSON.
const SUGGESTION: usize = 2500;
/// A summary's message is cut to so many characters.
const SUMMARY: usize = 600;

/// The message, for an incoming webhook or `chat.postMessage`.
#[must_use]
pub fn message(alert: &Alert) -> Value {
    let brief = Brief::of(alert);
    let notification = format!("{}: {}", alert.severity.as_str(), brief.headline);
    let blocks = if brief.is_summary {
        summary(alert, &brief)
    } else {
        full(alert, &brief)
    };
    json!({"text": mrkdwn(&notification), "blocks": blocks})
}

/// Who, what, in which circumstances, what to do, what would allow it, where to look.
fn full(alert: &Alert, brief: &Brief<'_>) -> Vec<Value> {
    let mut blocks = vec![
        header(alert, brief),
        plain_section(&plain(brief.message, SECTION)),
    ];
    if !brief.parties.is_empty() {
        blocks.push(json!({"type": "section", "fields": parties(brief)}));
    }
    blocks.extend(context(&circumstances(brief)));
    blocks.extend(
        brief
            .first_step
            .as_ref()
            .map(first_step)
            .map(|it| section(&it)),
    );
    blocks.extend(suggestion(brief).map(|text| section(&text)));
    blocks.extend(context(&footer(alert, brief)));
    blocks
}

/// What a reader of the first alert needs of those after it.
fn summary(alert: &Alert, brief: &Brief<'_>) -> Vec<Value> {
    let line = format!("{} {}", sign(alert.severity), brief.headline);
    let mut blocks = vec![
        plain_section(&line),
        context(&[plain_element(&plain(brief.message, SUMMARY))]).unwrap_or_default(),
    ];
    let when = brief.time.and_then(when).into_iter();
    let line: Vec<Value> = when.chain(footer(alert, brief)).collect();
    blocks.extend(context(&line));
    blocks
}

fn header(alert: &Alert, brief: &Brief<'_>) -> Value {
    let text = format!("{} {}", sign(alert.severity), brief.headline);
    json!({"type": "header", "text": {
        "type": "plain_text", "text": cut_to(&text, HEADER), "emoji": false,
    }})
}

fn parties(brief: &Brief<'_>) -> Vec<Value> {
    let parties = brief.parties.iter();
    parties
        .map(|(label, value)| element(&format!("*{label}*\n{}", code(value))))
        .collect()
}

/// The circumstances on one line, the time in the reader's own zone.
fn circumstances(brief: &Brief<'_>) -> Vec<Value> {
    let values = brief.context.iter();
    values
        .map(|(label, value)| element(&format!("{label} {}", code(value))))
        .chain(brief.time.and_then(when))
        .collect()
}

/// UTC for whoever has a client that does not know the reader's zone.
fn when(time: i64) -> Option<Value> {
    let utc = chrono::DateTime::from_timestamp(time, 0)?;
    Some(element(&format!(
        "<!date^{time}^{{date_short_pretty}} {{time_secs}}|{}>",
        utc.format("%Y-%m-%d %H:%M:%S UTC")
    )))
}

fn first_step(step: &FirstStep) -> String {
    let text = cut_to(&mrkdwn(&step.text), FIELD / 2);
    let command = step.command.as_deref();
    let block = command.map_or_else(String::new, |it| format!("\n```{}```", verbatim(it)));
    let then = step.then.as_deref();
    let then = then.map_or_else(String::new, |it| {
        format!("\n{}", cut_to(&mrkdwn(it), FIELD / 2))
    });
    format!("*Do first*\n{text}{block}{then}")
}

fn suggestion(brief: &Brief<'_>) -> Option<String> {
    let nearest = brief
        .nearest
        .map(|rule| format!("*Nearest rule* {}", code(rule)));
    let allow = brief
        .suggestion
        .filter(|text| text.len() <= SUGGESTION)
        .map(|toml| {
            let toml: Vec<String> = toml.lines().map(harmless).collect();
            let radius = brief.blast_radius.as_deref().unwrap_or_default();
            format!(
                "If this is wanted, add to the allowlist:\n```{}```\n{radius}",
                toml.join("\n")
            )
        });
    let parts: Vec<String> = nearest.clone().into_iter().chain(allow).collect();
    let whole = parts.join("\n").trim_end().to_owned();
    // A cut would make other TOML of it.
    let fits = !whole.is_empty() && whole.chars().count() <= SECTION;
    fits.then_some(whole).or(nearest)
}

/// Where to look, whom to ask, and what it is called.
fn footer(alert: &Alert, brief: &Brief<'_>) -> Vec<Value> {
    let mut parts: Vec<String> = brief.links.iter().map(link).collect();
    if let Some(owner) = brief.owner {
        parts.push(format!("owner {}", code(owner)));
    }
    let check = code(&alert.check);
    parts.push(format!("{} {check}", alert.severity.as_str()));
    parts.push(format!("finding {}", code(&alert.id)));
    if !brief.is_summary {
        parts.push(match &brief.page {
            Page::At(url) => format!("<{url}|all steps>"),
            Page::Command(command) => format!("all steps: {}", code(command)),
        });
    }
    parts.iter().map(|part| element(part)).collect()
}

fn link(link: &Link) -> String {
    format!("<{}|{}>", link.url, link.label)
}

fn element(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": cut_to(text, FIELD), "verbatim": true})
}

fn plain_element(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {
        "type": "mrkdwn", "text": cut_to(text, SECTION), "verbatim": true,
    }})
}

fn plain_section(text: &str) -> Value {
    json!({"type": "section", "text": plain_element(text)})
}

/// A context block; none of nothing, which Slack refuses.
fn context(elements: &[Value]) -> Option<Value> {
    (!elements.is_empty()).then(|| json!({"type": "context", "elements": elements}))
}
