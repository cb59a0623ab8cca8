//! Findings as plain text, for a terminal.

use std::fmt::Write as _;

use super::terminal::{WIDEST_LINE, cut, escape, wrap};
use crate::alert::Alert;
use crate::allowlist::format_duration;
use crate::finding::{Event, Finding, Severity};

/// Prose is broken at this many columns: with its indent it fits a terminal of 80.
const PROSE_COLUMNS: usize = 76;
/// A headline is rather left whole: it is broken at this many columns.
const HEADLINE_COLUMNS: usize = 96;
/// The column at which values begin.
const LABEL_COLUMNS: usize = 12;

/// Whether the text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// With ANSI sequences.
    Ansi,
    /// Without.
    Plain,
}

impl Colour {
    /// A severity's word, padded, in its colour.
    #[must_use]
    pub fn severity(self, severity: Severity) -> String {
        let code = match severity {
            Severity::Critical => "1;41;97",
            Severity::High => "1;31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "2",
        };
        self.paint(code, &format!("{:<8}", severity.as_str()))
    }

    /// The text between an ANSI sequence and its end.
    #[must_use]
    pub fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Plain => text.to_owned(),
        }
    }
}

/// A finding in full.
#[must_use]
pub fn finding(finding: &Finding, colour: Colour) -> String {
    alert(&Alert::from(finding), colour)
}

/// An alert in full.
#[must_use]
pub fn alert(alert: &Alert, colour: Colour) -> String {
    let mut text = head(alert, colour);
    for part in wrap(&escape(&alert.message), PROSE_COLUMNS) {
        line(&mut text, &format!("  {}", cut(&part, WIDEST_LINE - 2)));
    }
    if let Some(event) = &alert.event {
        self::event(&mut text, event);
    }
    field(&mut text, "nearest", alert.nearest_rule.as_deref());
    field(&mut text, "finding", Some(&alert.id));
    advice(&mut text, alert);
    text
}

/// Findings in a row that are like one shown in full before.
#[derive(Clone, Copy, Debug)]
pub struct Repeats<'a> {
    /// How many.
    pub count: u64,
    /// The id of the finding that was shown in full.
    pub like: &'a str,
    /// When the first of them was.
    pub since: Option<&'a str>,
    /// The last of them.
    pub last: &'a Finding,
}

/// Findings like one that was shown in full before, in short.
#[must_use]
pub fn repeats(repeats: &Repeats<'_>, colour: Colour) -> String {
    let mut text = head(&Alert::from(repeats.last), colour);
    let Repeats { count, like, .. } = repeats;
    match repeats.since {
        Some(since) if *count > 1 => line(
            &mut text,
            &format!("  {count} more like {like}, the first at {since}"),
        ),
        _ => line(&mut text, &format!("  {count} more like {like}")),
    }
    let last = repeats.last.event.as_ref().map(|it| it.event_id.as_str());
    field(&mut text, "event", last);
    text
}

/// What it is, when, and the headline.
fn head(alert: &Alert, colour: Colour) -> String {
    let mut text = String::new();
    let time = alert
        .event
        .as_ref()
        .map_or("time unknown", |event| event.time.as_str());
    let severity = colour.severity(alert.severity);
    line(&mut text, &format!("{severity}  {}  {time}", alert.check));
    for part in wrap(&escape(&alert.title), HEADLINE_COLUMNS) {
        line(
            &mut text,
            &format!("  {}", colour.paint("1", &cut(&part, WIDEST_LINE - 2))),
        );
    }
    text
}

fn event(text: &mut String, event: &Event) {
    field(text, "role", event.role_arn.as_deref());
    field(text, "subject", event.subject.as_deref());
    field(text, "session", session(event).as_deref());
    field(text, "from", origin(event).as_deref());
    field(text, "event", Some(&event.event_id));
    if let Some(url) = &event.run_url {
        // The caller wrote it into a header: a hint, no proof.
        field(text, "run hint", Some(url));
    }
}

fn session(event: &Event) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(seconds) = event.session_seconds {
        parts.push(format_duration(seconds));
    }
    if let Some(name) = &event.role_session_name {
        parts.push(format!("named \"{name}\""));
    }
    if let Some(key) = &event.access_key_id {
        parts.push(format!("key {key}"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn origin(event: &Event) -> Option<String> {
    let place = match (&event.account, &event.region) {
        (Some(account), Some(region)) => Some(format!("into account {account}, {region}")),
        (Some(account), None) => Some(format!("into account {account}")),
        (None, region) => region.clone(),
    };
    let parts: Vec<String> = event.source_ip.clone().into_iter().chain(place).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn advice(text: &mut String, alert: &Alert) {
    if alert.severity == Severity::Critical {
        let advice = format!("investigate first: rolewatch checks {}", alert.check);
        field(text, "do", Some(&advice));
    }
    if let Some(suggestion) = &alert.suggestion {
        line(text, "  if this is wanted, add to the allowlist:");
        for part in suggestion.lines() {
            line(
                text,
                &format!("    {}", cut(&escape(part), WIDEST_LINE - 4)),
            );
        }
    }
}

fn field(text: &mut String, label: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let room = WIDEST_LINE - LABEL_COLUMNS;
    let padded = format!("  {label}");
    line(
        text,
        &format!("{padded:<LABEL_COLUMNS$}{}", cut(&escape(value), room)),
    );
}

fn line(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
