//! Changes for people: what is let through first, as that is what a reviewer has to see.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rolewatch::comparison::{Change, Compared, Direction, Kind};

use super::{Shown, words};
use crate::lines::Lines;
use crate::output::colour;

/// The longest label of what is different between the files, or of a count.
const LABEL: usize = 22;

pub(super) fn write(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let compared = shown.compared;
    let mut text = Lines::new(colour());
    section(&mut text, compared, Direction::NewlyExpected, "1;31");
    section(&mut text, compared, Direction::StillUnexpected, "1;31");
    section(&mut text, compared, Direction::NewlyUnexpected, "33");
    let rules = words::rules(compared);
    for (label, names) in &rules {
        facts(&mut text, label, &names.join(", "));
    }
    let counts = words::counts(compared);
    for (name, before, after) in &counts {
        facts(&mut text, name, &format!("{before}, now {after}"));
    }
    if !rules.is_empty() || !counts.is_empty() {
        text.blank();
    }
    if !compared.shows_anything() {
        text.line(words::NOTHING_JUDGED);
    } else if compared.changes.is_empty() && counts.is_empty() {
        text.line("nothing that is recorded is judged otherwise");
    }
    text.line(&words::read(shown));
    out.write_all(text.as_str().as_bytes())
}

/// A label among its like, so that values stand below each other.
fn facts(text: &mut Lines, label: &str, value: &str) {
    text.field(&format!("{label:<LABEL$}"), value);
}

/// What changes of a kind have in common, and how that is called.
fn by(kind: &Kind) -> (String, &str) {
    if kind.direction == Direction::StillUnexpected {
        return ("is".to_owned(), words::severity(kind));
    }
    let (what, name) = words::by(kind);
    (format!("by {what}"), name)
}

fn section(text: &mut Lines, compared: &Compared, direction: Direction, colour: &str) {
    let events = compared.events(direction);
    if events == 0 {
        return;
    }
    text.painted(colour, &words::headline(direction, events));
    let mut groups: BTreeMap<_, Vec<&Change>> = BTreeMap::new();
    for change in compared.of(direction) {
        let kind = &change.kind;
        let group = (kind.severity, by(kind), &kind.role_arn);
        groups.entry(group).or_default().push(change);
    }
    for ((_, (label, by), role), changes) in groups {
        text.field(&label, by);
        text.field("role", role);
        for change in changes {
            let (kind, count) = (&change.kind, format!("{:>6}", change.count));
            text.entry(
                4,
                &count,
                &format!("{}  {}", words::checks(kind), kind.subject),
            );
        }
    }
    if let Some(unlisted) = compared.unlisted.get(&direction) {
        text.field("more", &format!("{unlisted} events of further subjects"));
    }
    text.blank();
}
