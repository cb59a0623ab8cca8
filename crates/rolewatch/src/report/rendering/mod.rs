//! The report as people and machines read it: one module a form. All show the same sheet, or the
//! report itself, and escape every text for where it is shown.

mod columns;
pub mod csv;
pub mod html;
pub mod json;
pub mod mail;
pub mod markdown;
pub mod slack;
pub mod text;

use super::sheet::{Cell, Excerpt, Table};
use super::words::number;

/// The rows that are shown in a form that is read from top to bottom, and what is left out.
fn excerpt(table: &Table) -> (&[Vec<Cell>], Option<String>) {
    let rows = table.rows.as_slice();
    match table.excerpt {
        Excerpt::First(most) => (&rows[..most.min(rows.len())], and_more(table, most)),
        Excerpt::Last(most) => {
            let left_out = rows.len().saturating_sub(most);
            let said = format!("and {} before these", number(left_out as u64));
            (&rows[left_out..], (left_out > 0).then_some(said))
        }
    }
}

/// What is left out after so many, in words; nothing where it is all there.
fn and_more(table: &Table, shown: usize) -> Option<String> {
    match table.beyond(shown) {
        0 => None,
        more => Some(format!("and {} more", number(more))),
    }
}
