//! The report's tables as one table of cells, for spreadsheets: RFC 4180, and nothing in it that
//! a spreadsheet would take for a formula.

use crate::rendering::terminal::escape;
use crate::report::sheet::{Block, Cell, Section, Sheet, Table};

/// The first characters of formulas and commands, those of full width included.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'];

/// The report as CSV: a line a cell, with the section, the table, the row and its name.
#[must_use]
pub fn render(sheet: &Sheet) -> String {
    let mut lines = vec![line(&[
        "section", "table", "row", "item", "column", "value", "before",
    ])];
    lines.push(line(&["report", "", "", "period", "", &sheet.period, ""]));
    lines.push(line(&["report", "", "", "verdict", "", &sheet.verdict, ""]));
    lines.extend(
        sheet
            .notes
            .iter()
            .map(|note| line(&["report", "", "", "note", "", note, ""])),
    );
    for section in &sheet.sections {
        for block in &section.blocks {
            match block {
                Block::Figures(table) | Block::Table(table) | Block::Chart(_, table) => {
                    lines.extend(cells(section, table));
                }
                Block::Line(text) => lines.push(line(&[section.id, "", "", "note", "", text, ""])),
                Block::Cards(cards) => {
                    for (place, card) in cards.iter().enumerate() {
                        let row = (place + 1).to_string();
                        let cell = |column, value: &str| {
                            line(&[section.id, "worst", &row, &card.check, column, value, ""])
                        };
                        lines.push(cell("title", &card.title));
                        lines.push(cell("remarks", &card.remarks.join("; ")));
                        lines.push(cell("advice", &card.advice));
                    }
                }
            }
        }
    }
    lines.concat()
}

fn cells<'a>(section: &'a Section, table: &'a Table) -> impl Iterator<Item = String> + 'a {
    table.rows.iter().enumerate().flat_map(move |(place, row)| {
        let row_number = (place + 1).to_string();
        let item = row.first().map(Cell::plain).unwrap_or_default();
        // A table of names alone has nothing but its first column.
        let from = usize::from(row.len() > 1);
        let columns = table.columns.iter().zip(row).skip(from);
        columns.map(move |(column, cell)| {
            let (value, before) = cell.raw();
            let before = before.unwrap_or_default();
            line(&[
                section.id,
                table.title,
                &row_number,
                &item,
                column,
                &value,
                &before,
            ])
        })
    })
}

fn line(fields: &[&str]) -> String {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    format!("{}\r\n", fields.join(","))
}

/// One field: visible, quoted where it has to be, and never a formula.
fn field(text: &str) -> String {
    let text = escape(text);
    let guard = if text.trim_start().starts_with(FORMULA) {
        "'"
    } else {
        ""
    };
    let text = format!("{guard}{text}");
    if text.contains(['"', ',', '\'', ';']) || text.starts_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(
            field("=HYPERLINK(\"https://evil.example\")"),
            "\"'=HYPERLINK(\"\"https://evil.example\"\")\""
        );
        assert_eq!(field("  @SUM(1)"), "\"'  @SUM(1)\"");
        assert_eq!(field("\t=1"), "\\t=1");
        assert_eq!(field("my-org/my-repo"), "my-org/my-repo");
        assert_eq!(field("a,b"), "\"a,b\"");
    }

    proptest! {
        #[test]
        fn no_field_begins_a_formula_or_ends_the_line(text in any::<String>()) {
            let field = field(&text);
            prop_assert!(!field.contains(['\n', '\r']));
            let inner = field.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let value = inner.map_or(field.clone(), |it| it.replace("\"\"", "\""));
            prop_assert!(!value.trim_start().starts_with(FORMULA), "{}", field);
        }
    }
}
