//! Text for people, line by line: escaped, and no wider than a terminal.

use std::fmt::Write as _;

use rolewatch::finding::Severity;
use rolewatch::rendering::terminal::{WIDEST_LINE, cut, escape, fold, wrap};
use rolewatch::rendering::text::Colour;

/// The column at which values begin.
const LABEL_COLUMNS: usize = 14;
/// Prose is broken at this many columns.
const PROSE_COLUMNS: usize = 88;

/// Text as it grows.
pub(crate) struct Lines {
    text: String,
    colour: Colour,
}

impl Lines {
    pub(crate) fn new(colour: Colour) -> Self {
        let text = String::new();
        Self { text, colour }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// One line; what is too wide is cut.
    pub(crate) fn line(&mut self, line: &str) {
        self.push(&cut(&escape(line), WIDEST_LINE));
    }

    pub(crate) fn blank(&mut self) {
        self.push("");
    }

    /// One line in a colour (an ANSI code).
    pub(crate) fn painted(&mut self, code: &str, line: &str) {
        let line = self.colour.paint(code, &cut(&escape(line), WIDEST_LINE));
        self.push(&line);
    }

    /// A severity's word in its colour, and the rest of the line.
    pub(crate) fn graded(&mut self, severity: Severity, rest: &str) {
        const WORD: usize = 8;
        let rest = escape(rest);
        let rest = cut(&rest, WIDEST_LINE - WORD);
        self.push(&format!("{}{rest}", self.colour.severity(severity)));
    }

    /// Sentences, wrapped and indented.
    pub(crate) fn prose(&mut self, indent: usize, text: &str) {
        for part in wrap(&escape(text), PROSE_COLUMNS) {
            let part = cut(&part, WIDEST_LINE - indent);
            self.push(&format!("{:indent$}{part}", ""));
        }
    }

    /// A label and a value, whole: what is too wide goes on in the next line.
    pub(crate) fn field(&mut self, label: &str, value: &str) {
        self.entry(2, label, value);
    }

    /// The same with the label at another column.
    pub(crate) fn entry(&mut self, indent: usize, label: &str, value: &str) {
        let column = (indent + label.len() + 2).max(indent + LABEL_COLUMNS - 2);
        let mut head = format!("{:indent$}{label}", "");
        for part in fold(&escape(value), WIDEST_LINE.saturating_sub(column)) {
            self.push(&format!("{head:<column$}{part}"));
            head.clear();
        }
    }

    fn push(&mut self, line: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}", line.trim_end_matches(' '));
    }
}
