//! Markdown as GitHub shows it: names of others stand in code spans, where none can ping a person,
//! plant a link or end a table.

use super::terminal::{cut, escape};

/// A code span that nothing in it ends, not even a table's border.
#[must_use]
pub fn code(text: &str, columns: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = escape(text).replace('`', "'").replace('|', "\u{2502}");
    format!("`{}`", cut(&text, columns))
}
