//! Findings as JSON, one object a line: whole values, and still nothing that a terminal obeys.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::is_unprintable;
use crate::alert::Alert;
use crate::finding::Finding;

/// A finding as one line of JSON (`rolewatch.finding/1`), without the line's end.
///
/// # Errors
/// What writing gives.
pub fn write_finding(out: &mut impl io::Write, finding: &Finding) -> io::Result<()> {
    write_line(out, &Alert::from(finding))
}

/// A value as one line of compact JSON, without the line's end. Unprintable characters are
/// written as `\u` escapes, which mean the same.
///
/// # Errors
/// What writing gives.
pub fn write_line(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(out, Printable(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Compact, with unprintable characters escaped.
struct Printable(CompactFormatter);

impl Formatter for Printable {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unprintable) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let Some(c) = rest[at..].chars().next() else {
                break;
            };
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        char_escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, char_escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        write_line(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn controls_and_marks_are_escaped() {
        assert_eq!(
            line(&"a\u{9b}b\u{202e}c\u{e0041}\n"),
            r#""a\u009bb\u202ec\udb40\udc41\n""#
        );
    }

    proptest! {
        #[test]
        fn the_value_is_whole_and_printable(text in any::<String>()) {
            let line = line(&text);
            prop_assert!(!line.contains(is_unprintable));
            prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        }
    }
}
