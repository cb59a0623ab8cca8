//! A rule as TOML, of names that somebody else may have chosen: each stands for itself alone.

use std::fmt::Write as _;

use crate::allowlist::{format_duration, quote};
use crate::assumption::Session;
use crate::pattern::has_wildcard;
use crate::words::role_name;

/// The shortest `max_session` that a rule can have, in seconds.
const SHORTEST_SESSION: u64 = 900;
/// A measured session is this many seconds too long at the most; rules tolerate as much.
pub(crate) const MEASURING_ERROR: u64 = 5;
/// The name of a rule is cut to this many characters.
const LONGEST_NAME: usize = 80;
/// A list that makes a longer line has one value a line.
const WIDEST_LIST: usize = 100;

/// Everything that is asked of whoever comes.
#[derive(Debug)]
pub(crate) struct NewRule<'a> {
    pub(crate) name: &'a str,
    pub(crate) role_arn: &'a str,
    pub(crate) who: NewWho<'a>,
    /// In seconds.
    pub(crate) max_session: u64,
    /// None where the file's default is this one alone.
    pub(crate) audience: Option<&'a str>,
    /// None where the file's default is this one alone.
    pub(crate) issuer: Option<String>,
}

/// Who may come.
#[derive(Debug)]
pub(crate) enum NewWho<'a> {
    Repositories {
        repositories: Vec<&'a str>,
        contexts: Vec<&'a str>,
        /// Without it, a subject without ids would do as well as one that carries them.
        immutable: bool,
    },
    Subjects(Vec<&'a str>),
}

impl NewRule<'_> {
    /// None where the file's format cannot say just this, because a name holds a wildcard.
    pub(crate) fn text(&self) -> Option<RuleText> {
        let mut rule = RuleText {
            text: format!("[[allow]]\nname = {}\n", quote(self.name)),
        };
        rule.list("roles", &[self.role_arn])?;
        match &self.who {
            NewWho::Repositories {
                repositories,
                contexts,
                immutable,
            } => {
                rule.list("repositories", repositories)?;
                rule.list("contexts", contexts)?;
                if *immutable {
                    rule.string("form", "immutable");
                }
            }
            NewWho::Subjects(subjects) => rule.list("subjects", subjects)?,
        }
        rule.string("max_session", &format_duration(self.max_session));
        if let Some(audience) = self.audience {
            rule.list("audiences", &[audience])?;
        }
        if let Some(issuer) = &self.issuer {
            rule.list("issuers", &[issuer])?;
        }
        Some(rule)
    }
}

/// The text of a rule, as it grows.
pub(crate) struct RuleText {
    pub(crate) text: String,
}

impl RuleText {
    pub(crate) fn string(&mut self, key: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{key} = {}", quote(value));
    }

    /// None where a value cannot be written as itself, because it holds a wildcard.
    pub(crate) fn list(&mut self, key: &str, values: &[&str]) -> Option<()> {
        if values.iter().any(|value| has_wildcard(value)) {
            return None;
        }
        let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
        let line = format!("{key} = [{}]\n", quoted.join(", "));
        if line.len() <= WIDEST_LIST || values.len() == 1 {
            self.text.push_str(&line);
        } else {
            let _ = writeln!(self.text, "{key} = [\n    {},\n]", quoted.join(",\n    "));
        }
        Some(())
    }
}

/// A session's length as a rule has to allow it; a measured one rounded down to the minute
/// that was meant.
pub(crate) fn session_limit(session: Session) -> u64 {
    let seconds = session.seconds();
    let over = seconds % 60;
    let meant = if session.is_measured() && over <= MEASURING_ERROR {
        seconds - over
    } else {
        seconds
    };
    meant.max(SHORTEST_SESSION)
}

/// As much of a name as a rule gets.
pub(crate) fn cut_name(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

/// A name for a rule that is not `taken`, of which there are `others`.
pub(crate) fn free_name(
    role_arn: &str,
    caller: &str,
    others: usize,
    taken: impl Fn(&str) -> bool,
) -> String {
    let wanted = cut_name(&format!("{} for {caller}", role_name(role_arn)));
    if !taken(&wanted) {
        return wanted;
    }
    // One of so many names is free: there are more of them than rules.
    (2..=others + 2)
        .map(|n| format!("{wanted} ({n})"))
        .find(|name| !taken(name))
        .unwrap_or(wanted)
}
