//! Where a record ends and what it is, from its braces and its head alone.

use memchr::{memchr, memchr2};

use crate::record::ASSUME_ROLE_WITH_WEB_IDENTITY;
use crate::scanner::{Scanner, Step};

/// How a record begins as S3 delivery writes it. In valid JSON these bytes can only begin an
/// object: inside a string their quotes would be escaped.
pub(super) const START: &[u8] = b"{\"eventVersion\"";

/// What follows a record among others, as far as it is looked at.
pub(super) const NEXT: &[u8] = b",{\"eventVersion\"";

/// What was found where a record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walked {
    /// A record of so many bytes.
    Record {
        /// Its length.
        length: usize,
        /// Whether its head says that it is a call of another name. Otherwise it has to be read.
        other: bool,
    },
    /// A record that goes on behind the bytes at hand.
    More,
    /// Something that needs the full parser.
    Surprise,
}

/// Walks over the record that `bytes` begin with, from brace to brace.
///
/// A brace that opens is told from one in a string by what follows it. One that closes cannot
/// always be told. A string that holds one makes the record end too early, and thereby a later
/// one, or the document, too late: see the module's proof. Where a brace leaves a doubt, the one
/// record is scanned token by token.
pub(super) fn walk(bytes: &[u8]) -> Walked {
    let mut depth = 1_usize;
    let mut at = START.len();
    // Behind the first object in the record, which is the caller's identity.
    let mut identity_end = None;
    while let Some(found) = memchr2(b'{', b'}', &bytes[at..]) {
        at += found + 1;
        if bytes[at - 1] == b'{' {
            match opening(&bytes[at..]) {
                Brace::Structure => depth += 1,
                Brace::Pair => at += 1,
                Brace::Text => match skip_text(bytes, at) {
                    Some(end) => at = end,
                    None => return Walked::More,
                },
                Brace::Doubt => return scan(bytes),
                Brace::More => return Walked::More,
            }
            continue;
        }
        if !may_end_value(bytes[at - 2]) {
            match skip_text(bytes, at) {
                Some(end) => at = end,
                None => return Walked::More,
            }
            continue;
        }
        depth -= 1;
        if depth == 1 {
            identity_end.get_or_insert(at);
        } else if depth == 0 {
            return end(bytes, at, identity_end);
        }
    }
    Walked::More
}

/// What a brace that opens can be, by what follows it.
enum Brace {
    /// It opens an object.
    Structure,
    /// An object without members, or those two bytes in a string: nothing is left open.
    Pair,
    /// It is in a string.
    Text,
    /// It may be either.
    Doubt,
    /// What follows is not at hand.
    More,
}

