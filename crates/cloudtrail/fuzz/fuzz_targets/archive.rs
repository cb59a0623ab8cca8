//! Where the full parser finds nothing to complain about, the archive's reader says the same; and
//! no bytes make either of them panic.

#![no_main]

use std::fs;
use std::ops::ControlFlow;

use cloudtrail::{ArchiveReader, Item, Limits, assumptions, read};
use libfuzzer_sys::fuzz_target;

/// How S3 delivery begins a record, which a fuzzer would be long in finding.
const HEAD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":""#;

fn note(items: &mut Vec<String>, sound: &mut bool, item: &Item<'_>) -> ControlFlow<()> {
    match item {
        Item::Record(found) => items.push(format!("{} {:?}", found.byte, found.record)),
        Item::Unreadable(_) => *sound = false,
    }
    ControlFlow::Continue(())
}

fuzz_target!(|text: &[u8]| {
    // `@` stands for a record's head, `~` for a list's.
    let mut bytes = Vec::new();
    for byte in text {
        match byte {
            b'@' => bytes.extend(HEAD.as_bytes()),
            b'~' => bytes.extend(b"{\"Records\":["),
            b'$' => bytes.extend(b"AssumeRoleWithWebIdentity"),
            byte => bytes.push(*byte),
        }
    }
    let path = std::env::temp_dir().join(format!("cloudtrail-fuzz-{}", std::process::id()));
    if fs::write(&path, &bytes).is_err() {
        return;
    }
    let limits = Limits::default();
    let (mut fast, mut full, mut sound) = (Vec::new(), Vec::new(), true);
    let mut ignored = true;
    let read_fast = ArchiveReader::new(limits.clone())
        .assumptions(&path, |item| note(&mut fast, &mut ignored, &item));
    let read_full = read(&bytes[..], &limits, assumptions, |item| {
        note(&mut full, &mut sound, &item)
    });
    // JSON has no bytes but UTF-8.
    if sound && read_full.complete && std::str::from_utf8(&bytes).is_ok() {
        let read_fast = read_fast.expect("the file is there");
        assert_eq!(fast, full);
        assert_eq!(format!("{read_fast:?}"), format!("{read_full:?}"));
    }
});
