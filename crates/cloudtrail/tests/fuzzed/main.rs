//! What the fuzz target `archive` asserts, over a few inputs and many small changes of them: so it
//! is built and holds wherever the tests run, without the C++ compiler that a fuzzer needs.

#![allow(clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "the fuzz target includes the module")]

mod archive;

use archive::{BEHIND, CHECKSUM, CUT, FLIP, GZIP, LENGTH, TWO_MEMBERS, WHOLE, run};
use proptest::prelude::*;

/// Texts in the target's shorthand: `~` begins a list, `@` a record, `$` is the call looked for.
const TEXTS: [&str; 13] = [
    r#"~@GetObject"},@$"},@GetObject"}]}"#,
    r#"~@$","requestParameters":{"roleArn":"arn:aws:iam::1:role/x"},"eventID":"a"},@$","eventID":"b"}]}"#,
    r#"~@GetObject","requestParameters":{"entries":[{"a":1},@$"}]},"name":"$"},@$"}]}"#,
    r#"~@GetObject","text":"},{\"eventVersion\":\"1.08\"}]}{{}"},@$","text":"}"}]}"#,
    r#"~@GetObject","requestParameters":{"entries":[{"y":"}}"},@$"},@$"}]}},@$"}]}"#,
    r#"~@Get\u004fbject"},@Assume\u0052oleWithWebIdentity"},@$","t":"\\\"\ud83d\ude00"}]}"#,
    r#"~{"eventName":"$","eventVersion":"1.08","eventID":"late"},@$"}]}"#,
    r#"{ "Records" : [ @$"} , @GetObject"} ] }"#,
    "~@$\"}]}\r\n ",
    r#"~@$"},@GetObject"}]}~@$"}]}"#,
    r#"~@GetObject","text":"0123456789012345678901234567890123456789012345678901234567890123456789"},@$"}]}"#,
    "~]}",
    "~@$\"},@GetOb",
];

#[test]
fn every_container_and_window() {
    let containers = [
        0,
        GZIP,
        TWO_MEMBERS,
        GZIP | FLIP,
        GZIP | CUT,
        GZIP | BEHIND,
        GZIP | LENGTH,
        GZIP | CHECKSUM,
        TWO_MEMBERS | FLIP,
        TWO_MEMBERS | CUT,
        TWO_MEMBERS | BEHIND,
        CUT,
    ];
    for text in TEXTS {
        for container in containers {
            for (whole, place, size) in [(0, 1, 0), (0, 90, 63), (0, 200, 255), (WHOLE, 130, 6)] {
                run(&[&[container | whole, place, size], text.as_bytes()].concat());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_of_them(
        how in any::<[u8; 3]>(),
        text in prop::sample::select(&TEXTS[..]),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(&b"@~$!{}[]\",:\\ \n1a\xff"[..])),
            0..3,
        ),
    ) {
        let mut text = text.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        run(&[&how[..], &text].concat());
    }
}
