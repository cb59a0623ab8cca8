//! Every form of a report says the same numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::Report;
use rolewatch::report::rendering::{csv, html, json, mail, markdown, slack, text};
use rolewatch::report::sheet::{Block, Cell, Sheet, Table, sheet};

use crate::events::{allowlist, by_store, events};
use crate::hostile::fields;

/// A number without its commas, and the one in brackets.
fn numbers(text: &str) -> (u64, Option<u64>) {
    let number = |text: &str| text.trim().replace(',', "").parse().ok();
    match text.split_once('(') {
        Some((now, before)) => (number(now).unwrap(), number(before.trim_end_matches(')'))),
        None => (number(text).unwrap(), None),
    }
}

/// The key numbers by their label.
type Figures = BTreeMap<String, (u64, Option<u64>)>;

fn of_sheet(sheet: &Sheet) -> Figures {
    let figures = sheet.sections[0]
        .blocks
        .iter()
        .find_map(|block| match block {
            Block::Figures(table) => Some(table),
            _ => None,
        });
    figures
        .unwrap()
        .rows
        .iter()
        .map(|row| (row[0].plain(), numbers(&row[1].plain())))
        .collect()
}

fn of_json(line: &str) -> Figures {
    let report: serde_json::Value = serde_json::from_str(line).unwrap();
    let change =
        |value: &serde_json::Value| (value["now"].as_u64().unwrap(), value["before"].as_u64());
    let totals = &report["totals"];
    [
        ("assumptions", change(&totals["assumptions"])),
        ("repositories", change(&totals["repositories"])),
        ("roles", change(&totals["roles"])),
        ("unexpected", change(&totals["unexpected"])),
        ("still open", (totals["open"].as_u64().unwrap(), None)),
        ("findings", change(&report["findings"]["total"])),
        ("denied", change(&report["denied"]["total"])),
        ("silenced", change(&totals["ignored"])),
        ("judged", change(&totals["judged"])),
        ("expected", change(&totals["expected"])),
        ("of other issuers", change(&totals["other"])),
        ("unreadable", change(&totals["unreadable"])),
    ]
    .into_iter()
    .map(|(label, value)| (label.to_owned(), value))
    .collect()
}

fn of_text(text: &str) -> Figures {
    let (_, rest) = text.split_once("what ").unwrap();
    let lines = rest.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .map(|line| {
            let (label, value) = line.trim().split_once("  ").unwrap();
            (label.to_owned(), numbers(value))
        })
        .collect()
}

fn of_markdown(text: &str) -> Figures {
    let (_, rest) = text.split_once("| what | count |").unwrap();
    let lines = rest.lines().skip(2).take_while(|line| !line.is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].to_owned(), numbers(cells[2]))
        })
        .collect()
}

fn of_csv(text: &str) -> Figures {
    let lines = text
        .lines()
        .filter(|line| line.starts_with("overview,Totals,"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_end().split(',').collect();
            (
                cells[3].to_owned(),
                (cells[5].parse().unwrap(), cells[6].parse().ok()),
            )
        })
        .collect()
}

fn of_html(page: &str) -> Figures {
    let (_, rest) = page.split_once("<dl class=\"figures\">").unwrap();
    let (list, _) = rest.split_once("</dl>").unwrap();
    let between = |text: &str, open: &str, close: &str| -> Option<String> {
        Some(text.split_once(open)?.1.split_once(close)?.0.to_owned())
    };
    let figure = |text: &str| {
        let now = numbers(&between(text, "<dd>", "</dd>").unwrap()).0;
        let before = between(text, "before: ", "</dd>").map(|it| numbers(&it).0);
        (between(text, "<dt>", "</dt>").unwrap(), (now, before))
    };
    list.split("<div").skip(1).map(figure).collect()
}

fn of_slack(report: &Report, sheet: &Sheet) -> Figures {
    let message = slack::message(report, sheet, None);
    let blocks = message["blocks"].as_array().unwrap();
    let fields = blocks
        .iter()
        .find_map(|block| block["fields"].as_array())
        .unwrap();
    let field = |field: &serde_json::Value| {
        let (label, value) = field["text"].as_str().unwrap().split_once('\n').unwrap();
        (label.trim_matches('*').to_lowercase(), numbers(value))
    };
    fields.iter().map(field).collect()
}

/// Every table of the report with its rows, as people read them.
fn tables_of_sheet(sheet: &Sheet) -> Vec<(&Table, Vec<Vec<String>>)> {
    let blocks = sheet.sections.iter().flat_map(|section| &section.blocks);
    let tables = blocks.filter_map(|block| match block {
        Block::Table(table) | Block::Chart(_, table) if !table.rows.is_empty() => Some(table),
        _ => None,
    });
    let plain = |row: &Vec<Cell>| row.iter().map(Cell::plain).collect();
    tables
        .map(|table| (table, table.rows.iter().map(plain).collect()))
        .collect()
}

/// The text of some HTML.
fn text_of_html(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    // The names of these weeks hold nothing else that is escaped.
    let text = text
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&quot;", "\"");
    text.replace("&#34;", "\"")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

