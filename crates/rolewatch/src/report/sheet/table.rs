//! Tables of the sheet.

use super::Cell;

/// A table. The first cell of a row names what the row is about.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is of.
    pub title: &'static str,
    /// Headings; the first is that of the rows' names.
    pub columns: Vec<&'static str>,
    /// As many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows there are in truth: lists are cut at 1,000.
    pub total: u64,
    /// What to say where there is no row.
    pub empty: String,
    /// Which rows are shown where there is no room for all.
    pub excerpt: Excerpt,
}

/// Some rows of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excerpt {
    /// The first: the others weigh less.
    First(usize),
    /// The last: they are the newest.
    Last(usize),
}

/// Rows of a table in a form that is read from top to bottom.
const ROWS: usize = 20;

impl Table {
    pub(super) fn new(title: &'static str, columns: &[&'static str], rows: Vec<Vec<Cell>>) -> Self {
        Self {
            title,
            columns: columns.to_vec(),
            total: rows.len() as u64,
            rows,
            empty: "none".into(),
            excerpt: Excerpt::First(ROWS),
        }
    }

    pub(super) fn of(self, total: u64) -> Self {
        Self { total, ..self }
    }

    pub(super) fn or(self, empty: impl Into<String>) -> Self {
        Self {
            empty: empty.into(),
            ..self
        }
    }

    /// Of rows that are in the order of time: the last of them, where there is no room for all.
    pub(super) fn newest(self, rows: usize) -> Self {
        Self {
            excerpt: Excerpt::Last(rows),
            ..self
        }
    }

    /// How many rows are beyond the first `shown`.
    #[must_use]
    pub fn beyond(&self, shown: usize) -> u64 {
        self.total.saturating_sub(shown.min(self.rows.len()) as u64)
    }
}
