//! Policies inside strings: JSON in a JSON string, URL-encoded or not.

use crate::json::{Node, decode};
use crate::policy::Offsets;

use super::role::Encoding;

/// A decoded policy.
pub(super) struct Inside {
    pub(super) text: String,
    pub(super) offsets: Offsets,
    pub(super) encoding: Encoding,
}

/// The policy inside a string of the file; nothing where its encoding is broken.
pub(super) fn inside(file: &str, node: &Node) -> Option<Inside> {
    let start = node.span.start + 1;
    let raw = file.get(start..node.span.end.checked_sub(1)?)?;
    let mut offsets = Vec::new();
    let text = decode(raw, start, Some(&mut offsets)).ok()?;
    let encoded = text.trim_start().get(..3);
    if !encoded.is_some_and(|head| head.starts_with('%')) {
        return Some(Inside {
            text,
            offsets: Offsets::Each(offsets),
            encoding: Encoding::JsonString,
        });
    }
    let (text, offsets) = percent_decode(&text, &offsets)?;
    Some(Inside {
        text,
        offsets: Offsets::Each(offsets),
        encoding: Encoding::UrlInJsonString,
    })
}

/// Undoes RFC 3986's percent-encoding, which is how IAM's API returns policies.
fn percent_decode(text: &str, from: &[usize]) -> Option<(String, Vec<usize>)> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut offsets = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        offsets.push(from.get(at).copied()?);
        if *byte == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            decoded.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    offsets.push(from.last().copied()?);
    Some((String::from_utf8(decoded).ok()?, offsets))
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub(super) fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
