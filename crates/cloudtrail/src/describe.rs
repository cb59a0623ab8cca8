//! Naming what was found where a record was looked for, in a few words and safe to print.

use crate::shape::Shape;

/// Characters quoted of anything.
const QUOTED: usize = 40;

/// Formats that are told by how they begin, and are never worth reading on.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"PAR1", "a Parquet file"),
    (b"Obj\x01", "an Avro file"),
    (b"BZh", "bzip2 data"),
    (b"%PDF", "a PDF file"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x1f\x8b", "gzip data inside gzip data"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
];

/// How many bytes [`signature`] wants to see.
pub(crate) const SIGNATURE: usize = 6;

pub(crate) fn signature(bytes: &[u8]) -> Option<&'static str> {
    SIGNATURES
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, name)| *name)
}

/// Names bytes that are not the beginning of a JSON value.
pub(crate) fn bytes(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4 * QUOTED)];
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if head.iter().any(control) {
        return "binary data".to_owned();
    }
    format!(
        "text that starts with {}",
        quote(&String::from_utf8_lossy(head))
    )
}

/// Names a JSON value that is not an object.
pub(crate) fn value(bytes: &[u8]) -> &'static str {
    match bytes.first() {
        Some(b'{') => "a JSON object",
        Some(b'[') => "a JSON array",
        Some(b'"') => "a JSON string",
        Some(b't' | b'f') => "a JSON boolean",
        Some(b'n') => "a JSON null",
        _ => "a JSON number",
    }
}

/// Names an object by its first members.
pub(crate) fn object(shape: &Shape<'_>) -> String {
    if let Some(source) = shape.event_source.as_deref() {
        let name = shape.event_name.as_deref().unwrap_or("an event");
        return format!("{} of {}", quote(name), quote(source));
    }
    let names: Vec<String> = shape
        .names
        .iter()
        .take(shape.members)
        .map(|name| plain(name))
        .collect();
    match shape.members.saturating_sub(names.len()) {
        0 if names.is_empty() => "an empty JSON object".to_owned(),
        0 => format!("a JSON object with the keys {}", names.join(", ")),
        rest => format!(
            "a JSON object with the keys {} ({rest} more)",
            names.join(", ")
        ),
    }
}

/// The first line's beginning, in quotes.
pub(crate) fn quote(text: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    format!("\"{}\"", plain(line))
}

/// Shortened, with everything escaped that a terminal could take for more than text.
fn plain(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).flat_map(escape).collect();
    if text.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    short
}

fn escape(c: char) -> impl Iterator<Item = char> {
    let printable = c.is_alphanumeric() || c == ' ' || c.is_ascii_punctuation();
    let escaped = (!printable).then(|| c.escape_unicode());
    escaped.into_iter().flatten().chain(printable.then_some(c))
}
