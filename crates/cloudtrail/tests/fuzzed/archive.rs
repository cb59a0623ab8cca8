//! Where the full parser finds nothing to complain about, the archive's reader says the same; where
//! only the container is damaged, it says no less; and no bytes make either of them panic.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;

use cloudtrail::{ArchiveReader, Buffers, Item, Limits, assumptions, read};
use flate2::{Compression, write::GzEncoder};

/// How S3 delivery begins a record, which a fuzzer would be long in finding.
const HEAD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":""#;

/// The bits of the first byte: what is done to the text.
pub const GZIP: u8 = 1;
pub const TWO_MEMBERS: u8 = 2;
pub const FLIP: u8 = 4;
pub const CUT: u8 = 8;
pub const BEHIND: u8 = 16;
pub const LENGTH: u8 = 32;
pub const CHECKSUM: u8 = 64;
/// A file may be held as a whole.
pub const WHOLE: u8 = 128;

/// What is read: three bytes that say how the text is stored and read, then the text.
pub fn run(input: &[u8]) {
    let Some(([how, place, size], text)) = input.split_first_chunk::<3>().map(|(a, b)| (*a, b))
    else {
        return;
    };
    let text = written_out(text);
    let stored = stored(&text, how, place);
    let size = usize::from(size) + 1;
    let buffers = Buffers {
        window: size,
        stored: size,
        record: if how & WHOLE == 0 { 4 << 20 } else { 16 * size },
        whole: if how & WHOLE == 0 { 0 } else { 8 << 20 },
    };
    let container = how & (GZIP | TWO_MEMBERS) != 0;
    check(if container { &text } else { &stored }, &stored, buffers);
}

/// `@` stands for a record's head, `~` for a list's.
fn written_out(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for byte in text {
        match byte {
            b'@' => bytes.extend(HEAD.as_bytes()),
            b'~' => bytes.extend(b"{\"Records\":["),
            b'$' => bytes.extend(b"AssumeRoleWithWebIdentity"),
            byte => bytes.push(*byte),
        }
    }
    bytes
}

/// The text as a file may hold it.
fn stored(text: &[u8], how: u8, place: u8) -> Vec<u8> {
    let at = |length: usize| length * usize::from(place) / 256;
    let mut stored = if how & (GZIP | TWO_MEMBERS) == 0 {
        text.to_vec()
    } else if how & TWO_MEMBERS == 0 {
        gzip(text)
    } else {
        let (first, second) = text.split_at(at(text.len()));
        [gzip(first), gzip(second)].concat()
    };
    let length = stored.len();
    if how & LENGTH != 0 && length >= 4 {
        stored[length - 4] ^= place | 1;
    }
    if how & CHECKSUM != 0 && length >= 8 {
        stored[length - 8] ^= place | 1;
    }
    if how & FLIP != 0 && length > 0 {
        stored[at(length)] ^= 1 << (place % 8);
    }
    if how & CUT != 0 {
        stored.truncate(at(length));
    }
    if how & BEHIND != 0 {
        stored.extend(match place % 3 {
            0 => &b"\0\0\0\0"[..],
            1 => b"\x1f\x8b",
            _ => b"{}",
        });
    }
    stored
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all")
}

/// What was found, and whether all of it could be read.
#[derive(Default)]
struct Heard {
    items: Vec<String>,
    unreadable: bool,
}

impl Heard {
    fn note(&mut self, item: &Item<'_>) -> ControlFlow<()> {
        match item {
            Item::Record(found) => {
                let record = format!("{} {:?}", found.byte, found.record);
                self.items.push(record);
            }
            Item::Unreadable(_) => self.unreadable = true,
        }
        ControlFlow::Continue(())
    }
}

/// What the full parser says, and whether it has nothing to complain about.
fn full(bytes: &[u8], limits: &Limits) -> (Heard, String, bool) {
    let mut heard = Heard::default();
    let outcome = read(bytes, limits, assumptions, |item| heard.note(&item));
    let sound = outcome.complete && outcome.problems.is_empty() && !heard.unreadable;
    (heard, format!("{outcome:?}"), sound)
}

fn check(text: &[u8], stored: &[u8], buffers: Buffers) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, stored).expect("the disk has room");
    let limits = Limits::default();
    let mut fast = Heard::default();
    let outcome = ArchiveReader::with_buffers(limits.clone(), buffers)
        .assumptions(&path, |item| fast.note(&item))
        .expect("the file is there");
    let (wanted, wanted_outcome, sound) = full(stored, &limits);
    // JSON has no bytes but UTF-8.
    let json = std::str::from_utf8(text).is_ok() && full(text, &limits).2;
    if sound && json {
        assert_eq!(fast.items, wanted.items);
    } else if json {
        // What was handed over before the damage was found may come again, with all the rest.
        assert!(fast.items.ends_with(&wanted.items));
    }
    if json {
        assert_eq!(format!("{outcome:?}"), wanted_outcome);
    }
}
