//! Many alerts as one message: how many of what, the gravest in a line each, and the ids of all,
//! by which each is found in the topic's other subscriptions and in the logs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::escape::{code, mrkdwn, plain};
use super::{FIELD, HEADER, context, element, plain_section, section};
use crate::alert::Alert;
use crate::finding::Severity;
use crate::rendering::brief::{Brief, sign};
use crate::rendering::terminal::cut_to;

/// So many alerts have a line of their own.
const LINES: usize = 10;
/// So many checks are counted by name.
const CHECKS: usize = 12;

/// The message. The alerts are in the order in which they are told.
pub(super) fn digest(alerts: &[&Alert]) -> Value {
    let gravest = alerts.iter().map(|alert| alert.severity).max();
    let severities = severities(alerts);
    let headline = format!("{} alerts at once: {severities}", alerts.len());
    let sign = gravest.map_or("", sign);
    let mut blocks = vec![
        json!({"type": "header", "text": {
            "type": "plain_text", "text": cut_to(&format!("{sign} {headline}"), HEADER), "emoji": false,
        }}),
        section(&checks(alerts)),
    ];
    blocks.extend(alerts.iter().take(LINES).map(|alert| line(alert)));
    if let Some(rest) = alerts.get(LINES..).filter(|rest| !rest.is_empty()) {
        blocks.push(plain_section(&format!("and {} more", rest.len())));
    }
    blocks.extend(ids(alerts));
    let word = gravest.map_or("", Severity::as_str);
    json!({"text": mrkdwn(&format!("{word}: {headline}")), "blocks": blocks})
}

/// Such as `3 high, 12 medium`.
fn severities(alerts: &[&Alert]) -> String {
    let count = |severity| alerts.iter().filter(|it| it.severity == severity).count();
    let counts = Severity::ALL.iter().rev().filter_map(|severity| {
        let count = count(*severity);
        (count > 0).then(|| format!("{count} {}", severity.as_str()))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// How many of each check, the most first.
fn checks(alerts: &[&Alert]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for alert in alerts {
        *counts.entry(&alert.check).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named = counts.iter().take(CHECKS);
    let mut parts: Vec<String> = named
        .map(|(check, count)| format!("{count} × {}", code(&cut_to(check, 60))))
        .collect();
    if counts.len() > CHECKS {
        parts.push(format!("{} other checks", counts.len() - CHECKS));
    }
    parts.join("   ")
}

/// One alert on a line: its sign, its headline, when it was, whom to ask.
fn line(alert: &Alert) -> Value {
    let owner = alert.owner.as_deref();
    let owner = owner.map_or_else(String::new, |it| format!(" (owner {})", plain(it, 60)));
    let brief = Brief::of(alert);
    let when = brief.utc().map_or_else(String::new, |it| format!(", {it}"));
    let headline = &brief.headline;
    plain_section(&format!("{} {headline}{when}{owner}", sign(alert.severity)))
}

/// The ids, as many as there is room for.
fn ids(alerts: &[&Alert]) -> Option<Value> {
    let mut text = String::from("findings");
    let mut length = text.chars().count();
    for alert in alerts {
        let id = code(&cut_to(&alert.id, 40));
        let longer = length + 1 + id.chars().count();
        if longer > FIELD {
            break;
        }
        text.push(' ');
        text.push_str(&id);
        length = longer;
    }
    context(&[element(&text)])
}
