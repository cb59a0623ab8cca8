//! What is posted: one alert or many, in blocks, or as plain text where Slack does not take
//! blocks; and the first of many like it, when these came.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::digest::digest;
use super::escape::{code, plain};
use super::{Mentions, context, element, first_step, message, plain_element, section, when};
use crate::alert::Alert;
use crate::rendering::brief::Brief;
use crate::rendering::terminal::cut_to;

/// A note is cut to so many characters.
const NOTE: usize = 200;
/// So many alerts are told of in plain text.
const LINES: usize = 15;

/// The message of one alert, or a digest of many, to whom it may concern. `instead_of` names the
/// place that it was meant for, and why it did not go there.
#[must_use]
pub fn posting(alerts: &[&Alert], instead_of: Option<&str>, mentions: &Mentions) -> Value {
    let mut posting = match alerts {
        [alert] => message(alert),
        alerts => digest(alerts),
    };
    if let Some(blocks) = posting.get_mut("blocks").and_then(Value::as_array_mut) {
        if let Some(mention) = mention(alerts, mentions) {
            blocks.insert(1, section(mention));
        }
        if let Some(note) = instead_of {
            let note = plain(&format!("it was meant for {note}"), NOTE);
            blocks.extend(context(&[plain_element(&note)]));
        }
    }
    posting
}

/// The same without blocks, where Slack refuses these: less, and nothing to refuse. One alone says
/// what to do first as well.
#[must_use]
pub fn plain_posting(alerts: &[&Alert], instead_of: Option<&str>, mentions: &Mentions) -> Value {
    let mention = mention(alerts, mentions).map(str::to_owned);
    let told = alerts.iter().take(LINES).map(|alert| line(alert));
    let mut lines: Vec<String> = mention.into_iter().chain(told).collect();
    if let [alert] = alerts {
        lines.extend(Brief::of(alert).first_step.as_ref().map(first_step));
    }
    if alerts.len() > LINES {
        lines.push(format!("and {} more", alerts.len() - LINES));
    }
    if let Some(note) = instead_of {
        lines.push(format!("it was meant for {}", code(note)));
    }
    json!({"text": lines.join("\n")})
}

/// A message whose thread tells of others like it: as it was, and how many those are.
#[must_use]
pub fn counted(message: &Value, more: u64, last: DateTime<Utc>) -> Value {
    let mut counted = message.clone();
    let count = format!("*{more} more like it* in its thread");
    let blocks = counted.get_mut("blocks").and_then(Value::as_array_mut);
    if let Some(blocks) = blocks {
        let count = [element(&count)].into_iter();
        let line: Vec<Value> = count.chain(when(last.timestamp())).collect();
        blocks.extend(context(&line));
    } else {
        let text = message["text"].as_str().unwrap_or_default();
        counted["text"] = format!("{text}\n{count}").into();
    }
    counted
}

/// Who is mentioned: by what is gravest. A summary tells nobody anything that cannot wait.
fn mention<'a>(alerts: &[&Alert], mentions: &'a Mentions) -> Option<&'a str> {
    let news = alerts
        .iter()
        .filter(|it| it.background.summary_of.is_none());
    mentions.of(news.map(|alert| alert.severity).max()?)
}

/// In a code span, in which nothing is a mention or a link.
fn line(alert: &Alert) -> String {
    let brief = Brief::of(alert);
    let headline = code(&brief.headline);
    let when = brief.utc().map_or_else(String::new, |it| format!(" {it}"));
    let id = code(&cut_to(&alert.id, 40));
    format!("{}: {headline}{when} finding {id}", alert.severity.as_str())
}
