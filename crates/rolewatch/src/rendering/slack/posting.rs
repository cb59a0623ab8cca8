//! What is posted: one alert or many, in blocks, or as plain text where Slack does not take
//! blocks.

use serde_json::{Value, json};

use super::digest::digest;
use super::escape::{code, plain};
use super::{context, message, plain_element};
use crate::alert::Alert;
use crate::rendering::brief::Brief;
use crate::rendering::terminal::cut_to;

/// A note is cut to so many characters.
const NOTE: usize = 200;
/// So many alerts are told of in plain text.
const LINES: usize = 15;

/// The message of one alert, or a digest of many. `instead_of` names the place that it was meant
/// for, and why it did not go there.
#[must_use]
pub fn posting(alerts: &[&Alert], instead_of: Option<&str>) -> Value {
    let mut posting = match alerts {
        [alert] => message(alert),
        alerts => digest(alerts),
    };
    if let (Some(note), Some(blocks)) = (instead_of, posting["blocks"].as_array_mut()) {
        let note = plain(&format!("it was meant for {note}"), NOTE);
        blocks.extend(context(&[plain_element(&note)]));
    }
    posting
}

/// The same without blocks, where Slack refuses these: less, and nothing to refuse.
#[must_use]
pub fn plain_posting(alerts: &[&Alert], instead_of: Option<&str>) -> Value {
    let mut lines: Vec<String> = alerts.iter().take(LINES).map(|alert| line(alert)).collect();
    if alerts.len() > LINES {
        lines.push(format!("and {} more", alerts.len() - LINES));
    }
    if let Some(note) = instead_of {
        lines.push(format!("it was meant for {}", code(note)));
    }
    json!({"text": lines.join("\n")})
}

/// In a code span, in which nothing is a mention or a link.
fn line(alert: &Alert) -> String {
    let brief = Brief::of(alert);
    let headline = code(&brief.headline);
    let when = brief.utc().map_or_else(String::new, |it| format!(" {it}"));
    let id = code(&cut_to(&alert.id, 40));
    format!("{}: {headline}{when} finding {id}", alert.severity.as_str())
}
