//! The archive's reader says what the full parser says.

#![allow(clippy::expect_used, reason = "a test may fail")]

mod common;

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use cloudtrail::{
    ArchiveReader, Buffers, Item, Limits, Meter, OpenError, Outcome, assumptions, read,
};
use common::{gzip, record, records};
use proptest::prelude::*;

/// All that is told of a file, in words.
fn told(outcome: &Outcome, items: &[String]) -> String {
    format!("{items:#?} {outcome:#?}")
}

fn note(items: &mut Vec<String>, item: &Item<'_>) -> ControlFlow<()> {
    let hash = match item {
        Item::Record(found) => found.hash().to_string(),
        Item::Unreadable(unreadable) => unreadable.hash.to_string(),
    };
    items.push(format!("{hash} {item:?}"));
    ControlFlow::Continue(())
}

fn full_items(bytes: &[u8], limits: &Limits) -> (Outcome, Vec<String>) {
    let mut items = Vec::new();
    let outcome = read(bytes, limits, assumptions, |item| note(&mut items, &item));
    (outcome, items)
}

fn full(bytes: &[u8], limits: &Limits) -> String {
    let (outcome, items) = full_items(bytes, limits);
    told(&outcome, &items)
}

fn fast_items(
    path: &Path,
    limits: &Limits,
    buffers: Buffers,
) -> Result<(Outcome, Vec<String>), OpenError> {
    let mut items = Vec::new();
    let mut reader = ArchiveReader::with_buffers(limits.clone(), buffers);
    let outcome = reader.assumptions(path, |item| note(&mut items, &item))?;
    Ok((outcome, items))
}

fn fast(path: &Path, limits: &Limits) -> Result<String, OpenError> {
    fast_with(path, limits, Buffers::default())
}

fn fast_with(path: &Path, limits: &Limits, buffers: Buffers) -> Result<String, OpenError> {
    let (outcome, items) = fast_items(path, limits, buffers)?;
    Ok(told(&outcome, &items))
}

/// Buffers smaller than any log, so that it is read piece by piece; and smaller than some records.
fn buffers() -> impl Strategy<Value = Buffers> {
    let record = prop::sample::select(vec![300, 900, 4 << 20]);
    (1_usize..300, 1_usize..300, record).prop_map(|(window, stored, record)| Buffers {
        window,
        stored,
        record,
        whole: 0,
    })
}

/// Asserts that a file is read alike by both, as it is and compressed.
#[track_caller]
fn alike(bytes: impl AsRef<[u8]>, limits: &Limits) {
    alike_with(bytes, limits, Buffers::default());
}

#[track_caller]
fn alike_with(bytes: impl AsRef<[u8]>, limits: &Limits, buffers: Buffers) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    for stored in [bytes.as_ref().to_vec(), gzip(&bytes)] {
        fs::write(&path, &stored).expect("the disk has room");
        let (fast, full) = (
            fast_with(&path, limits, buffers).expect("it opens"),
            full(&stored, limits),
        );
        assert!(fast == full, "{fast:.2000}\nis not\n{full:.2000}");
    }
}

/// A record of S3 delivery: its head, what the customer chose, its tail.
fn delivered(name: &str, chosen: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","sessionContext":{{"webIdFederationData":{{}},"attributes":{{}}}}}},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":"{name}","requestParameters":{chosen},"responseElements":null,"resources":[{{"a":1}},{{"b":2}}],"eventID":"{name}-1","tlsDetails":{{"tlsVersion":"TLSv1.3"}}}}"#
    )
}

fn document(records: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", records.join(","))
}

const FAKE: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity"}"#;

