//! What a person needs to act on an alert, before it takes any form: the headline, the context,
//! the nearest rule and its suggestion, where to look, whom to ask, and what to do first.
//!
//! Texts of records stand in it as they are, but for the headline: whoever shows it escapes
//! them for where they are shown.

mod first_step;
mod headline;
mod links;

pub use self::first_step::FirstStep;
pub use self::links::{Link, Page, is_address};
use super::terminal::cut_to;
use crate::alert::Alert;
use crate::allowlist::format_duration;
use crate::finding::{Event, Severity};
use crate::words;

/// A value in a short message is cut to so many characters; the whole is in CloudTrail.
pub const LONGEST_VALUE: usize = 300;

/// An alert, ready to be worded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief<'a> {
    /// At most ten words and 140 characters, and nothing unprintable.
    pub headline: String,
    /// What is wrong.
    pub message: &'a str,
    /// Who came and to which role: labels and values.
    pub parties: Vec<(&'static str, String)>,
    /// The circumstances: labels and values.
    pub context: Vec<(&'static str, String)>,
    /// When, in seconds since 1970.
    pub time: Option<i64>,
    /// The name of the nearest rule.
    pub nearest: Option<&'a str>,
    /// TOML that would allow it.
    pub suggestion: Option<&'a str>,
    /// What else the suggestion would have allowed, in a sentence.
    pub blast_radius: Option<String>,
    /// What to do first; nothing in a summary of repeats, which says whose.
    pub first_step: Option<FirstStep>,
    /// Where to look.
    pub links: Vec<Link>,
    /// Where all steps are described.
    pub page: Page,
    /// Whom to ask.
    pub owner: Option<&'a str>,
    /// Whether it only tells of more like an alert that was told in full.
    pub is_summary: bool,
}

impl<'a> Brief<'a> {
    /// What there is to say of an alert. A summary of repeats says little.
    #[must_use]
    pub fn of(alert: &'a Alert) -> Self {
        let is_summary = alert.background.summary_of.is_some();
        let event = alert.event.as_ref();
        let full = event.filter(|_| !is_summary);
        Self {
            headline: headline::headline(&alert.title),
            message: &alert.message,
            parties: full.map(parties).unwrap_or_default(),
            context: full.map(|it| context(alert, it)).unwrap_or_default(),
            time: event.and_then(|event| Some(time(event)?.timestamp())),
            nearest: alert.nearest_rule.as_deref().filter(|_| !is_summary),
            suggestion: alert.suggestion.as_deref().filter(|_| !is_summary),
            blast_radius: blast_radius(alert),
            first_step: (!is_summary)
                .then(|| first_step::first_step(alert))
                .flatten(),
            links: links::links(alert),
            page: links::page(alert),
            owner: alert.owner.as_deref(),
            is_summary,
        }
    }
}

impl Brief<'_> {
    /// When, for whoever cannot be told in a zone of their own.
    #[must_use]
    pub fn utc(&self) -> Option<String> {
        let utc = chrono::DateTime::from_timestamp(self.time?, 0)?;
        Some(utc.format("%Y-%m-%d %H:%M:%S UTC").to_string())
    }
}

/// A sign for a severity, told apart without colour.
#[must_use]
pub fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🛑",
        Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🔵",
        Severity::Info => "⚪",
    }
}

fn time(event: &Event) -> Option<chrono::DateTime<chrono::Utc>> {
    let time = chrono::DateTime::parse_from_rfc3339(&event.time).ok()?;
    Some(time.to_utc())
}

fn parties(event: &Event) -> Vec<(&'static str, String)> {
    let values = [
        ("Role", &event.role_arn),
        ("Subject", &event.subject),
        ("Session", &event.role_session_name),
        ("Key", &event.access_key_id),
    ];
    values
        .into_iter()
        .filter_map(|(label, value)| Some((label, cut_to(value.as_deref()?, LONGEST_VALUE))))
        .collect()
}

fn context(alert: &Alert, event: &Event) -> Vec<(&'static str, String)> {
    let values = [
        ("account", account(alert, event)),
        ("region", event.region.clone()),
        ("asked", asked(alert, event)),
        ("from", event.source_ip.clone()),
        ("error", event.error_code.clone()),
        ("seen", seen(alert)),
    ];
    values
        .into_iter()
        .filter_map(|(label, value)| Some((label, cut_to(&value?, LONGEST_VALUE))))
        .collect()
}

/// The account by its number, and by its name where it has one.
fn account(alert: &Alert, event: &Event) -> Option<String> {
    let name = alert.background.account_name.as_deref();
    Some(words::account(event.account.as_deref()?, name))
}

/// The session's length as it was asked for, against what the rule allows: the one that matched,
/// or only came nearest, and then allows nothing of this.
fn asked(alert: &Alert, event: &Event) -> Option<String> {
    let asked = format_duration(event.session_seconds?);
    let Some(allowed) = alert.background.allowed_seconds.map(format_duration) else {
        return Some(asked);
    };
    Some(if alert.rule.is_some() {
        format!("{asked}, allowed {allowed}")
    } else {
        format!("{asked} (the nearest rule: {allowed})")
    })
}

/// Whether this is the first time, as far as is remembered.
fn seen(alert: &Alert) -> Option<String> {
    if alert.background.first_seen {
        return Some("for the first time".into());
    }
    let earlier = alert.background.earlier?;
    let since = chrono::DateTime::from_timestamp(earlier.since, 0)?;
    let times = match earlier.count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    Some(format!(
        "{times} before, since {}",
        since.format("%Y-%m-%d")
    ))
}

fn blast_radius(alert: &Alert) -> Option<String> {
    alert.suggestion.as_ref()?;
    Some(match alert.background.allowed_too? {
        0 => "No earlier assumption would have been allowed by it.".into(),
        1 => "It would also have allowed 1 earlier assumption.".into(),
        count => format!("It would also have allowed {count} earlier assumptions."),
    })
}
