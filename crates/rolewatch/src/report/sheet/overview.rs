//! What there was, in numbers and over time.

use super::{Block, Cell, Chart, Section, Table};
use crate::report::model::Report;

/// Days that are shown one by one, in forms that are read from top to bottom.
const A_MONTH: usize = 31;

pub(super) fn overview(report: &Report) -> Section {
    Section {
        id: "overview",
        title: "In numbers",
        blocks: vec![
            Block::Figures(figures(report)),
            Block::Chart(Chart::Days, days(report)),
            Block::Chart(Chart::Hours, hours(report)),
        ],
    }
}

fn figures(report: &Report) -> Table {
    let totals = &report.totals;
    let rows = [
        ("assumptions", Cell::Change(totals.assumptions)),
        ("repositories", Cell::Change(totals.repositories)),
        ("roles", Cell::Change(totals.roles)),
        ("unexpected", Cell::Change(totals.unexpected)),
        ("still open", Cell::Number(totals.open)),
        ("findings", Cell::Change(report.findings.total)),
        ("denied", Cell::Change(report.denied.total)),
        ("silenced", Cell::Change(totals.ignored)),
        ("judged", Cell::Change(totals.judged)),
        ("expected", Cell::Change(totals.expected)),
        ("of other issuers", Cell::Change(totals.other)),
        ("unreadable", Cell::Change(totals.unreadable)),
    ];
    let rows = rows
        .into_iter()
        .map(|(what, cell)| vec![Cell::text(what), cell])
        .collect();
    Table::new("Totals", &["what", "count"], rows)
}

fn days(report: &Report) -> Table {
    let row = |day: &crate::report::model::Days| {
        let mut cells = vec![Cell::text(day.day.format("%a %-d %b %Y").to_string())];
        let counts = [day.expected, day.unexpected, day.ignored, day.denied];
        cells.extend(counts.map(|count| match (count, day.known) {
            (0, false) => Cell::Unknown("not known".into()),
            _ => Cell::Number(count),
        }));
        cells.extend(day.before.map(Cell::Number));
        cells
    };
    let mut columns = vec!["day (UTC)", "expected", "unexpected", "silenced", "denied"];
    if report.totals.judged.before.is_some() {
        columns.push("all before");
    }
    Table::new(
        "Calls a day",
        &columns,
        report.days.iter().map(row).collect(),
    )
    .newest(A_MONTH)
}

/// Hours as columns, which most people know by heart.
fn hours(report: &Report) -> Table {
    const COLUMNS: [&str; 25] = [
        "hour (UTC)",
        "00",
        "01",
        "02",
        "03",
        "04",
        "05",
        "06",
        "07",
        "08",
        "09",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "18",
        "19",
        "20",
        "21",
        "22",
        "23",
    ];
    let row = |hours: &crate::report::model::Hours| {
        let name = std::iter::once(Cell::text(hours.weekday.clone()));
        let calls = hours.calls.iter().map(|count| match (count, hours.known) {
            // The columns are narrow.
            (0, false) => Cell::Unknown("?".into()),
            _ => Cell::Number(*count),
        });
        name.chain(calls).collect()
    };
    Table::new(
        "Calls by hour and weekday",
        &COLUMNS,
        report.hours.iter().map(row).collect(),
    )
}
