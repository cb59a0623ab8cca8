//! What is wrong with an allowlist, and where: all of it, in file order.

use std::ops::Range;

use serde::Serialize;

use crate::rendering::terminal::escape;

/// How much a [`Diagnostic`] weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The file cannot be used.
    Error,
    /// The file can be used; somebody should look. Never changes an exit code.
    Warning,
}

/// One problem, with its place and its cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub level: Level,
    /// Bytes of the file that it is about.
    pub span: Range<usize>,
    /// First line of the span, from 1.
    pub line: usize,
    /// Column of the span's start in characters, from 1.
    pub column: usize,
    /// What is wrong, a lower-case fragment. Unprintable characters of the file are spelt out.
    pub message: String,
    /// What to do about it, written likewise.
    pub help: String,
}

/// Collects problems while a file is compiled, so that one run reports all of them.
#[derive(Debug)]
pub(super) struct Diagnostics<'t> {
    text: &'t str,
    found: Vec<Diagnostic>,
}

impl<'t> Diagnostics<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            found: Vec::new(),
        }
    }

    pub(super) fn error(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Error, span, &message.into(), &help.into());
    }

    pub(super) fn warning(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Level::Warning, span, &message.into(), &help.into());
    }

    /// A file's text is quoted in messages: here is where it becomes harmless.
    fn add(&mut self, level: Level, span: Range<usize>, message: &str, help: &str) {
        let start = self.text.floor_char_boundary(span.start);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.found.push(Diagnostic {
            level,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span: start..self.text.ceil_char_boundary(span.end.max(start)),
            message: escape(message).into_owned(),
            help: escape(help).into_owned(),
        });
    }

    /// The line, from 1, of a place in the file.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.text[..self.text.floor_char_boundary(at)]
            .matches('\n')
            .count()
            + 1
    }

    /// Everything found, in file order.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by_key(|found| (found.span.start, found.span.end));
        self.found.dedup();
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut diagnostics = Diagnostics::new("a = 1\né = 'ü' # x\n");
        diagnostics.error(14..15, "second", "-");
        diagnostics.warning(0..1, "first", "-");
        diagnostics.error(500..600, "beyond", "-");
        let places: Vec<_> = diagnostics
            .finish()
            .iter()
            .map(|d| (d.line, d.column, d.message.clone()))
            .collect();
        assert_eq!(
            places,
            [
                (1, 1, "first".into()),
                (2, 7, "second".into()),
                (3, 1, "beyond".into())
            ]
        );
    }
}
