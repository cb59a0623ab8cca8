//! What was complained of, and what to do.

use super::{Block, Card, Cell, Section, Table, unknown};
use crate::report::model::{CheckCount, Report, Silence, Snooze, State, Worst};
use crate::report::words::Plural;

/// Findings that are told one by one.
const TOLD: usize = 5;

pub(super) fn findings(report: &Report) -> Section {
    let findings = &report.findings;
    let mut blocks = Vec::new();
    if findings.total.now == 0 {
        blocks.push(Block::Line(
            "Nothing unexpected: no check had anything to complain of.".into(),
        ));
    }
    blocks.extend(worst(report));
    blocks.push(Block::Table(checks(report)));
    if let Some(why) = report
        .why_unknown("before")
        .filter(|_| findings.total.before.is_none())
    {
        blocks.push(Block::Line(format!(
            "Which are new, repeated or resolved is not known: {why}."
        )));
    }
    if !findings.not_asked.is_empty() {
        blocks.push(Block::Line(format!(
            "Not asked: {} ({}).",
            findings.not_asked.join(", "),
            unknown(report, "findings.not_asked")
        )));
    }
    blocks.push(Block::Line(mode(report)));
    blocks.push(Block::Table(silences(&findings.silences)));
    blocks.push(match &findings.snoozes {
        Some(snoozes) => Block::Table(self::snoozes(snoozes)),
        None => Block::Line(format!("Snoozes: {}.", unknown(report, "findings.snoozes"))),
    });
    Section {
        id: "findings",
        title: "Findings",
        blocks,
    }
}

fn mode(report: &Report) -> String {
    if report.findings.audit {
        "Audit mode is on: nobody is alerted.".into()
    } else {
        "Audit mode is off: findings are alerted.".into()
    }
}

/// The worst one by one, and the rest as a table.
fn worst(report: &Report) -> Vec<Block> {
    let worst = &report.findings.worst;
    if worst.total == 0 {
        return Vec::new();
    }
    let mut blocks = vec![Block::Cards(
        worst.items.iter().take(TOLD).map(card).collect(),
    )];
    let rest: Vec<Vec<Cell>> = worst.items.iter().skip(TOLD).map(row).collect();
    if !rest.is_empty() {
        let columns = ["what", "check", "severity", "findings", "first", "last"];
        let table = Table::new("More findings", &columns, rest);
        blocks.push(Block::Table(table.of(worst.total - TOLD as u64)));
    }
    blocks
}

fn checks(report: &Report) -> Table {
    let compares = report.findings.total.before.is_some();
    let row = |it: &CheckCount| {
        let mut cells = vec![
            Cell::Name(it.check.clone()),
            Cell::Severity(it.severity),
            Cell::Change(it.findings),
            Cell::Change(it.silenced),
        ];
        let kinds = [it.new, it.repeated, it.resolved];
        cells.extend(kinds.into_iter().flatten().map(Cell::Number));
        cells
    };
    let (title, columns): (_, &[_]) = if compares {
        (
            "By check; new, repeated and resolved are kinds of findings, not events",
            &[
                "check", "severity", "findings", "silenced", "new", "repeated", "resolved",
            ],
        )
    } else {
        ("By check", &["check", "severity", "findings", "silenced"])
    };
    Table::new(
        title,
        columns,
        report.findings.checks.iter().map(row).collect(),
    )
    .or("no findings")
}

fn card(worst: &Worst) -> Card {
    let state = match worst.state {
        State::New => "new".to_owned(),
        State::Repeated => format!(
            "repeated: {} in the period before",
            worst
                .findings
                .before
                .unwrap_or_default()
                .of("finding", "findings")
        ),
        State::Unknown => "whether it is new is not known".to_owned(),
    };
    let when = if worst.first == worst.last {
        format!("on {}", worst.last)
    } else {
        format!("from {} to {}", worst.first, worst.last)
    };
    let mut remarks = vec![
        format!("{} {when}", worst.findings.now.of("finding", "findings")),
        state,
        if worst.open { "open" } else { "settled" }.to_owned(),
    ];
    remarks.extend(worst.owner.iter().map(|owner| format!("owner {owner}")));
    remarks.extend(worst.event_id.iter().map(|id| format!("event {id}")));
    Card {
        severity: worst.severity,
        check: worst.check.clone(),
        title: worst.title.clone(),
        message: worst.message.clone(),
        remarks,
        advice: worst.advice.clone(),
        suggestion: worst.suggestion.clone(),
    }
}

fn row(worst: &Worst) -> Vec<Cell> {
    vec![
        Cell::text(worst.title.clone()),
        Cell::Name(worst.check.clone()),
        Cell::Severity(worst.severity),
        Cell::Change(worst.findings),
        Cell::Day(Some(worst.first)),
        Cell::Day(Some(worst.last)),
    ]
}

fn silences(silences: &[Silence]) -> Table {
    let row = |it: &Silence| {
        vec![
            Cell::Name(it.check.clone()),
            Cell::Name(it.about.clone()),
            Cell::text(it.reason.clone()),
            Cell::Day(Some(it.until)),
            Cell::Change(it.silenced),
        ]
    };
    Table::new(
        "Silences that are on",
        &["check", "about", "reason", "until", "silenced"],
        silences.iter().map(row).collect(),
    )
}

fn snoozes(snoozes: &[Snooze]) -> Table {
    let row = |it: &Snooze| {
        vec![
            Cell::text(it.what.clone()),
            Cell::text(it.until.format("%Y-%m-%d %H:%M UTC").to_string()),
            Cell::owner(it.by.as_deref()),
            Cell::text(it.reason.clone().unwrap_or_default()),
            Cell::Number(it.findings),
        ]
    };
    Table::new(
        "Snoozes",
        &["what", "until", "by", "reason", "kept quiet"],
        snoozes.iter().map(row).collect(),
    )
}
