//! The report as plain text, for a terminal and for mail.

use std::fmt::Write as _;

use super::{columns, excerpt};
use crate::rendering::terminal::{WIDEST_LINE, cut, escape, wrap};
use crate::rendering::text::Colour;
use crate::report::sheet::{Block, Card, Sheet, Table, Tone};

/// Prose is broken at this many columns.
const PROSE: usize = 76;
/// Before each line of a table.
const TABLE: &str = "    ";

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
        let (rows, left_out) = excerpt(table);
        for line in columns::aligned(table, rows, WIDEST_LINE - TABLE.len()) {
            self.line(&format!("{TABLE}{line}"));
        }
        if let Some(left_out) = left_out {
            self.line(&format!("{TABLE}{left_out}"));
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
