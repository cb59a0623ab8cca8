//! Where a record ends and what it is, from its braces and its head alone.

use memchr::{memchr, memchr2};

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
/// A brace that opens is told from one in a string by what follows it. One that closes cannot
/// always be told. A string that holds one makes the record end too early, and thereby a later
/// one, or the document, too late: see the module's proof. Where a brace leaves a doubt, the one
/// record is scanned token by token.
pub(super) fn walk(bytes: &[u8]) -> Walked {
    let mut depth = 1_isize;
    // Behind the first object in the record, which is the caller's identity.
    let mut identity_end = None;
    let mut braces = Braces::new(bytes, START.len());
    while let Some(at) = braces.next() {
        let around = around(bytes, at);
        let [_, brace, ..] = around;
        if is_structure(around) {
            // One step down or up, without a branch that nothing could foretell.
            depth += 2 * isize::from(brace == b'{') - 1;
            if depth > 1 {
                continue;
            }
            if depth == 0 {
                return end(bytes, at + 1, identity_end);
            }
            identity_end.get_or_insert(at + 1);
        } else if !is_brace(around) {
            // `Braces` finds a few other bytes too.
        } else if is_cut(around) {
            return Walked::More;
        } else if is_text(around) {
            match skip_text(bytes, at + 1) {
                Some(end) => braces.skip_to(end),
                None => return Walked::More,
            }
        } else {
            return scan(bytes);
        }
    }
    Walked::More
}

/// A brace with the byte before it and the two behind.
type Around = [u8; 4];

#[inline]
fn around(bytes: &[u8], at: usize) -> Around {
    let bytes = &bytes[at - 1..];
    match bytes.first_chunk() {
        Some(around) => *around,
        None => std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(MISSING)),
    }
}

/// Whether the brace is certainly an object's, or one that closes and may be.
#[inline]
fn is_structure(around: Around) -> bool {
    let [_, _, next, name] = around;
    let not_a_name = next == b'"' && !KEYS[usize::from(name)] && opens(around);
    is_brace(around) && kind(around) == STRUCTURE && !not_a_name
}

fn is_text(around: Around) -> bool {
    kind(around) == TEXT
}

/// Whether a byte that decides is not at hand.
fn is_cut(around: Around) -> bool {
    let [_, _, next, name] = around;
    opens(around) && (next == MISSING || (next == b'"' && name == MISSING))
}

#[inline]
fn kind(around: Around) -> u8 {
    let [before, _, next, _] = around;
    let opens = opens(around);
    KINDS[usize::from(opens)][usize::from(if opens { next } else { before })]
}

#[inline]
fn is_brace([_, brace, ..]: Around) -> bool {
    matches!(brace, b'{' | b'}')
}

#[inline]
fn opens([_, brace, ..]: Around) -> bool {
    brace == b'{'
}

/// Stands for a byte that is not at hand. No JSON holds it.
const MISSING: u8 = 0;

/// What a brace is by the byte beside it: in a string, either, or a bracket of an object. A pair
/// of them may well be in a string, where it leaves nothing open.
const TEXT: u8 = 0;
const DOUBT: u8 = 1;
const STRUCTURE: u8 = 2;

/// For braces that close, by the byte before: the end of a value, or space. For braces that open,
/// by the byte behind: a name's quote, the other brace, or space, with which no archive is
/// written.
static KINDS: [[u8; 256]; 2] = {
    let mut kinds = [[TEXT; 256]; 2];
    let ends = b"\"}]{0123456789el \t\r\n";
    let mut at = 0;
    while at < ends.len() {
        kinds[0][ends[at] as usize] = STRUCTURE;
        at += 1;
    }
    let mut space = 0;
    while space < SPACE.len() {
        kinds[1][SPACE[space] as usize] = DOUBT;
        space += 1;
    }
    kinds[1][b'"' as usize] = STRUCTURE;
    kinds[1][b'}' as usize] = STRUCTURE;
    kinds
};

const SPACE: &[u8] = b" \t\r\n";

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
    let (time, rest) = rest.split_at_checked(TIME)?;
    let rest = rest.strip_prefix(b"\",\"eventSource\":\"")?;
    let (source, rest) = rest.split_at_checked(memchr(b'"', rest)?)?;
    let rest = rest.strip_prefix(b"\",\"eventName\":\"")?;
    let name = &rest[..memchr(b'"', rest)?];
    // Sources such as `aws:s3` are of other kinds of event.
    let another = name != ASSUME_ROLE_WITH_WEB_IDENTITY.as_bytes() && !source.starts_with(b"aws:");
    (another && is_plain(time) && is_plain(source) && is_plain(name)).then_some(())
}

/// Whether a text is what its bytes are, and ends behind them.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| !matches!(byte, b'"' | b'\\'))
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
            r#""GetObject","text":"|~\u007f{|}~"}"#,
            "\"GetObject\",\"text\":\"\u{7f}|~\"}",
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
        check(
            &HEAD
                .replace("\"s3.", "\"aws:s3.")
                .replace("\"eventName\":", "\"eventName\":\"Get\"}"),
            false,
        );
    }
}
