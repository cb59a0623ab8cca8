//! Changes as JSON, one object a line: names are whole.

use std::io::{self, Write};

use rolewatch::allowlist::{Difference, Mode};
use rolewatch::comparison::{Change, Compared, Direction};
use rolewatch::rendering::json::write_line;
use rolewatch::tally::Tally;
use serde::Serialize;

use super::Shown;
use crate::reading::{Inputs, is_zero};

#[derive(Serialize)]
struct ChangeLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    direction: Direction,
    subject: &'a str,
    role_arn: &'a str,
    count: u64,
    rule: Option<&'a str>,
    silence: Option<&'a str>,
    issuer: &'a str,
    from: &'static str,
    to: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    from_checks: &'a [&'static str],
    checks: &'a [&'static str],
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    records: u64,
    newly_expected: u64,
    newly_unexpected: u64,
    still_unexpected: u64,
    /// Events of more kinds than are listed.
    #[serde(skip_serializing_if = "is_zero")]
    unlisted: u64,
    before: &'a Tally,
    after: &'a Tally,
    rules: RulesLine<'a>,
    inputs: &'a Inputs,
}

#[derive(Serialize)]
struct RulesLine<'a> {
    added: &'a [String],
    changed: &'a [String],
    removed: &'a [String],
    broader: Vec<BroaderLine<'a>>,
    without_effect: &'a [String],
    silences: Vec<SilenceLine<'a>>,
    mode: Option<&'static str>,
}

#[derive(Serialize)]
struct BroaderLine<'a> {
    rule: &'a str,
    by: &'a [&'static str],
}

#[derive(Serialize)]
struct SilenceLine<'a> {
    check: &'static str,
    until: String,
    reason: &'a str,
}

pub(super) fn write(out: &mut impl Write, shown: &Shown<'_>) -> io::Result<()> {
    let compared = shown.compared;
    for change in &compared.changes {
        line(out, &change_line(change))?;
    }
    let summary = SummaryLine {
        r#type: "summary",
        schema: "rolewatch.diff/1",
        status: status(compared, shown.inputs),
        records: shown.inputs.records,
        newly_expected: compared.events(Direction::NewlyExpected),
        newly_unexpected: compared.events(Direction::NewlyUnexpected),
        still_unexpected: compared.events(Direction::StillUnexpected),
        unlisted: compared
            .unlisted
            .values()
            .copied()
            .fold(0, u64::saturating_add),
        before: &compared.before,
        after: &compared.after,
        rules: rules(&compared.difference, &compared.without_effect),
        inputs: shown.inputs,
    };
    line(out, &summary)
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_line(out, value)?;
    writeln!(out)
}

fn change_line(change: &Change) -> ChangeLine<'_> {
    let kind = &change.kind;
    ChangeLine {
        r#type: "change",
        schema: "rolewatch.change/1",
        direction: kind.direction,
        subject: &kind.subject,
        role_arn: &kind.role_arn,
        count: change.count,
        rule: kind.rule.as_deref(),
        silence: kind.silence.as_deref(),
        issuer: &kind.issuer,
        from: kind.from,
        to: kind.to,
        from_checks: &kind.from_checks,
        checks: &kind.checks,
    }
}

fn rules<'a>(difference: &'a Difference, without_effect: &'a [String]) -> RulesLine<'a> {
    let broader = difference.broader.iter();
    let silences = difference.silences.iter();
    RulesLine {
        added: &difference.added,
        changed: &difference.changed,
        removed: &difference.removed,
        broader: broader.map(|(rule, by)| BroaderLine { rule, by }).collect(),
        without_effect,
        silences: silences
            .map(|it| SilenceLine {
                check: it.check,
                until: it.until.to_string(),
                reason: &it.reason,
            })
            .collect(),
        mode: difference.mode.map(Mode::as_str),
    }
}

fn status(compared: &Compared, inputs: &Inputs) -> &'static str {
    if !inputs.failed.is_empty() {
        "incomplete"
    } else if !compared.shows_anything() {
        "nothing_judged"
    } else if compared.changes.is_empty() {
        "clean"
    } else {
        "changes"
    }
}