/// What a customer may put into a record.
fn chosen() -> Vec<String> {
    vec![
        "null".into(),
        "{}".into(),
        r#"{"name":"AssumeRoleWithWebIdentity"}"#.into(),
        r#"{"eventName":"AssumeRoleWithWebIdentity","eventSource":"sts.amazonaws.com"}"#.into(),
        format!(r#"{{"entries":[{FAKE}]}}"#),
        format!(r#"{{"entries":[{{"a":1}},{FAKE},{FAKE}]}}"#),
        format!(r#"{{"text":"}}}}","entries":[{{"a":1}},{FAKE}],"more":"{{{{"}}"#),
        format!(r#"{{"text":"}}","b":["}}"],"entries":[{{"a":1}},{FAKE}],"more":["{{","{{"]}}"#),
        // Of the first entry two objects too many seem to close.
        format!(r#"{{"entries":[{{"y":"}}}}"}},{FAKE},{FAKE}]}}"#),
        format!(r#"{{"entries":[{{"y":"}}"}},{FAKE}],"more":[{{"y":["\\","}}\"}}"]}},{FAKE}]}}"#),
        r#"{"policy":"{\"Statement\":[{\"Action\":\"sts:AssumeRoleWithWebIdentity\"}]}"}"#.into(),
        r#"{"text":"},{\"eventVersion\":\"1.08\"}]}"}"#.into(),
        r#"{"text":"\\","a":"{","b":"}","c":"\"}","d":"{ }","e":"x{"}"#.into(),
        r#"{"text":"Assume\u0052oleWithWebIdentity \ud800 ü 💥"}"#.into(),
        r#"{ "spaced" : [ 1 , { "a" : { } } ] }"#.into(),
        r#"{"{":"{","}":["{","}"],"1":{"":{"_":{"Upper":{"\u00fc":{"ü":{}}}}}}}"#.into(),
        "[[{\"a\":{}}],[],[1,2]]".into(),
        format!("{{\"deep\":{}1{}}}", "[".repeat(300), "]".repeat(300)),
    ]
}

/// A record with its fields in another order.
fn shuffled() -> impl Strategy<Value = String> {
    let fields = [
        r#""eventVersion":"1.11""#,
        r#""userIdentity":{"type":"AssumedRole","sessionContext":{"attributes":{}}}"#,
        r#""eventTime":"2026-11-20T10:15:00Z""#,
        r#""eventSource":"sts.amazonaws.com""#,
        r#""requestParameters":{"eventName":"AssumeRoleWithWebIdentity","text":"}"}"#,
        r#""eventID":"shuffled""#,
    ];
    let name = prop::sample::select(vec![
        r#""eventName":"GetObject""#,
        r#""eventName":"AssumeRoleWithWebIdentity""#,
    ]);
    let order = Just(vec![0, 1, 2, 3, 4, 5, 6]).prop_shuffle();
    (name, order).prop_map(move |(name, order)| {
        let field = |place: &usize| *fields.get(*place).unwrap_or(&name);
        let ordered: Vec<&str> = order.iter().map(field).collect();
        format!("{{{}}}", ordered.join(","))
    })
}

fn element() -> impl Strategy<Value = String> {
    let usual = (
        prop::sample::select(vec!["GetObject", "AssumeRoleWithWebIdentity", "AssumeRole"]),
        prop::sample::select(chosen()),
    );
    let unusual = vec![
        record("a"),
        record("b").replace("WithWeb", "With\\u0057eb"),
        delivered("GetObject", "1").replace("eventName", "event\\u004eame"),
        r#"{"eventName":"AssumeRoleWithWebIdentity","eventVersion":"1.08","eventID":"late"}"#
            .into(),
        r#"{"eventVersion":"1.08","eventTime":"2026-11-20T10:15:00Z"}"#.into(),
        r#"{"eventVersion":"2.1"}"#.into(),
        r#"{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}"#.into(),
        delivered("GetObject", "null").replace("sts.amazonaws.com", "aws:s3"),
        delivered("GetObject", "null").replace(
            "\"responseElements\":null",
            "\"eventName\":\"AssumeRoleWithWebIdentity\"",
        ),
        delivered("AssumeRoleWithWebIdentity", "null").replace(
            "\"responseElements\":null",
            "\"eventName\":\"B\",\"eventSource\":\"aws:x\"",
        ),
        "{}".into(),
        "null".into(),
        "7".into(),
        "\"{\"".into(),
        format!("[{},{{\"a\":1}},{}]", record("c"), record("d")),
        format!(" {} ", record("e")),
    ];
    prop_oneof![
        6 => usual.prop_map(|(name, chosen)| delivered(name, &chosen)),
        1 => shuffled(),
        1 => prop::sample::select(unusual),
    ]
}

/// Valid JSON around records.
fn container() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("{\"Records\":[", "]}"),
        ("{\"Records\":[", "]}"),
        ("{\"Records\":[", "]}"),
        ("{\"Records\":[", "]}\n \r\n"),
        ("{\"Records\":[", "],\"more\":[{\"a\":{}}]}"),
        (
            "{\"Records\":[",
            "],\"Records\":[{\"eventVersion\":\"1\",\"eventID\":\"x\"}]}",
        ),
        ("{ \"Records\" : [", "] }"),
        ("\u{feff}{\"Records\":[", "]}"),
        ("{\"more\":1,\"Records\":[", "]}"),
        (
            "{\"Records\":[",
            "]}{\"Records\":[{\"eventVersion\":\"1\",\"eventID\":\"x\"}]}",
        ),
        ("{\"Records\":[", "]}\n{\"Records\":[]}\n"),
        ("[", "]"),
    ])
}

/// A log of valid JSON.
fn log() -> impl Strategy<Value = String> {
    let separators = prop::sample::select(vec![",", ",", ",", ",", ", ", ",\n", " ,"]);
    let elements = prop::collection::vec((element(), separators), 0..12);
    (container(), elements).prop_map(|((head, tail), elements)| {
        let mut text = head.to_owned();
        for (number, (element, separator)) in elements.iter().enumerate() {
            if number > 0 {
                text += separator;
            }
            text += element;
        }
        text + tail
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_json_is_read_alike(text in log()) {
        alike(&text, &Limits::default());
    }

    /// With an edge of the buffers anywhere, and with records larger than the buffers.
    #[test]
    fn pieces_are_read_alike(text in log(), buffers in buffers()) {
        alike_with(&text, &Limits::default(), buffers);
    }

    #[test]
    fn limits_are_kept_alike(text in log(), record in 100_usize..900, input in 100_u64..4000) {
        alike(&text, &Limits { record, ..Limits::default() });
        alike(&text, &Limits { input, ..Limits::default() });
        let pieces = Buffers { window: 64, stored: 64, whole: 0, ..Buffers::default() };
        alike_with(&text, &Limits { record, input, ..Limits::default() }, pieces);
    }

    #[test]
    fn what_is_cut_off_is_named_alike(
        text in log(),
        cut in any::<prop::sample::Index>(),
        buffers in buffers(),
    ) {
        let bytes = text.as_bytes();
        let bytes = &bytes[..cut.index(bytes.len() + 1)];
        alike(bytes, &Limits::default());
        alike_with(bytes, &Limits::default(), buffers);
    }

    /// Gzip as it may come: in several members, damaged, cut off, with something behind it.
    #[test]
    fn containers_are_read_alike(
        text in log(),
        split in any::<prop::sample::Index>(),
        damage in prop::option::of((any::<prop::sample::Index>(), 0_u8..8)),
        cut in prop::option::of(any::<prop::sample::Index>()),
        behind in prop::sample::select(vec![&b""[..], b"\0\0\0\0\0\0\0\0", b"\x1f\x8b", b"text"]),
        pieces in buffers(),
    ) {
        let (first, second) = text.as_bytes().split_at(split.index(text.len() + 1));
        let mut stored = gzip(first);
        if !second.is_empty() {
            stored.extend(gzip(second));
        }
        if let Some((at, bit)) = damage {
            let at = at.index(stored.len());
            stored[at] ^= 1 << bit;
        }
        if let Some(cut) = cut {
            stored.truncate(cut.index(stored.len() + 1));
        }
        stored.extend(behind);
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&stored).expect("the disk has room");
        let limits = Limits::default();
        let (wanted, all) = full_items(&stored, &limits);
        for buffers in [Buffers::default(), pieces] {
            let (outcome, mut items) =
                fast_items(file.path(), &limits, buffers).expect("it opens");
            if damage.is_some() {
                // What was handed over before the damage was found may come again, with all the
                // rest.
                items.drain(..items.len().saturating_sub(all.len()));
            }
            prop_assert_eq!(told(&outcome, &items), told(&wanted, &all));
        }
    }

    /// Damage of the text itself. What the full parser calls unreadable in the call of another
    /// name may be counted as a record; where it has nothing to say, there is no difference.
    #[test]
    fn damage_elsewhere_changes_nothing(
        text in log(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        pieces in buffers(),
    ) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let limits = Limits::default();
        let mut unreadable = false;
        let outcome = read(&bytes[..], &limits, assumptions, |item| {
            unreadable |= matches!(item, Item::Unreadable(_));
            ControlFlow::Continue(())
        });
        if outcome.complete && !unreadable {
            alike(&bytes, &limits);
            alike_with(&bytes, &limits, pieces);
        }
    }
}

#[test]
fn a_fake_that_hides_its_braces_in_strings_is_no_record() {
    for chosen in chosen() {
        for name in ["GetObject", "AssumeRoleWithWebIdentity"] {
            let fake = delivered(name, &chosen);
            alike(
                document(&[fake.clone(), record("x"), fake]),
                &Limits::default(),
            );
        }
    }
}

#[test]
fn of_a_name_before_the_identity_the_first_counts() {
    for early in [
        r#""eventName":"AssumeRoleWithWebIdentity""#,
        r#""eventSource":"aws:s3""#,
        r#""x":{},"eventSource":"aws:s3""#,
    ] {
        let early = format!("\"1.11\",{early},");
        let record = delivered("GetObject", "null").replace("\"1.11\",", &early);
        alike(document(&[record.clone(), record]), &Limits::default());
    }
}

#[test]
fn files_larger_than_any_buffer_are_read_alike() {
    // Over what is decompressed at once, so piece by piece, with records on every edge.
    let mut elements: Vec<String> = Vec::new();
    for number in 0..16_000 {
        elements.push(if number % 7 == 0 {
            record(&number.to_string())
        } else {
            delivered(
                "GetObject",
                &format!("{{\"n\":\"{}\"}}", "x".repeat(number % 900)),
            )
        });
    }
    let text = document(&elements);
    assert!(text.len() > 9 << 20);
    alike(&text, &Limits::default());
    // A surprise at the very end: what was delivered until then is not delivered twice.
    alike(format!("{text}{{}}"), &Limits::default());
}

#[test]
fn a_record_larger_than_the_buffers_is_read() {
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(5 << 20));
    for name in ["GetObject", "AssumeRoleWithWebIdentity"] {
        let elements = [record("a"), delivered(name, &large), record("b")];
        alike(document(&elements), &Limits::default());
    }
}

/// The damage is seen last, when the rest was delivered; then the file is read again.
#[test]
fn what_cannot_be_read_is_delivered_once_before_damage() {
    let records = [r##"{"text":"#"}"##, "null", r##"{"text":"#"}"##]
        .map(|chosen| delivered("AssumeRoleWithWebIdentity", chosen));
    let text: Vec<u8> = document(&records)
        .bytes()
        .map(|byte| if byte == b'#' { 0xff } else { byte })
        .collect();
    let mut stored = gzip(text);
    let checksum = stored.len() - 8;
    stored[checksum] ^= 1;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&stored).expect("the disk has room");
    let limits = Limits::default();
    let wanted = full(&stored, &limits);
    assert_eq!(wanted.matches("not valid UTF-8").count(), 2, "{wanted}");
    assert_eq!(fast(file.path(), &limits).expect("it opens"), wanted);
}

/// Each once, though the full parser finds one among those that were delivered before.
#[test]
fn what_was_delivered_before_a_surprise_is_no_duplicate() {
    let bad = delivered("GetObject", "1234x");
    let record = |n: usize| delivered("AssumeRoleWithWebIdentity", &n.to_string());
    let mut all: Vec<String> = (0..1400).map(record).collect();
    all.insert(3, bad);
    let two = format!("{}{}", document(&all), document(&[record(1400)]));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &two).unwrap();
    let pieces = Buffers {
        whole: 0,
        ..Buffers::default()
    };
    let (outcome, mut items) = fast_items(file.path(), &Limits::default(), pieces).unwrap();
    let (whole, mut wanted) = full_items(two.as_bytes(), &Limits::default());
    assert_eq!(outcome.totals, whole.totals);
    assert_eq!(items.len(), 1402);
    items.sort();
    wanted.sort();
    assert_eq!(items, wanted);
}

#[test]
fn a_length_that_lies_is_found_out() {
    for (at, length) in [(4, 5_u32), (4, u32::MAX), (4, 8 << 20), (8, 0)] {
        let mut stored = gzip(records(&["a", "b"]));
        let end = stored.len();
        stored[end - at..end - at + 4].copy_from_slice(&length.to_le_bytes());
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&stored).expect("the disk has room");
        let limits = Limits::default();
        assert_eq!(
            fast(file.path(), &limits).expect("it opens"),
            full(&stored, &limits)
        );
    }
}

/// zlib holds the header against its checksum, libdeflate does not.
#[test]
fn a_checksum_of_the_header_is_held_against_it() {
    let text = records(&["a", "b"]);
    let mut stored = gzip(&text);
    stored[3] |= 2;
    for checksum in [*b"no", [0, 0]] {
        let stored = [&stored[..10], &checksum, &stored[10..]].concat();
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&stored).expect("the disk has room");
        let limits = Limits::default();
        let said = fast(file.path(), &limits).expect("it opens");
        assert_eq!(said, full(&stored, &limits));
        assert!(said.contains("complete: false"), "{said}");
    }
}

