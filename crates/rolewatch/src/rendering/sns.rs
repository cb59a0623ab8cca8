//! An alert as an SNS message: text for mail, JSON for machines, attributes for filters.

use std::borrow::Cow;

use serde_json::json;

use super::json::write_line;
use super::mail::mail;
use super::terminal::escape;
use crate::alert::{About, Alert};
use crate::finding::{Background, Event};

/// SNS refuses more bytes, message and attributes together; 256 KiB, less room for the latter.
pub(crate) const LARGEST: usize = 250 * 1024;
/// Fields of a finding that would be too large as a whole are cut to so many characters: the first
/// that does. A character that is escaped twice can take 14 bytes.
const LONGEST_FIELDS: [usize; 3] = [2000, 500, 100];
/// An attribute's value is cut to so many characters.
const LONGEST_ATTRIBUTE: usize = 256;
/// The attribute that carries what is no part of the finding.
const BACKGROUND: &str = "background";

/// What to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// ASCII, at most 100 characters, and never a name from a record.
    pub subject: String,
    /// For `MessageStructure: json`.
    pub message: String,
    /// Names and values, all strings.
    pub attributes: Vec<(&'static str, String)>,
}

/// An alert, ready to be published.
#[must_use]
pub fn publication(alert: &Alert) -> Publication {
    Publication {
        subject: subject(alert),
        message: message(&shortened_until(alert, |alert| {
            message(alert).len() <= LARGEST
        })),
        attributes: attributes(alert),
    }
}

fn subject(alert: &Alert) -> String {
    let drill = if alert.about == About::Drill {
        "DRILL: "
    } else {
        ""
    };
    let severity = alert.severity.as_str();
    format!("rolewatch: {drill}{severity}: {}", alert.check)
}

/// The alert, shortened where its JSON has more bytes than this.
pub(super) fn fitting(alert: &Alert, largest: usize) -> Cow<'_, Alert> {
    shortened_until(alert, |alert| {
        serde_json::to_string(alert).is_ok_and(|json| json.len() <= largest)
    })
}

/// The alert, shortened as little as it takes to fit.
fn shortened_until(alert: &Alert, fits: impl Fn(&Alert) -> bool) -> Cow<'_, Alert> {
    let mut shorter = Cow::Borrowed(alert);
    for longest in LONGEST_FIELDS {
        if fits(&shorter) {
            break;
        }
        shorter = Cow::Owned(shortened(alert, longest));
    }
    shorter
}

fn message(alert: &Alert) -> String {
    let mut json = Vec::new();
    // Writing to a Vec cannot fail, and an alert has only string keys.
    let _ = write_line(&mut json, alert);
    let machine = String::from_utf8_lossy(&json);
    json!({"default": machine, "email": mail(alert), "sms": sms(alert)}).to_string()
}

fn sms(alert: &Alert) -> String {
    escape(&alert.title).chars().take(140).collect()
}

fn attributes(alert: &Alert) -> Vec<(&'static str, String)> {
    let role = alert
        .event
        .as_ref()
        .and_then(|event| event.role_arn.as_deref());
    let is_drill = alert.about == About::Drill;
    [
        ("severity", Some(alert.severity.as_str())),
        ("check", Some(alert.check.as_str())),
        ("role", role),
        ("owner", alert.owner.as_deref()),
        ("about", is_drill.then_some("drill")),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        let value: String = escape(value?).chars().take(LONGEST_ATTRIBUTE).collect();
        (!value.is_empty()).then_some((name, value))
    })
    .chain(background(&alert.background))
    .collect()
}

/// Numbers, hashes and a name of ours: as JSON nothing to escape, and never long.
fn background(background: &Background) -> Option<(&'static str, String)> {
    let json = serde_json::to_string(background).ok()?;
    (*background != Background::default()).then_some((BACKGROUND, json))
}

/// The alert that a message and its attributes hold.
///
/// # Errors
/// The message is not a finding.
pub fn received<'a>(
    message: &str,
    attribute: impl Fn(&str) -> Option<&'a str>,
) -> Result<Alert, serde_json::Error> {
    let mut alert: Alert = serde_json::from_str(message)?;
    alert.owner = attribute("owner").map(str::to_owned);
    // One that cannot be read, of another version say, costs an alert no more than its background.
    alert.background = attribute(BACKGROUND)
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    Ok(alert)
}

/// The alert with every text cut: for subjects that no token of GitHub's has.
fn shortened(alert: &Alert, longest: usize) -> Alert {
    let cut = |text: &str| -> String { text.chars().take(longest).collect() };
    let short = |text: &Option<String>| text.as_deref().map(cut);
    Alert {
        title: cut(&alert.title),
        message: cut(&alert.message),
        event: alert.event.as_ref().map(|event| Event {
            event_id: cut(&event.event_id),
            region: short(&event.region),
            account: short(&event.account),
            role_arn: short(&event.role_arn),
            role_session_name: short(&event.role_session_name),
            subject: short(&event.subject),
            owner: short(&event.owner),
            repository: short(&event.repository),
            context: short(&event.context),
            issuer: short(&event.issuer),
            audience: short(&event.audience),
            source_ip: short(&event.source_ip),
            user_agent: short(&event.user_agent),
            access_key_id: short(&event.access_key_id),
            error_code: short(&event.error_code),
            run_url: short(&event.run_url),
            ..event.clone()
        }),
        rule: short(&alert.rule),
        nearest_rule: short(&alert.nearest_rule),
        suggestion: None,
        owner: short(&alert.owner),
        ..alert.clone()
    }
}
