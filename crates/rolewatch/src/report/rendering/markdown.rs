//! The report as Markdown, as GitHub shows it. What a record says stands in code spans, where no
//! name can ping a person, plant a link or end a table.

use std::fmt::Write as _;

use super::excerpt;
use crate::rendering::markdown::code;
use crate::rendering::terminal::escape;
use crate::report::sheet::{Block, Card, Cell, Sheet, Table};

/// A cell is cut to this many columns.
const WIDEST_CELL: usize = 200;
/// A message is cut to this many columns.
const WIDEST_MESSAGE: usize = 2000;

/// The report as Markdown.
#[must_use]
pub fn render(sheet: &Sheet) -> String {
    let mut text = format!(
        "# rolewatch: {}\n\n{}\n\n**{}.**\n",
        words(&sheet.title),
        words(&sheet.period),
        words(&sheet.verdict),
    );
    // Writing to a String cannot fail.
    for note in &sheet.notes {
        let _ = write!(text, "\n> {}\n", words(note));
    }
    if let Some(compared) = &sheet.compared {
        let _ = write!(text, "\n{}\n", words(compared));
    }
    for section in &sheet.sections {
        let _ = write!(text, "\n## {}\n", words(section.title));
        for block in &section.blocks {
            match block {
                Block::Line(line) => drop(write!(text, "\n{}\n", words(line))),
                Block::Figures(table) | Block::Table(table) | Block::Chart(_, table) => {
                    self::table(&mut text, table);
                }
                Block::Cards(cards) => cards.iter().for_each(|it| card(&mut text, it)),
            }
        }
    }
    text
}

fn table(text: &mut String, table: &Table) {
    if table.rows.is_empty() {
        let _ = write!(text, "\n{}: {}.\n", words(table.title), words(&table.empty));
        return;
    }
    let _ = write!(text, "\n{}:\n\n", words(table.title));
    let is_number = |column: usize| table.rows.iter().any(|row| row[column].is_number());
    let rules: Vec<&str> = (0..table.columns.len())
        .map(|column| if is_number(column) { "---:" } else { "---" })
        .collect();
    let _ = write!(
        text,
        "| {} |\n| {} |\n",
        table.columns.join(" | "),
        rules.join(" | ")
    );
    let (rows, left_out) = excerpt(table);
    for row in rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    if let Some(left_out) = left_out {
        let _ = write!(text, "\n{left_out}\n");
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Unknown(text) if is_plain(text) => text.clone(),
        Cell::Text(_) | Cell::Unknown(_) | Cell::Name(_) | Cell::Role(_) => {
            code(&cell.plain(), WIDEST_CELL)
        }
        _ => cell.plain(),
    }
}

fn card(text: &mut String, card: &Card) {
    let _ = write!(
        text,
        "\n### {}: {}\n\n{}\n\n{}\n\nDo: {}\n",
        card.severity.as_str(),
        code(&card.title, WIDEST_CELL),
        code(&card.message, WIDEST_MESSAGE),
        words(&card.remarks.join("; ")),
        words(&card.advice),
    );
    if let Some(suggestion) = &card.suggestion {
        let lines: Vec<String> = suggestion
            .lines()
            .map(|line| escape(line).replace('~', "\\u007E"))
            .collect();
        let _ = write!(
            text,
            "\nIf this is wanted, add to the allowlist:\n\n~~~toml\n{}\n~~~\n",
            lines.join("\n")
        );
    }
}

/// Words without anything that Markdown, HTML or GitHub would read.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || " .,:;()-?'\"%".contains(c))
        && !text.starts_with(['-', ' '])
}

/// A line of words of ours, which may quote names: whatever is more than words is code.
fn words(text: &str) -> String {
    let word = |word: &str| {
        let (name, mark) = word.split_at(word.trim_end_matches([';', ',', '.', ':', '?']).len());
        if is_plain(word) || name.is_empty() {
            word.to_owned()
        } else {
            format!("{}{mark}", code(name, WIDEST_CELL))
        }
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}
