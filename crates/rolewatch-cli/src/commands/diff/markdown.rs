//! Changes for a comment on a pull request. Whoever ran a workflow chose the names in there, so
//! they stand in code spans; and there may be many, so only as many are shown as a comment holds.

use std::fmt::Write as _;

use rolewatch::comparison::{Change, Compared, Direction, Kind};
use rolewatch::rendering::markdown::code;
use rolewatch::rendering::terminal::cut_to;

use super::{Shown, words};

/// Bytes of the rows of a direction. GitHub takes 65,536 characters in all: rows leave room for
/// the rest, whose names are few and cut.
const MOST_BYTES: usize = 15_000;
/// A name in a row is cut to so many characters and columns, and one in a list.
const LONGEST: usize = 200;
const LONGEST_LISTED: usize = 80;

pub(super) fn render(shown: &Shown<'_>) -> String {
    let compared = shown.compared;
    let mut text = format!(
        "### What {} says of the recorded events\n\n",
        name(&shown.args.to.display().to_string())
    );
    section(&mut text, compared, Direction::NewlyExpected);
    section(&mut text, compared, Direction::StillUnexpected);
    section(&mut text, compared, Direction::NewlyUnexpected);
    let counts = words::counts(compared);
    if !compared.shows_anything() {
        let _ = writeln!(text, "**{}**", words::NOTHING_JUDGED);
    } else if compared.changes.is_empty() && counts.is_empty() {
        text.push_str("The same as before.\n");
    } else {
        text.push_str("| | before | after |\n|---|--:|--:|\n");
    }
    // Writing to a String cannot fail.
    for (name, before, after) in counts {
        let _ = writeln!(text, "| {name} | {before} | {after} |");
    }
    let rules = words::rules(compared);
    if !rules.is_empty() {
        text.push('\n');
    }
    for (label, names) in rules {
        let names: Vec<String> = names.iter().map(|it| listed(it)).collect();
        let _ = writeln!(text, "- {label}: {}", names.join(", "));
    }
    let _ = writeln!(text, "\n{}", words::read(shown));
    text
}

fn section(text: &mut String, compared: &Compared, direction: Direction) {
    let events = compared.events(direction);
    if events == 0 {
        return;
    }
    let (by, checks) = match direction {
        Direction::NewlyExpected => ("expected by", "was"),
        Direction::NewlyUnexpected => ("was expected by", "is"),
        Direction::StillUnexpected => ("is", "was, and is now"),
    };
    let _ = writeln!(text, "**{}**\n", words::headline(direction, events));
    let _ = writeln!(text, "| events | {by} | role | subject | {checks} |");
    text.push_str("|--:|---|---|---|---|\n");
    let (mut bytes, mut shown) = (0, 0);
    for change in compared.of(direction) {
        let row = row(change);
        bytes += row.len();
        if bytes > MOST_BYTES {
            break;
        }
        shown += change.count;
        text.push_str(&row);
    }
    if shown < events {
        let _ = writeln!(
            text,
            "\nand {} more events: `rolewatch diff` lists them all",
            events - shown
        );
    }
    text.push('\n');
}

fn row(change: &Change) -> String {
    let kind = &change.kind;
    format!(
        "| {} | {} | {} | {} | {} |\n",
        change.count,
        by(kind),
        name(&kind.role_arn),
        name(&kind.subject),
        words::checks(kind)
    )
}

fn by(kind: &Kind) -> String {
    if kind.direction == Direction::StillUnexpected {
        return words::severity(kind).to_owned();
    }
    match words::by(kind) {
        ("rule", rule) => name(rule),
        (what, by) => format!("{what}: {}", name(by)),
    }
}

fn listed(text: &str) -> String {
    code(&cut_to(text, LONGEST_LISTED), LONGEST_LISTED)
}

fn name(text: &str) -> String {
    code(&cut_to(text, LONGEST), LONGEST)
}