/// The rows of every table of the page, by its title.
fn tables_of_html(page: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let tables = page.split("<div class=\"box\"><h3 id=\"").skip(1);
    let rows = |table: &str| {
        let (_, rows) = table.split_once("<tbody role=\"rowgroup\">").unwrap();
        let (rows, _) = rows.split_once("</tbody>").unwrap();
        let cells = |row: &str| -> Vec<String> {
            let cells = row.split("<td role=\"cell\"").skip(1);
            cells
                .map(|cell| text_of_html(&format!("<{cell}")))
                .collect()
        };
        rows.split("<tr role=\"row\"").skip(1).map(cells).collect()
    };
    let title =
        |table: &str| text_of_html(table.split_once('>').unwrap().1.split('<').next().unwrap());
    tables.map(|table| (title(table), rows(table))).collect()
}

/// Whether a line says all of these, one after the other.
fn says(line: &str, cells: &[String]) -> bool {
    let mut rest = line;
    cells
        .iter()
        .all(|cell| match rest.split_once(cell.as_str()) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
}

/// Whether the lines after a title, which may be broken in two, say every row, in order.
fn lists(text: &str, title: &str, rows: &[Vec<String>]) -> bool {
    text.match_indices(title.get(..40).unwrap_or(title))
        .any(|(place, _)| {
            let mut lines = text[place..].lines();
            rows.iter().all(|row| lines.any(|line| says(line, row)))
        })
}

/// The values of a table by row and column, and those of the period before.
fn table_of_csv(text: &str, section: &str, title: &str) -> Vec<Vec<(String, String)>> {
    let mut rows: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
    for line in text.lines() {
        let cells = fields(line);
        if cells[0] == section && cells[1] == title {
            let values = (cells[5].clone(), cells[6].clone());
            rows.entry(cells[2].parse().unwrap())
                .or_default()
                .push(values);
        }
    }
    rows.into_values().collect()
}

fn raw(row: &[Cell]) -> Vec<(String, String)> {
    // A table of names alone has nothing but its first column.
    let values = row.iter().skip(usize::from(row.len() > 1)).map(Cell::raw);
    values
        .map(|(now, before)| (now, before.unwrap_or_default()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn all_forms_say_the_same_numbers(events in events()) {
        let (report, _) = by_store(&events, &allowlist());
        let sheet = sheet(&report);
        let figures = of_sheet(&sheet);
        prop_assert_eq!(figures.len(), 12);
        prop_assert_eq!(&of_json(&json::render(&report)), &figures);
        prop_assert_eq!(&of_text(&text::render(&sheet, Colour::Plain)), &figures);
        prop_assert_eq!(&of_markdown(&markdown::render(&sheet)), &figures);
        prop_assert_eq!(&of_html(&html::render(&report, &sheet)), &figures);
        let csv = csv::render(&sheet);
        prop_assert_eq!(&of_csv(&csv), &figures);
        let slack = of_slack(&report, &sheet);
        prop_assert!(slack.len() == 8 && slack.iter().all(|(label, value)| figures[label] == *value), "{:?}", slack);
    }

    /// Not the key numbers alone: every cell of every table, and of the period before.
    #[test]
    fn all_forms_have_the_same_tables(events in events()) {
        let (report, _) = by_store(&events, &allowlist());
        let sheet = sheet(&report);
        let tables = tables_of_sheet(&sheet);
        let of_html = tables_of_html(&html::render(&report, &sheet));
        let text = text::render(&sheet, Colour::Plain);
        let markdown = markdown::render(&sheet);
        // A picture that has nothing to show has no table beside it either.
        let nothing = tables.iter().filter(|(table, _)| !of_html.contains_key(table.title));
        prop_assert!(nothing.clone().count() == 0 || report.totals.judged.now == 0);
        prop_assert_eq!(of_html.len() + nothing.count(), tables.len());
        for (table, rows) in &tables {
            if let Some(of_html) = of_html.get(table.title) {
                prop_assert_eq!(of_html, rows, "{}", table.title);
            }
            // Where lines are read by people, cells of 80 columns and more are cut.
            let cut = |cell: &String| cell.chars().take(60).collect::<String>();
            let shown = rows.iter().take(20);
            let shown: Vec<Vec<String>> = shown
                .map(|row| row.iter().map(cut).collect())
                .collect();
            prop_assert!(lists(&text, table.title, &shown), "{}: {:?}\n{}", table.title, shown, text);
            prop_assert!(lists(&markdown, table.title, &shown), "{}: {:?}\n{}", table.title, shown, markdown);
        }
        let csv = csv::render(&sheet);
        for section in &sheet.sections {
            for block in &section.blocks {
                if let Block::Table(table) | Block::Chart(_, table) | Block::Figures(table) = block {
                    let wanted: Vec<_> = table.rows.iter().map(|row| raw(row)).collect();
                    prop_assert_eq!(table_of_csv(&csv, section.id, table.title), wanted, "{}", table.title);
                }
            }
        }
        let mail: serde_json::Value =
            serde_json::from_str(&mail::publication(&sheet, "2026-W47", "https://example.com").message).unwrap();
        prop_assert!(mail["default"].as_str().unwrap().ends_with(&text));
    }

    #[test]
    fn json_is_the_report_and_follows_its_schema(events in events()) {
        let (report, _) = by_store(&events, &allowlist());
        let line = json::render(&report);
        prop_assert_eq!(line.lines().count(), 1);
        prop_assert_eq!(&serde_json::from_str::<Report>(&line).unwrap(), &report);
    }
}
