//! Cells of tables.

use chrono::NaiveDate;

use crate::allowlist::format_duration;
use crate::finding::Severity;
use crate::report::model::Change;
use crate::report::words::number;

/// What stands in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A name of the account's or of GitHub's.
    Name(String),
    /// A role, by its ARN.
    Role(String),
    /// A number.
    Number(u64),
    /// A number, and the one of the period before.
    Change(Change),
    /// A time in seconds.
    Length(Option<u64>),
    /// A time in seconds, and the one of the period before.
    Lengths(Option<u64>, Option<u64>),
    /// A part in percent, as words.
    Share(Option<String>),
    /// A day.
    Day(Option<NaiveDate>),
    /// A severity.
    Severity(Severity),
    /// What is not known, and why.
    Unknown(String),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A repository; the subject of some names none.
    pub(super) fn repository(name: &str) -> Self {
        match name {
            "" => Self::text("no repository in the subject"),
            name => Self::Name(name.to_owned()),
        }
    }

    /// An owner, who may not be known.
    pub(super) fn owner(owner: Option<&str>) -> Self {
        Self::text(owner.unwrap_or_default())
    }

    /// The cell for people.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Name(text) => text.clone(),
            Self::Unknown(why) => why.clone(),
            Self::Role(arn) => role_label(arn).to_owned(),
            Self::Number(count) => number(*count),
            Self::Change(Change { now, before }) => match before {
                Some(before) => format!("{} ({})", number(*now), number(*before)),
                None => number(*now),
            },
            Self::Length(length) => words(*length),
            Self::Lengths(now, None) => words(*now),
            Self::Lengths(now, before) => format!("{} ({})", words(*now), words(*before)),
            Self::Share(share) => share.clone().unwrap_or_default(),
            Self::Day(day) => day.map(|day| day.to_string()).unwrap_or_default(),
            Self::Severity(severity) => severity.as_str().to_owned(),
        }
    }

    /// The cell for machines, and of the period before.
    #[must_use]
    pub fn raw(&self) -> (String, Option<String>) {
        match self {
            Self::Role(arn) => (arn.clone(), None),
            Self::Number(count) => (count.to_string(), None),
            Self::Change(Change { now, before }) => {
                (now.to_string(), before.map(|it| it.to_string()))
            }
            Self::Length(length) => (digits(*length), None),
            Self::Lengths(now, before) => (digits(*now), before.map(|it| it.to_string())),
            _ => (self.plain(), None),
        }
    }

    /// Whether it is a number, which stands to the right.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Number(_)
                | Self::Change(_)
                | Self::Length(_)
                | Self::Lengths(..)
                | Self::Share(_)
        )
    }

    /// By what a table is sorted: numbers by their value.
    #[must_use]
    pub fn sort_key(&self) -> String {
        match self {
            Self::Number(value) | Self::Change(Change { now: value, .. }) => value.to_string(),
            Self::Length(length) | Self::Lengths(length, _) => {
                length.unwrap_or_default().to_string()
            }
            Self::Share(Some(share)) => share
                .trim_start_matches("under ")
                .trim_end_matches('%')
                .to_owned(),
            Self::Severity(severity) => (*severity as u8).to_string(),
            _ => self.plain(),
        }
    }
}

fn words(seconds: Option<u64>) -> String {
    match seconds {
        None => String::new(),
        // Lags beyond it are one class, and no session is as long.
        Some(86_401..) => "over a day".to_owned(),
        Some(seconds) => format_duration(seconds),
    }
}

fn digits(number: Option<u64>) -> String {
    number.map(|it| it.to_string()).unwrap_or_default()
}

/// A role by its path and name.
#[must_use]
pub fn role_label(role_arn: &str) -> &str {
    match role_arn.split_once(":role/") {
        Some((_, name)) => name,
        None if role_arn.is_empty() => "roles that no rule names",
        None => role_arn,
    }
}
