//! What can still be had of a record that is not valid JSON.

/// Longer than any id that AWS writes.
const LONGEST: usize = 128;

/// The text of the member `name` of the outermost object, if it is short and intact. Nested
/// members, which a caller of AWS may name as they like, do not count.
pub(crate) fn text(bytes: &[u8], name: &str) -> Option<String> {
    let mut found = None;
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(bytes, at)?;
                if depth == 1 && &bytes[at + 1..end - 1] == name.as_bytes() {
                    found = value(&bytes[end..]).or(found);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Whether bytes that are not valid JSON were meant to be a record.
pub(crate) fn looks_like_record(bytes: &[u8]) -> bool {
    [
        "\"eventVersion\"",
        "\"eventName\"",
        "\"eventSource\"",
        "\"eventID\"",
    ]
    .iter()
    .filter(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
    .count()
        >= 2
}

/// Whether a record seems to be somewhere in these bytes, be it in texts in texts, or with its names
/// in other letters, as databases write them.
pub(crate) fn seems_to_hold_record(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"eventVersion", b"eventName", b"eventSource", b"eventID"];
    let mut met = [false; NAMES.len()];
    for quote in memchr::memchr_iter(b'"', bytes) {
        let rest = &bytes[quote + 1..];
        for (name, met) in NAMES.iter().zip(&mut met) {
            *met |= rest
                .split_at_checked(name.len())
                .is_some_and(|(head, rest)| {
                    head.eq_ignore_ascii_case(name) && matches!(rest.first(), Some(b'"' | b'\\'))
                });
        }
    }
    met.iter().filter(|met| **met).count() >= 2
}

fn value(bytes: &[u8]) -> Option<String> {
    let bytes = bytes
        .trim_ascii_start()
        .strip_prefix(b":")?
        .trim_ascii_start();
    let end = (bytes.first() == Some(&b'"')).then(|| string_end(bytes, 0))??;
    let text: String = serde_json::from_slice(&bytes[..end]).ok()?;
    (!text.is_empty() && text.len() <= LONGEST).then_some(text)
}

/// The index behind the string that begins at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The text with each escaped half of a surrogate pair that has no other half replaced, so that
/// a caller who gets one into a user agent does not make the record unreadable. `None` if there
/// is none.
pub(crate) fn mend_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        match (unit(bytes, at), unit(bytes, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.push_str(text.get(copied..at)?);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            _ => at += 2,
        }
        if at >= bytes.len() {
            break;
        }
    }
    mended.push_str(text.get(copied..)?);
    (copied > 0).then_some(mended)
}

/// The code unit that is escaped at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
