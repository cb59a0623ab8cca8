//! What text and Markdown say alike.

use std::cmp::Ordering;

use rolewatch::allowlist::{Difference, Mode};
use rolewatch::comparison::{Compared, Direction, Kind};
use rolewatch::tally::Tally;

use super::Shown;
use crate::lints::counted;

/// The most names that are told of one thing.
const MOST_NAMES: usize = 10;

/// Where no session was judged: that nothing changes is no praise of the change.
pub(super) const NOTHING_JUDGED: &str = "No session of GitHub Actions is recorded in what was read, so nothing is shown of what the change does.";

/// What the changes of a direction come to.
pub(super) fn headline(direction: Direction, events: u64) -> String {
    let (one, many) = match direction {
        Direction::NewlyExpected => (
            "1 event that was a finding is none any more",
            "events that were findings are none any more",
        ),
        Direction::NewlyUnexpected => (
            "1 event that was no finding is one now",
            "events that were no findings are findings now",
        ),
        Direction::StillUnexpected => (
            "1 event is a finding of another kind now",
            "events are findings of another kind now",
        ),
    };
    match events {
        1 => one.to_owned(),
        events => format!("{events} {many}"),
    }
}

/// What keeps such an event from being a finding: what it is, and its name.
pub(super) fn by(kind: &Kind) -> (&'static str, &str) {
    match (&kind.rule, &kind.silence) {
        (Some(rule), _) => ("rule", rule),
        (None, Some(reason)) => ("silence", reason),
        (None, None) => ("nothing", "another issuer's, which is not judged"),
    }
}

/// What becomes of a finding that still is one.
pub(super) fn severity(kind: &Kind) -> &'static str {
    match kind.severity {
        Ordering::Less => "less severe",
        Ordering::Equal => "as severe",
        Ordering::Greater => "more severe",
    }
}

/// The checks that complain, after those that did before.
pub(super) fn checks(kind: &Kind) -> String {
    let checks = kind.checks.join(", ");
    if kind.from_checks.is_empty() {
        checks
    } else {
        format!("{}, now {checks}", kind.from_checks.join(", "))
    }
}

/// What is different between the files, and which rules are new or another and expect nothing in
/// this history: each thing with the names that it is about. Those are the files' authors',
/// who need not be friends.
pub(super) fn rules(compared: &Compared) -> Vec<(&'static str, Vec<String>)> {
    let Difference {
        added,
        removed,
        changed,
        silences,
        mode,
        broader,
    } = &compared.difference;
    let broader = broader
        .iter()
        .map(|(rule, by)| format!("{rule} ({})", by.join(", ")));
    let silences = silences.iter();
    let silences = silences.map(|it| format!("{} until {} ({})", it.check, it.until, it.reason));
    let mode = mode.map(|mode| match mode {
        Mode::Audit => "audit: nobody is alerted".to_owned(),
        Mode::Enforce => "enforce: findings are alerted".to_owned(),
    });
    let all = [
        ("mode", mode.into_iter().collect()),
        ("may let more through", broader.collect()),
        ("silences added", silences.collect()),
        ("rules added", added.clone()),
        ("rules changed", changed.clone()),
        ("rules removed", removed.clone()),
        ("without effect here", compared.without_effect.clone()),
    ];
    let told = all.into_iter().filter(|(_, names)| !names.is_empty());
    told.map(|(label, names)| (label, first(names))).collect()
}

fn first(mut names: Vec<String>) -> Vec<String> {
    let more = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names
}

/// The counts that are not what they were: before, and after.
pub(super) fn counts(compared: &Compared) -> Vec<(&'static str, u64, u64)> {
    let (before, after) = (&compared.before, &compared.after);
    let of = |tally: &Tally| {
        [
            ("expected", tally.expected),
            ("unexpected", tally.unexpected),
            ("denied", tally.denied),
            ("ignored", tally.ignored),
            ("of other issuers", tally.other),
        ]
    };
    let outcomes = of(before).into_iter().zip(of(after));
    let outcomes = outcomes.map(|((name, before), (_, after))| (name, before, after));
    let found = |tally: &Tally, check: &str| tally.findings.get(check).copied().unwrap_or(0);
    let checks = rolewatch::checks::ALL.iter().map(|check| check.id);
    let checks = checks.map(|id| (id, found(before, id), found(after, id)));
    let all = outcomes.chain(checks);
    all.filter(|(_, before, after)| before != after).collect()
}

/// What was read, and what was not.
pub(super) fn read(shown: &Shown<'_>) -> String {
    let inputs = shown.inputs;
    let read = format!("{} records in {} files", inputs.records, inputs.files);
    match inputs.failed.len() {
        0 => read,
        failed => format!(
            "{read}; INCOMPLETE: {} could not be read, or not to the end",
            counted(failed, "input")
        ),
    }
}
