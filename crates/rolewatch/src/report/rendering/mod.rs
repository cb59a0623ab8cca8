//! The report as people and machines read it: one module a form. All show the same sheet, or the
//! report itself, and escape every text for where it is shown.

pub mod csv;
pub mod html;
pub mod json;
pub mod mail;
pub mod markdown;
pub mod slack;
pub mod text;

/// Rows of a table in a form that is read from top to bottom.
const ROWS: usize = 20;

/// What is left out, in words; nothing where it is all there.
fn and_more(table: &super::sheet::Table, shown: usize) -> Option<String> {
    match table.beyond(shown) {
        0 => None,
        more => Some(format!("and {} more", super::words::number(more))),
    }
}
