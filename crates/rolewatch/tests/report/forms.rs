//! Every form of a report says the same numbers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::Report;
use rolewatch::report::rendering::{csv, html, json, markdown, slack, text};
use rolewatch::report::sheet::{Block, Cell, Sheet, sheet};

use crate::events::{allowlist, by_store, events};

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

/// The numbers of a table by row, in the order of its columns.
fn table_of_sheet(sheet: &Sheet, title: &str) -> Vec<Vec<String>> {
    let tables = sheet
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Table(table) | Block::Chart(_, table) => Some(table),
            _ => None,
        });
    let table = tables.into_iter().find(|table| table.title == title);
    let cells = |row: &Vec<Cell>| row.iter().skip(1).map(|cell| cell.raw().0).collect();
    table
        .map(|table| table.rows.iter().map(cells).collect())
        .unwrap_or_default()
}

fn table_of_csv(text: &str, title: &str) -> Vec<Vec<String>> {
    let mut rows: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        if cells[1] == title {
            rows.entry(cells[2].parse().unwrap())
                .or_default()
                .push(cells[5].trim_matches('"').to_owned());
        }
    }
    rows.into_values().collect()
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
        for title in ["By role", "Calls a day", "Repositories and the roles they assumed"] {
            prop_assert_eq!(table_of_csv(&csv, title), table_of_sheet(&sheet, title), "{}", title);
        }
    }

    #[test]
    fn json_is_the_report_and_follows_its_schema(events in events()) {
        let (report, _) = by_store(&events, &allowlist());
        let line = json::render(&report);
        prop_assert_eq!(line.lines().count(), 1);
        prop_assert_eq!(&serde_json::from_str::<Report>(&line).unwrap(), &report);
    }
}
