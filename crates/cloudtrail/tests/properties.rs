//! What holds for every input.

mod common;

use cloudtrail::{Limits, Problem, ProblemKind};
use common::{Trickle, event_bridge, gzip, hear, hear_with, lookup, record, records, sqs};
use proptest::prelude::*;

/// Documents, sound and not, to be put behind one another.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        records(&["a", "b"]),
        record("c"),
        sqs(&event_bridge(&record("d"))),
        lookup(&[&record("e"), "no"]),
        record("f").replace(":null", ":nul"),
        record("g").replace(":null", ":{"),
        record("h").replace(":null", ":\"open"),
        format!("[{},null,7,{}]", record("i"), record("j")),
        "\n".to_owned(),
        "\r\n\u{feff}".to_owned(),
        "text\n".to_owned(),
        "{\"Records\":[".to_owned(),
        "]}".to_owned(),
        "null".to_owned(),
    ]);
    prop_oneof![
        8 => fixed.prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        2 => "[\\[\\]{}\",:\\\\ \n1ant]{0,40}".prop_map(String::into_bytes),
    ]
}

fn told(mut heard: common::Heard) -> String {
    // What is refused by its beginning is not read to its end: how much of it was, depends.
    let refused = |problem: &Problem| matches!(problem.kind, ProblemKind::NotJson(_));
    if heard.outcome.problems.iter().any(refused) {
        heard.outcome.totals.bytes = 0;
        heard.outcome.totals.decompressed = 0;
    }
    format!(
        "{:?} {:?} {:?} {:?}",
        heard.ids, heard.unreadable, heard.problems, heard.outcome
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_the_bytes_arrive_they_are_read_alike(
        pieces in prop::collection::vec(piece(), 0..6),
        step in prop_oneof![1_usize..20, 20_usize..3_000],
        packed in any::<bool>(),
    ) {
        let plain = pieces.concat();
        let bytes = if packed { gzip(plain) } else { plain };
        let trickle = Trickle { bytes: &bytes, step };
        let limits = Limits::default();
        prop_assert_eq!(told(hear(&bytes)), told(hear_with(trickle, &limits)));
    }

    #[test]
    fn a_limit_is_kept_however_the_bytes_arrive(
        pieces in prop::collection::vec(piece(), 0..6),
        step in 1_usize..500,
    ) {
        let bytes = pieces.concat();
        let limits = Limits { record: 600, ..Limits::default() };
        let once = hear_with(&bytes[..], &limits);
        let slow = hear_with(Trickle { bytes: &bytes, step }, &limits);
        prop_assert_eq!(once.outcome.complete, slow.outcome.complete);
    }

    #[test]
    fn a_cut_leaves_what_was_before_it(cut in 0.0..1.0_f64, many in 1_usize..40, packed in any::<bool>()) {
        let ids: Vec<String> = (0..many).map(|number| format!("id-{number}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let plain = records(&ids);
        let bytes = if packed { gzip(plain) } else { plain.into_bytes() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let cut = (bytes.len() as f64 * cut) as usize;
        let heard = hear(&bytes[..cut]);
        prop_assert!(!heard.outcome.complete);
        prop_assert!(ids.iter().zip(&heard.ids).all(|(id, found)| id == found));
        prop_assert!(heard.ids.len() <= ids.len());
    }

    #[test]
    fn plain_text_is_cut_at_the_last_whole_record(many in 1_usize..5, back in 3_usize..700) {
        let ids = &["a", "b", "c", "d"][..many - 1];
        let whole = records(&[ids, &["last"]].concat());
        let length = record("last").len();
        let cut = whole.len() - 2 - back.min(length);
        prop_assert_eq!(hear(&whole.as_bytes()[..cut]).ids, ids);
    }

    #[test]
    fn a_broken_byte_in_gzip_is_never_silent(at in 10_usize..400, bit in 0_u8..8) {
        let mut bytes = gzip(records(&["a", "b"]));
        let at = at.min(bytes.len() - 1);
        bytes[at] ^= 1 << bit;
        // Bits that fill up the last byte of the compressed data mean nothing.
        let heard = hear(bytes);
        prop_assert!(!heard.outcome.complete || heard.ids == ["a", "b"]);
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = hear(&bytes).outcome;
        let _ = hear([b"{\"Records\":[", &bytes[..]].concat()).outcome;
    }

    #[test]
    fn no_brackets_are_too_strange(text in "[\\[\\]{}\",:\\\\ \n1ant]{0,80}") {
        let _ = hear(&text).outcome;
        let after = hear(format!("{text}\n{}\n", record("z")));
        prop_assert!(after.ids.last().is_some_and(|id| id == "z") || !after.outcome.complete);
    }
}
