//! The style of a text, for what is written into it.

use std::ops::Range;

use crate::json::Layout;

/// The layout of the value at a span: on one line if it is now, else indented like the rest.
pub(super) fn layout(text: &str, span: &Range<usize>) -> Layout {
    let now = text.get(span.clone()).unwrap_or_default();
    if now.contains('\n') {
        lines(text, span.start)
    } else {
        inline(text)
    }
}

/// On one line, with blanks where the text has them.
pub(super) fn inline(text: &str) -> Layout {
    let blank = if text.contains("\": ") || text.contains('\n') {
        " "
    } else {
        ""
    };
    Layout::Inline { blank }
}

/// Over several lines, at an offset of the text.
pub(super) fn lines(text: &str, at: usize) -> Layout {
    Layout::Lines {
        unit: unit(text),
        outer: indent_at(text, at),
    }
}

/// The indent of the line of an offset.
pub(super) fn indent_at(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(line..).unwrap_or_default();
    line.chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .collect()
}

/// One level of indent: what the second line has more than the last. A document that starts in the
/// middle of a file's line has the indent of that line in its last.
fn unit(text: &str) -> String {
    let indent = |line: &str| -> String {
        line.chars()
            .take_while(|c| matches!(c, ' ' | '\t'))
            .collect()
    };
    let mut lines = text.trim_end().lines();
    let second = lines.nth(1).map(indent).unwrap_or_default();
    let last = lines.last().map(indent).unwrap_or_default();
    match second.strip_prefix(&last) {
        Some(unit) if !unit.is_empty() => unit.to_owned(),
        _ => "  ".to_owned(),
    }
}
