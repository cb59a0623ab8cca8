//! Where a record ends and what it is, from its braces and its head alone.

use memchr::memchr2;

use super::braces::Braces;
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
/// A brace that opens is told from one in a string by what follows it. One that closes is always
/// counted. A string that holds one makes the record end too early, and thereby a later one, or
/// the document, too late: see the module's proof. Where a brace leaves a doubt, the one record is
/// scanned token by token.
pub(super) fn walk(bytes: &[u8]) -> Walked {
    let mut depth = 1_isize;
    // Behind the first object in the record, which is the caller's identity.
    let mut identity_end = None;
    let mut braces = Braces::new(bytes, START.len());
    while let Some(at) = braces.next() {
        let brace = brace(bytes, at);
        if !is_bracket(brace) {
            match unusual(brace) {
                Unusual::NoBrace => continue,
                Unusual::Cut => return Walked::More,
                Unusual::Doubt => return scan(bytes),
                Unusual::Text => match skip_text(bytes, at + 1) {
                    Some(end) => braces.skip_to(end),
                    None => return Walked::More,
                },
            }
            continue;
        }
        // One step down or up, without a branch that nothing could foretell.
        depth += 2 * isize::from(brace[0] == b'{') - 1;
        if depth > 1 {
            continue;
        }
        if depth == 0 {
            return end(bytes, at + 1, identity_end);
        }
        identity_end.get_or_insert(at + 1);
    }
    Walked::More
}

/// A brace with the two bytes behind it.
type Brace = [u8; 3];

#[inline]
fn brace(bytes: &[u8], at: usize) -> Brace {
    let bytes = &bytes[at..];
    match bytes.first_chunk() {
        Some(brace) => *brace,
        None => std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(MISSING)),
    }
}

/// Stands for a byte that is not at hand. No JSON holds it.
const MISSING: u8 = 0;

/// Whether the brace certainly opens an object, or closes, be it in a string. A pair of them may
/// well be in a string, where it leaves nothing open.
#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "branches here could not be foretold"
)]
fn is_bracket([brace, next, name]: Brace) -> bool {
    let names = (next == b'"') & KEYS[usize::from(name)];
    (brace == b'}') | ((brace == b'{') & (names | (next == b'}')))
}

/// Why a byte is not taken for a bracket of an object.
enum Unusual {
    /// `Braces` finds a few other bytes too.
    NoBrace,
    /// A byte that decides is not at hand.
    Cut,
    /// It is in a string.
    Text,
    /// It may be either.
    Doubt,
}

#[cold]
fn unusual([brace, next, name]: Brace) -> Unusual {
    match (brace, next, name) {
        (b'{', MISSING, _) | (b'{', b'"', MISSING) => Unusual::Cut,
        // No archive is written with space here, where it could be either.
        (b'{', b'"' | b' ' | b'\t' | b'\r' | b'\n', _) => Unusual::Doubt,
        (b'{', ..) => Unusual::Text,
        _ => Unusual::NoBrace,
    }
}

/// The bytes that a name may begin with behind a brace and a quote. Where that quote is a
/// string's end, none of these can follow it.
static KEYS: [bool; 256] = {
    let mut keys = [true; 256];
    let not = b",:]} \t\r\n\0";
    let mut at = 0;
    while at < not.len() {
        keys[not[at] as usize] = false;
        at += 1;
    }
    keys
};

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
    let (time, rest) = rest.split_first_chunk::<TIME>()?;
    let rest = rest.strip_prefix(b"\",\"eventSource\":\"")?;
    let (source, rest) = plain_text(rest)?;
    let rest = rest.strip_prefix(b",\"eventName\":\"")?;
    let (name, _) = plain_text(rest)?;
    // Sources such as `aws:s3` are of other kinds of event.
    let another = name != ASSUME_ROLE_WITH_WEB_IDENTITY.as_bytes() && !source.starts_with(b"aws:");
    // No early end, so that all bytes are compared at once.
    let plain = |all, byte: &u8| all & !ends_text(*byte);
    (another && time.iter().fold(true, plain)).then_some(())
}

/// A text that is what its bytes are, and what is behind its closing quote.
fn plain_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // These are short: looking for them sixteen bytes at a time takes longer.
    let end = bytes.iter().position(|byte| ends_text(*byte))?;
    let rest = bytes[end..].strip_prefix(b"\"")?;
    Some((&bytes[..end], rest))
}

#[inline]
fn ends_text(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
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
            r#""GetObject","text":"|~\u007f{|}~"}"#,
            "\"GetObject\",\"text\":\"\u{7f}|~\"}",
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
            r#""GetObject","text":"a}"}"#,
            r#""GetObject","text":"a\\}","b":"\\\"-}x"}"#,
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
        check(
            &HEAD
                .replace("\"s3.", "\"aws:s3.")
                .replace("\"eventName\":", "\"eventName\":\"Get\"}"),
            false,
        );
    }
}
