//! Where a record ends and what it is, from its braces and its head alone.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into `dispatch!` is built for each kind of processor"
)]

use fearless_simd::Simd;
use memchr::memchr2;

use super::block::{BLOCK, Block};
use super::head::{identity, other_call};
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

/// Walks over the record that `bytes` begin with, which is [`START`].
///
/// A brace that opens is told from one in a string by what follows it. One that closes is always
/// counted. A string that holds one makes the record end too early, and thereby a later one, or
/// the document, too late: see the module's proof. Where a brace leaves a doubt, the one record is
/// scanned token by token.
///
/// What counts are the two places where all objects are closed that are open within the caller's
/// identity, and within the record. Neither can be in a block that closes fewer than are open
/// where it begins, whatever their order: such a block is passed over by its numbers alone, and
/// only the others are walked from brace to brace.
#[inline(always)]
pub(super) fn walk<S: Simd>(simd: S, bytes: &[u8]) -> Walked {
    let (mut at, mut in_identity) = match identity(bytes) {
        Some(at) => (at, true),
        None => (START.len(), false),
    };
    let mut other = false;
    // How many objects are open, the one whose end is looked for among them.
    let mut open = 1_u32;
    loop {
        let Some(block) = Block::at(simd, bytes, at) else {
            return Walked::More;
        };
        let closed = block.close.count_ones();
        if block.doubtful == 0 && closed < open {
            open += block.open.count_ones();
            open -= closed;
            at += BLOCK;
            continue;
        }
        match braces(bytes, at, block, open) {
            Met::Nothing(next, still) => (at, open) = (next, still),
            Met::End(end) if in_identity => {
                in_identity = false;
                open = 1;
                let call = other_call(simd, bytes, end);
                other = call.is_some();
                at = call.unwrap_or(end);
            }
            Met::End(end) => return finish(bytes, end, other),
            Met::Cut => return Walked::More,
            Met::Doubt => return scan(bytes),
        }
    }
}

/// What is met in a block.
enum Met {
    /// Nothing up to there, where so many are open.
    Nothing(usize, u32),
    /// All that was open is closed before there.
    End(usize),
    /// The bytes end where they would tell what a brace is.
    Cut,
    /// A brace that may be in a string or not.
    Doubt,
}

/// Walks over the block at `at`, from brace to brace.
#[inline(always)]
fn braces(bytes: &[u8], at: usize, block: Block, mut open: u32) -> Met {
    let mut rest = block.open | block.close;
    while rest != 0 {
        let bit = rest & rest.wrapping_neg();
        let place = at + rest.trailing_zeros() as usize;
        rest ^= bit;
        if block.close & bit != 0 {
            open -= 1;
            if open == 0 {
                return Met::End(place + 1);
            }
            continue;
        }
        let opens = block.doubtful & bit == 0 || {
            match opening(bytes, place) {
                Opening::Object => true,
                Opening::Text => false,
                Opening::Cut => return Met::Cut,
                Opening::Doubt => return Met::Doubt,
            }
        };
        if opens {
            open += 1;
            continue;
        }
        match skip_text(bytes, place + 1) {
            Some(end) if end < at + BLOCK => rest &= u64::MAX << (end - at),
            Some(end) => return Met::Nothing(end, open),
            None => return Met::Cut,
        }
    }
    Met::Nothing(at + BLOCK, open)
}

/// What a brace is that opens something.
enum Opening {
    /// It certainly opens an object; or it is one of a pair, which may well be in a string, where
    /// it leaves nothing open.
    Object,
    /// It is in a string.
    Text,
    /// It may be either.
    Doubt,
    /// A byte that decides is not at hand.
    Cut,
}

#[cold]
fn opening(bytes: &[u8], place: usize) -> Opening {
    // No archive is written with space behind a brace, where it could be either; behind a quote it
    // says, as the others do, that the quote is a string's end.
    match *bytes.get(place + 1..).unwrap_or_default() {
        [] | [b'"'] => Opening::Cut,
        [b' ' | b'\t' | b'\r' | b'\n', ..]
        | [
            b'"',
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b']' | b'}',
            ..,
        ] => Opening::Doubt,
        [b'"' | b'}', ..] => Opening::Object,
        _ => Opening::Text,
    }
}

/// The index behind the closing quote of the string that `at` is in.
#[cold]
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
fn finish(bytes: &[u8], at: usize, other: bool) -> Walked {
    let after = &bytes[at..];
    if after.first() == Some(&b']') || after.starts_with(NEXT) {
        Walked::Record { length: at, other }
    } else if NEXT.starts_with(after) {
        Walked::More
    } else {
        scan(bytes)
    }
}

/// Scans the one record token by token. What it is will be known when it is read.
#[cold]
pub(super) fn scan(bytes: &[u8]) -> Walked {
    let mut scanner = Scanner::new(false, 0, bytes.len());
    let step = scanner.advance(bytes, 0);
    match step {
        _ if scanner.fault().is_some() => Walked::Surprise,
        Step::Done(length) => Walked::Record {
            length,
            other: false,
        },
        Step::More(_) => Walked::More,
        Step::Array(_) | Step::Broken(_) | Step::Deep(_) => Walked::Surprise,
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};

    use super::Walked;

    const HEAD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"#;

    fn walk(bytes: &[u8]) -> Walked {
        dispatch!(Level::new(), simd => super::walk(simd, bytes))
    }

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
            r#"{"eventVersion":"1\u002e","userIdentity":{},"eventName":"GetObject"}"#,
        ] {
            check(record, false);
        }
        let first = r#","eventName":"AssumeRoleWithWebIdentity","userIdentity""#;
        let twice = HEAD.replace(",\"userIdentity\"", first);
        check(&format!("{twice}\"GetObject\"}}"), false);
        check(
            &HEAD
                .replace("\"s3.", "\"aws:s3.")
                .replace("\"eventName\":", "\"eventName\":\"Get\"}"),
            false,
        );
    }
}
