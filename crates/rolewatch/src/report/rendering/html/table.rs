//! Tables of the page.

use std::ops::Range;

use askama::Template;

use super::rendered;
use crate::report::rendering::and_more;
use crate::report::sheet::{Cell, Excerpt, Table};
use crate::report::words::number;

/// More rows than these scroll within the table.
const ROOM: usize = 12;
/// More columns than these are stacked on a phone; many more are scrolled.
const NARROW: usize = 2;
const STACKABLE: usize = 10;
/// So few rows need no sorting.
const UNSORTED: usize = 3;
/// Paper has no scrolling: a table is cut to so many rows there.
const ON_PAPER: usize = 25;

#[derive(Template)]
#[template(path = "report/table.html")]
struct TableView<'a> {
    table: &'a Table,
    id: &'a str,
    rows: Vec<Row>,
    numbers: Vec<usize>,
    tall: bool,
    count: String,
    sort: bool,
    stack: bool,
    more: Option<String>,
    paper: Option<String>,
}

struct Row {
    cells: Vec<CellView>,
    late: bool,
}

struct CellView {
    class: String,
    text: String,
    before: Option<String>,
    key: String,
    label: &'static str,
    title: Option<String>,
    severity: Option<&'static str>,
}

/// The table as HTML. `id` names it on the page.
pub(super) fn render(table: &Table, id: &str) -> String {
    let columns = 0..table.columns.len();
    let is_number =
        |column: &usize| *column > 0 && table.rows.iter().any(|row| row[*column].is_number());
    let numbers: Vec<usize> = columns.filter(is_number).collect();
    let on_paper = on_paper(table);
    let row = |(place, cells): (usize, &Vec<Cell>)| Row {
        cells: cells
            .iter()
            .enumerate()
            .map(|(column, it)| cell(it, column, table.columns[column], numbers.contains(&column)))
            .collect(),
        late: !on_paper.contains(&place),
    };
    let late = (table.rows.len() - on_paper.len()) as u64;
    let view = TableView {
        table,
        id,
        rows: table.rows.iter().enumerate().map(row).collect(),
        tall: table.rows.len() > ROOM,
        count: number(table.total),
        sort: table.rows.len() > UNSORTED,
        stack: (NARROW + 1..=STACKABLE).contains(&table.columns.len()),
        more: and_more(table, table.rows.len())
            .map(|it| format!("{it}, which a list of 1,000 has no room for")),
        paper: (late > 0).then(|| format!("and {} more rows, on the screen", number(late))),
        numbers,
    };
    rendered(&view)
}

/// The rows that paper has room for.
fn on_paper(table: &Table) -> Range<usize> {
    let all = table.rows.len();
    match table.excerpt {
        Excerpt::First(_) => 0..all.min(ON_PAPER),
        Excerpt::Last(most) => all.saturating_sub(most)..all,
    }
}

fn cell(cell: &Cell, column: usize, label: &'static str, is_number: bool) -> CellView {
    let (text, before) = match cell {
        Cell::Change(change) => (number(change.now), change.before.map(number)),
        Cell::Lengths(now, Some(before)) => {
            let plain = |it: Option<u64>| Cell::Length(it).plain();
            (plain(*now), Some(plain(Some(*before))))
        }
        _ => (cell.plain(), None),
    };
    let mut class = vec![];
    if column == 0 {
        class.push("key");
    }
    if is_number && (cell.is_number() || text.len() < 12) {
        class.push("n");
    }
    match cell {
        Cell::Name(_) | Cell::Role(_) => class.push("name"),
        Cell::Unknown(_) => class.push("unknown"),
        Cell::Day(_) => class.push("day"),
        _ => {}
    }
    if text.is_empty() {
        class.push("blank");
    }
    CellView {
        class: class.join(" "),
        key: cell.sort_key(),
        label,
        title: match cell {
            Cell::Role(arn) if !arn.is_empty() => Some(arn.clone()),
            _ => None,
        },
        severity: match cell {
            Cell::Severity(severity) => Some(severity.as_str()),
            _ => None,
        },
        text,
        before,
    }
}
