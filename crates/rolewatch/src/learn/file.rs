//! The file: rules, with what was seen beside them, and tests that hold what was never seen.
//!
//! Names that somebody else chose stand in quoted strings, and in comments where they are spelt
//! out: no line break of theirs ends one.

use std::fmt::Write as _;

use super::Learnt;
use super::left_out::LeftOut;
use super::never::tests;
use super::rules::Rules;
use super::seen::Sum;
use crate::allowlist::format_duration;
use crate::rendering::terminal::{cut, escape, wrap};
use crate::report::words::Plural;

/// Comments are broken at so many columns, between words.
const COLUMNS: usize = 100;
/// A word that is wider than so many columns is cut.
const WIDEST: usize = 160;

/// How to go on from what was learnt.
const RULES: &str = "It is what happened, and not what should: whoever got in before is in here \
    too. Beside each rule stands what was seen, and after \"look:\" what to make sure of before it \
    is trusted. Say who answers for a rule (owner, reason), take out what nobody knows, and add \
    what is still to come.";

/// What there is to say at the file's head.
pub(super) struct About<'a> {
    pub(super) days: Option<String>,
    pub(super) left_out: &'a LeftOut,
    pub(super) refused: u64,
    pub(super) unreadable: u64,
    pub(super) unread: usize,
}

pub(super) fn file(rules: &Rules<'_>, about: &About<'_>) -> Learnt {
    let sum = Sum::all(rules.list.iter().map(|rule| rule.sum));
    let seen = sum.map_or(0, |sum| sum.sessions);
    let mut text = head(rules.list.len(), seen, about);
    text.push_str("version = 1\nmode = \"audit\"\n\n");
    text.push_str(&rules.preamble);
    for rule in &rules.list {
        text.push_str(&rule.commented);
    }
    let tests = tests(&rules.list, &text);
    text.push_str(&tests);
    let left_out = about.left_out.sessions();
    Learnt {
        text: format!("{}\n", text.trim_end()),
        rules: rules.list.len(),
        sessions: seen,
        left_out,
        remarks: about.left_out.told().into_iter().map(remark).collect(),
    }
}

/// A reason with its examples, as one line.
fn remark((why, examples): (String, Vec<String>)) -> String {
    format!("{why} ({})", examples.join("; "))
}

fn head(rules: usize, sessions: u64, about: &About<'_>) -> String {
    let mut text = String::new();
    let mut say = |line: &str| comment(&mut text, "", line);
    match &about.days {
        Some(days) => say(&format!(
            "Who assumed which role from GitHub Actions, {days}, as `rolewatch init` learnt it from CloudTrail: {} in {}.",
            sessions.of("session", "sessions"),
            (rules as u64).of("rule", "rules"),
        )),
        None => say(
            "`rolewatch init` learnt nothing: no session of GitHub Actions is recorded in what it read. Until \
             there are rules, each one is a finding.",
        ),
    }
    say("");
    if rules > 0 {
        say(RULES);
    }
    say(
        "In audit mode findings are recorded and reported, and nobody is alerted. When this is what is wanted: mode = \
         \"enforce\".",
    );
    incomplete(&mut text, about);
    left_out(&mut text, about.left_out);
    text.push('\n');
    text
}

/// What was read and teaches nothing, and what was not.
fn incomplete(text: &mut String, about: &About<'_>) {
    let counted = [
        (
            about.refused,
            "call was refused",
            "calls were refused",
            ", which teaches nothing",
        ),
        (
            about.unreadable,
            "record could",
            "records could",
            " not be understood",
        ),
        (
            about.unread as u64,
            "input could",
            "inputs could",
            " not be read, or not to the end: this is INCOMPLETE",
        ),
    ];
    if counted.iter().any(|(count, ..)| *count > 0) {
        comment(text, "", "");
    }
    for (count, one, many, what) in counted {
        if count > 0 {
            comment(text, "", &format!("{}{what}.", count.of(one, many)));
        }
    }
}

fn left_out(text: &mut String, left_out: &LeftOut) {
    let told = left_out.told();
    if !told.is_empty() {
        comment(text, "", "");
        comment(text, "", "Not in here, and so unexpected:");
    }
    for (why, examples) in told {
        comment(text, "  ", &why);
        for example in examples {
            comment(text, "    such as ", &example);
        }
    }
}

/// A comment of a line or more, each of them one for certain.
fn comment(text: &mut String, indent: &str, line: &str) {
    let columns = COLUMNS - indent.len();
    for (place, part) in wrap(&escape(line), columns).iter().enumerate() {
        let indent = if place == 0 {
            indent.to_owned()
        } else {
            " ".repeat(indent.len())
        };
        let line = format!("# {indent}{}", cut(part, WIDEST));
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// A rule below what was seen of it.
pub(super) fn commented(sum: Sum, looks: &[String], rule: &str) -> String {
    let mut text = String::new();
    let seen = format!(
        "seen: {}, {}, for {} at most",
        sum.sessions.of("session", "sessions"),
        sum.days(),
        format_duration(sum.longest)
    );
    comment(&mut text, "", &seen);
    for look in looks {
        comment(&mut text, "look: ", look);
    }
    text.push_str(rule);
    text.push('\n');
    text
}
