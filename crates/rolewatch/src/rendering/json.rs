//! Findings as JSON, one object a line: whole values, and still nothing that a terminal obeys.

use std::borrow::Cow;
use std::fmt::Write as _;
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

/// JSON with the unprintable characters of its texts written as escapes, which mean the same.
pub(crate) fn printable(json: &str) -> Cow<'_, str> {
    // Beyond ASCII there are only texts.
    let is_foreign = |c: char| !c.is_ascii() && is_unprintable(c);
    if !json.contains(is_foreign) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_foreign(c) {
            escaped.push_str(&escape(c));
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// A character as JSON escapes it: in UTF-16.
fn escape(c: char) -> String {
    let units = c.encode_utf16(&mut [0; 2]).to_vec();
    units.iter().fold(String::new(), |mut escaped, unit| {
        // Writing to a string cannot fail.
        let _ = write!(escaped, "\\u{unit:04x}");
        escaped
    })
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
            writer.write_all(escape(c).as_bytes())?;
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
        // SQS takes neither of these as they are.
        assert_eq!(line(&"\u{fffe}\u{ffff}"), r#""\ufffe\uffff""#);
    }

    proptest! {
        #[test]
        fn the_value_is_whole_and_printable(text in any::<String>()) {
            let line = line(&text);
            prop_assert!(!line.contains(is_unprintable));
            prop_assert_eq!(&serde_json::from_str::<String>(&line).unwrap(), &text);
            let plain = serde_json::to_string_pretty(&[&text]).unwrap();
            let printable = printable(&plain);
            let raw = |c: char| !c.is_ascii() && is_unprintable(c);
            prop_assert!(!printable.contains(raw), "{}", printable);
            prop_assert_eq!(serde_json::from_str::<[String; 1]>(&printable).unwrap(), [text]);
        }
    }
}
