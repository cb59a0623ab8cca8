//! What people are told of the allowlist itself.

use std::fmt::Write as _;

use crate::alert::{About, Alert, Kind, SCHEMA};
use crate::allowlist::{Diagnostic, Difference, Level, Mode};
use crate::checks::{ALLOWLIST_BROKEN, ALLOWLIST_CHANGED, Page};
use crate::finding::{Background, Severity, stable_id};
use crate::words::account;

/// Problems, and names of a kind, that are told; beyond it they are counted.
const TOLD: usize = 5;
/// A name or a reason is cut to so many characters.
const LONGEST: usize = 200;

/// Whose allowlist it is. Several accounts may tell one place, of one and the same version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub number: String,
    /// What people call it.
    pub name: Option<String>,
}

impl Account {
    /// An alert that says which account it is about, and is not another account's.
    pub(super) fn sign(&self, alert: Alert) -> Alert {
        let of = account(&self.number, self.name.as_deref());
        Alert {
            id: stable_id(&[&alert.id, &self.number]),
            message: format!("account {of}: {}", alert.message),
            ..alert
        }
    }
}

/// That a version cannot be used. `again` tells apart what is told again: a version, or a day.
pub(super) fn broken(what: &str, why: &str, again: &str, in_force: Option<&str>) -> Alert {
    let (title, stays) = match in_force {
        Some(version) => (
            "Allowlist broken: the last good one stays in force",
            format!("version {} stays in force", cut(version)),
        ),
        None => (
            "There is no usable allowlist: nothing is expected",
            "there is no good version, so every assumption by GitHub Actions is a finding".into(),
        ),
    };
    let kind = if in_force.is_some() { "" } else { "none" };
    Alert {
        id: id(&ALLOWLIST_BROKEN, &[again, kind]),
        title: title.into(),
        message: format!("{what}: {why}; {stays}"),
        ..alert(&ALLOWLIST_BROKEN)
    }
}

/// The first errors, with line and help.
pub(super) fn problems(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|it| it.level == Level::Error);
    let errors: Vec<String> = errors
        .map(|it| {
            let (message, help) = (cut(&it.message), cut(&it.help));
            format!("line {}: {message} ({help})", it.line)
        })
        .collect();
    listed(&errors)
}

/// That a version is in force instead of another.
pub(super) fn changed(
    version: &str,
    author: Option<&str>,
    instead_of: Option<&str>,
    difference: &Difference,
) -> Alert {
    let mut message = format!("version {}", cut(version));
    if let Some(author) = author {
        // Writing to a String cannot fail.
        let _ = write!(message, " by {}", cut(author));
    }
    message.push_str(" is in force");
    if let Some(before) = instead_of {
        let _ = write!(message, " instead of {}", cut(before));
    }
    let parts = parts(difference);
    if parts.is_empty() {
        message.push_str("; rules and silences are as before");
    }
    for part in parts {
        let _ = write!(message, "; {part}");
    }
    Alert {
        id: id(
            &ALLOWLIST_CHANGED,
            &[instead_of.unwrap_or_default(), version],
        ),
        severity: if difference.weakens() {
            Severity::High
        } else {
            ALLOWLIST_CHANGED.severity
        },
        title: title(difference).into(),
        message,
        ..alert(&ALLOWLIST_CHANGED)
    }
}

fn title(difference: &Difference) -> &'static str {
    if difference.mode == Some(Mode::Audit) {
        "The allowlist turned audit mode on: findings are not alerted"
    } else if !difference.broader.is_empty() {
        "The allowlist changed and may let more through"
    } else if difference.weakens() {
        "The allowlist changed and silences a grave check"
    } else {
        "The allowlist changed"
    }
}

fn parts(difference: &Difference) -> Vec<String> {
    let mut parts = Vec::new();
    match difference.mode {
        Some(Mode::Audit) => parts.push("audit mode is on".to_owned()),
        Some(Mode::Enforce) => parts.push("audit mode is off".to_owned()),
        None => {}
    }
    let broader = difference.broader.iter();
    let broader: Vec<String> = broader
        .map(|(rule, by)| format!("{} ({})", quoted(rule), by.join(", ")))
        .collect();
    let silences = difference.silences.iter();
    let silences: Vec<String> = silences
        .map(|it| format!("{} until {} ({})", it.check, it.until, cut(&it.reason)))
        .collect();
    for (label, list) in [
        ("broader", broader),
        ("rules added", names(&difference.added)),
        ("rules changed", names(&difference.changed)),
        ("rules removed", names(&difference.removed)),
        ("silences added", silences),
    ] {
        if !list.is_empty() {
            parts.push(format!("{label}: {}", listed(&list)));
        }
    }
    parts
}

fn names(rules: &[String]) -> Vec<String> {
    rules.iter().map(|rule| quoted(rule)).collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", cut(name))
}

fn listed(all: &[String]) -> String {
    let told = all
        .iter()
        .take(TOLD)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match all.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}, and {more} more"),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn id(page: &Page, parts: &[&str]) -> String {
    let all = [&[page.id], parts].concat();
    stable_id(&all)
}

fn alert(page: &Page) -> Alert {
    Alert {
        r#type: Kind::Finding,
        schema: SCHEMA.to_owned(),
        id: String::new(),
        about: About::Allowlist,
        check: page.id.to_owned(),
        severity: page.severity,
        title: String::new(),
        message: String::new(),
        event: None,
        rule: None,
        nearest_rule: None,
        suggestion: None,
        repeats: None,
        owner: None,
        background: Background::default(),
    }
}