#[test]
fn a_bomb_is_stopped_by_its_ratio_and_named() {
    let text = format!("{{\"Records\":[{}", " ".repeat(60 << 20));
    let stored = gzip(text);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&stored).expect("the disk has room");
    let said = fast(file.path(), &Limits::default()).expect("it opens");
    assert!(said.contains("Ratio"), "{said}");
    let patient = Limits {
        ratio: 1100,
        ..Limits::default()
    };
    let said = fast(file.path(), &patient).expect("it opens");
    assert!(!said.contains("Ratio"), "{said}");
}

#[test]
fn a_reader_stops_when_told_to() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&gzip(records(&["a", "b", "c"])))
        .expect("the disk has room");
    let mut seen = 0;
    let outcome = ArchiveReader::new(Limits::default())
        .assumptions(file.path(), |_| {
            seen += 1;
            ControlFlow::Break(())
        })
        .expect("it opens");
    assert!(outcome.stopped && seen == 1);
}

/// What is read is told while it is read, and what is read again is told once.
#[test]
fn a_meter_is_told_piece_by_piece() {
    let elements: Vec<String> = (0..500).map(|number| record(&number.to_string())).collect();
    for text in [document(&elements), elements.join("\n")] {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("the disk has room");
        let meter = Arc::new(Meter::default());
        let buffers = Buffers {
            window: 2000,
            whole: 0,
            ..Buffers::default()
        };
        let reader = ArchiveReader::with_buffers(Limits::default(), buffers);
        let mut reader = reader.metered(Arc::clone(&meter));
        for round in 0..2 {
            let mut seen = Vec::new();
            let outcome = reader.assumptions(file.path(), |_| {
                seen.push((meter.bytes(), meter.records()));
                ControlFlow::Continue(())
            });
            assert!(outcome.expect("it opens").complete);
            assert!(seen.is_sorted(), "{seen:?}");
            seen.dedup();
            let in_between = |(bytes, records): &(u64, u64)| {
                let total = (round * text.len() as u64, round * 500);
                *bytes > total.0 && *records > total.1 && *records < total.1 + 500
            };
            assert!(
                seen.iter().filter(|it| in_between(it)).count() >= 3,
                "{seen:?}"
            );
            let length = text.len() as u64;
            assert_eq!(meter.bytes(), (round + 1) * length);
            assert_eq!(meter.records(), (round + 1) * 500);
        }
    }
}
