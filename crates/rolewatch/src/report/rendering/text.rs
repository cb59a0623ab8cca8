//! The report as plain text, for a terminal and for mail.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::{ROWS, and_more};
use crate::rendering::terminal::{WIDEST_LINE, cut, escape, wrap};
use crate::rendering::text::Colour;
use crate::report::sheet::{Block, Card, Sheet, Table, Tone};

/// Prose is broken at this many columns.
const PROSE: usize = 76;
/// A cell is cut to this many columns.
const WIDEST_CELL: usize = 80;

/// The report as text.
#[must_use]
pub fn render(sheet: &Sheet, colour: Colour) -> String {
    let mut text = Text::default();
    text.line(&colour.paint(
        "1",
        &format!("rolewatch: {}, {}", sheet.title, sheet.period),
    ));
    let mood = match sheet.tone {
        Tone::Calm => "32",
        Tone::Concerned => "33",
        Tone::Alarmed => "1;31",
    };
    for part in wrap(&escape(&sheet.verdict), PROSE) {
        text.line(&colour.paint(mood, &part));
    }
    for note in &sheet.notes {
        text.prose(&format!("! {note}"), "");
    }
    sheet.compared.iter().for_each(|it| text.prose(it, ""));
    for section in &sheet.sections {
        text.line("");
        text.line(&colour.paint("1", &section.title.to_uppercase()));
        for block in &section.blocks {
            match block {
                Block::Line(line) => text.prose(line, "  "),
                Block::Figures(table) | Block::Table(table) | Block::Chart(_, table) => {
                    text.table(table);
                }
                Block::Cards(cards) => cards.iter().for_each(|card| text.card(card, colour)),
            }
        }
    }
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{}", line.trim_end());
    }

    fn prose(&mut self, prose: &str, indent: &str) {
        for part in wrap(&escape(prose), PROSE) {
            self.line(&format!(
                "{indent}{}",
                cut(&part, WIDEST_LINE - indent.len())
            ));
        }
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            self.prose(&format!("{}: {}", table.title, table.empty), "  ");
            return;
        }
        self.line("");
        self.prose(table.title, "  ");
        let shown = table.rows.iter().take(ROWS);
        let cells = shown.map(|row| {
            row.iter()
                .map(|cell| cut(&escape(&cell.plain()), WIDEST_CELL).into_owned())
                .collect()
        });
        let mut lines: Vec<Vec<String>> =
            vec![table.columns.iter().map(|&it| it.to_owned()).collect()];
        lines.extend(cells);
        let is_number =
            |column: usize| column > 0 && table.rows.iter().any(|row| row[column].is_number());
        let widths: Vec<usize> = (0..table.columns.len())
            .map(|column| {
                lines
                    .iter()
                    .map(|line| line[column].width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for line in &lines {
            let padded = line.iter().enumerate().map(|(column, cell)| {
                let room = " ".repeat(widths[column].saturating_sub(cell.width()));
                if is_number(column) {
                    format!("{room}{cell}")
                } else {
                    format!("{cell}{room}")
                }
            });
            let padded: Vec<String> = padded.collect();
            self.line(&cut(&format!("    {}", padded.join("  ")), WIDEST_LINE));
        }
        if let Some(more) = and_more(table, ROWS) {
            self.line(&format!("    {more}"));
        }
    }

    fn card(&mut self, card: &Card, colour: Colour) {
        self.line("");
        let headline = wrap(&escape(&card.title), PROSE);
        self.line(&format!(
            "  {} {}",
            colour.severity(card.severity),
            card.check
        ));
        for part in headline {
            self.line(&format!(
                "    {}",
                colour.paint("1", &cut(&part, WIDEST_LINE - 4))
            ));
        }
        self.prose(&card.message, "    ");
        self.prose(&card.remarks.join("; "), "    ");
        self.prose(&format!("Do: {}", card.advice), "    ");
        if let Some(suggestion) = &card.suggestion {
            self.line("    If this is wanted, add to the allowlist:");
            for part in suggestion.lines() {
                self.line(&format!("      {}", cut(&escape(part), WIDEST_LINE - 6)));
            }
        }
    }
}