/// An object's brace is followed by a name, a brace or space. In a string a quote that follows is
/// the string's end, behind which no name can begin.
fn opening(after: &[u8]) -> Brace {
    match after {
        [] | [b'"'] => Brace::More,
        [b'"', b',' | b':' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n', ..] => Brace::Doubt,
        [b'"', ..] => Brace::Structure,
        [b'}', ..] => Brace::Pair,
        [b' ' | b'\t' | b'\r' | b'\n', ..] => Brace::Doubt,
        _ => Brace::Text,
    }
}

/// Whether a brace that closes an object can follow this byte: the end of a value, or space.
fn may_end_value(byte: u8) -> bool {
    matches!(byte, b'"' | b'}' | b']' | b'0'..=b'9' | b'e' | b'l' | b'{' | b' ' | b'\t' | b'\r' | b'\n')
}

/// The index behind the closing quote of the string that `at` is in.
fn skip_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// A record that ends at `at`, by its braces. The next one has to follow, or the list's end.
fn end(bytes: &[u8], at: usize, identity_end: Option<usize>) -> Walked {
    let after = &bytes[at..];
    let length = after.len().min(NEXT.len());
    if after.is_empty() || (length < NEXT.len() && after == &NEXT[..length]) {
        return Walked::More;
    }
    if after[0] != b']' && !after.starts_with(NEXT) {
        return scan(bytes);
    }
    let other = identity_end.is_some_and(|end| is_other_call(&bytes[end..at]).is_some());
    Walked::Record { length: at, other }
}

/// Scans the one record token by token. What it is will be known when it is read.
#[cold]
fn scan(bytes: &[u8]) -> Walked {
    let mut scanner = Scanner::new(false, 0);
    let step = scanner.advance(bytes, 0);
    match step {
        _ if scanner.fault().is_some() => Walked::Surprise,
        Step::Done(length) => Walked::Record {
            length,
            other: false,
        },
        Step::More(_) => Walked::More,
        Step::Array(_) | Step::Broken(_) => Walked::Surprise,
    }
}

/// Whether a record goes on behind its caller's identity as CloudTrail writes it, up to a name
/// that is not the one looked for, in the letters that it has. So it has the fields of a record,
/// and need not be read to be counted.
fn is_other_call(rest: &[u8]) -> Option<()> {
    const TIME: usize = "2026-11-20T10:15:00Z".len();
    let rest = rest.strip_prefix(b",\"eventTime\":\"")?;
    let (time, rest) = rest.split_at_checked(TIME)?;
    if time.contains(&b'"') || time.contains(&b'\\') {
        return None;
    }
    let rest = rest.strip_prefix(b"\",\"eventSource\":\"")?;
    let (source, rest) = rest.split_at_checked(memchr(b'"', rest)?)?;
    // Sources such as `aws:s3` are of other kinds of event.
    if source.contains(&b'\\') || source.starts_with(b"aws:") {
        return None;
    }
    let rest = rest.strip_prefix(b"\",\"eventName\":\"")?;
    let name = &rest[..memchr(b'"', rest)?];
    let plain = !name.contains(&b'\\');
    (plain && name != ASSUME_ROLE_WITH_WEB_IDENTITY.as_bytes()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::{Walked, walk};

    const HEAD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"#;

    #[track_caller]
    fn check(record: &str, other: bool) {
        for end in [",{\"eventVersion\":", "]}"] {
            let length = record.len();
            let text = format!("{record}{end}");
            assert_eq!(
                walk(text.as_bytes()),
                Walked::Record { length, other },
                "{text}"
            );
            for cut in "{\"eventVersion\"".len()..length {
                assert_eq!(walk(&text.as_bytes()[..cut]), Walked::More, "{cut} {text}");
            }
        }
    }

    #[test]
    fn a_record_ends_where_its_braces_say() {
        for rest in [
            r#""GetObject"}"#,
            r#""GetObject","a":{"b":[{"c":1},{"d":{}}]}}"#,
            r#""GetObject","policy":"{\"Version\":\"2012\",\"Statement\":[{\"a\":{}}]}"}"#,
            r#""GetObject","text":"${aws:username} {} }{ {{"}"#,
            r#""GetObject","text":"a}"}"#,
            r#""GetObject","text":"a\\}","b":"\\\"-}x"}"#,
        ] {
            check(&format!("{HEAD}{rest}"), true);
        }
    }

    #[test]
    fn a_doubt_is_scanned_and_the_record_read() {
        for rest in [
            r#""GetObject","text":"{"}"#,
            r#""GetObject","text":"{ "}"#,
            r#""GetObject","text":{ "a":1}}"#,
            r#""GetObject","text":"}"}"#,
            r#""GetObject","text":"\"}","b":[1]}"#,
            r#""GetObject","text":"\\\"}"}"#,
            r#""AssumeRoleWithWebIdentity"}"#,
            r#""Assume\u0052oleWithWebIdentity"}"#,
            "null}",
        ] {
            check(&format!("{HEAD}{rest}"), false);
        }
        for record in [
            r#"{"eventVersion":"1.08","eventName":"GetObject"}"#,
            r#"{"eventVersion":"1.08","userIdentity":null,"eventName":"GetObject"}"#,
            r#"{"eventVersion":"1.08","userIdentity":{},"eventName":"GetObject"}"#,
        ] {
            check(record, false);
        }
        check(&HEAD.replace("\"s3.", "\"aws:s3.").replace("\"eventName\":", "\"eventName\":\"Get\"}"), false);
    }
}
