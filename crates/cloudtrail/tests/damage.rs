//! Damaged inputs: nothing but the damaged record is lost, and never in silence.

mod common;

use cloudtrail::Limits;
use common::{gzip, hear, hear_with, record, records};

/// Three records, of which the middle one is `broken`.
fn middle(broken: &str) -> String {
    format!(
        r#"{{"Records":[{},{broken},{}]}}"#,
        record("a"),
        record("c")
    )
}

#[test]
fn a_record_that_is_broken_inside_is_one_unreadable_record() {
    let good = record("b");
    for (from, to) in [
        (":null", ":nul"),
        (":null", ":01"),
        (":null", ":1e"),
        (":null", ":\"\\x\""),
        (":null", ":\"\\u12\""),
        (":null", ":\"a\tb\""),
        (":null", ":\"a\nb\""),
        (":null", ":"),
        (":null", ":,"),
        (":null", ":[1,]"),
        (":null", ":{,}"),
        (":null", " null"),
        (":null", ":null null"),
        (":null", ":null:null"),
        (":null", ":[\"a\":1]"),
        (":null", ":{\"a\",1}"),
        ("\"eventID\"", "eventID"),
    ] {
        let heard = hear(middle(&good.replace(from, to)));
        assert_eq!(heard.ids, ["a", "c"], "{from} {to}");
        assert_eq!(heard.unreadable.len(), 1, "{from} {to}");
        assert_eq!(heard.problems, [""; 0], "{from} {to}");
        let account = heard.unreadable[0].account.as_deref();
        assert_eq!(account, Some("123456789012"), "{from} {to}");
    }
}

#[test]
fn an_unreadable_record_keeps_its_id() {
    let heard = hear(middle(
        &record("b").replace(":null", ":{\"eventID\":\"fake\",\"x\":nul}"),
    ));
    assert_eq!(heard.unreadable[0].event_id.as_deref(), Some("b"));
    let again = hear(record("b").replace(":null", ":{\"eventID\":\"fake\",\"x\":nul}"));
    assert_eq!(heard.unreadable[0].hash, again.unreadable[0].hash);
}

#[test]
fn invalid_utf_8_is_one_unreadable_record() {
    let mut bytes = middle(&record("b").replace("quoted", "quo\u{1}ed")).into_bytes();
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes[at] = 0xff;
    let heard = hear(bytes);
    assert_eq!(heard.ids, ["a", "c"]);
    assert_eq!(heard.unreadable[0].event_id.as_deref(), Some("b"));
    assert!(heard.unreadable[0].reason.contains("UTF-8"));
}

#[test]
fn half_a_surrogate_pair_makes_nothing_unreadable() {
    for half in [
        "\\ud800",
        "\\udc00",
        "\\ud800\\ud800",
        "\\udc00\\ud83d\\ude00",
        "\\\\\\ud800",
    ] {
        let heard = hear(middle(&record("b").replace("quoted", half)));
        assert_eq!(heard.ids, ["a", "b", "c"], "{half}");
    }
}

#[test]
fn depth_is_no_obstacle() {
    let deep = format!(":{}1{}", "[".repeat(500), "]".repeat(500));
    let heard = hear(middle(&record("b").replace(":null", &deep)));
    assert_eq!(heard.ids, ["a", "b", "c"]);
    assert_eq!(heard.problems, [""; 0]);
    for input in ["[", "{\"a\":", "[{\"a\":"] {
        let heard = hear(input.repeat(1_000_000));
        assert!(!heard.outcome.complete);
        assert_eq!(heard.ids, [""; 0]);
    }
}

/// So brackets need no memory of their own, be they as many as they may.
#[test]
fn what_is_deeper_than_a_record_is_long_is_too_large() {
    let limits = Limits {
        record: 2000,
        ..Limits::default()
    };
    for open in ["[", "{\"a\":"] {
        let deep = |depth: usize| format!(":{}", open.repeat(depth));
        let broken = record("b").replace(":null", &deep(2001));
        let heard = hear_with(middle(&broken).as_bytes(), &limits);
        assert_eq!(heard.ids, ["a", "c"], "it is not closed");
        let problem =
            "line 1, byte 554: a value is larger than the limit of 2000 bytes and was passed over";
        assert_eq!(heard.problems[0], problem);
        let whole = format!(
            "{}1{}",
            deep(200),
            if open == "[" { "]" } else { "}" }.repeat(200)
        );
        let sound = record("b").replace(":null", &whole);
        let heard = hear_with(middle(&sound).as_bytes(), &limits);
        assert_eq!(heard.ids, ["a", "b", "c"]);
    }
}

#[test]
fn a_record_without_its_last_bracket_hides_no_other() {
    let good = record("b");
    for broken in [
        good[..good.len() - 1].to_owned(),
        good.replace("\"responseElements\":null", "\"responseElements\":{"),
        good.replace("\"responseElements\":null", "\"responseElements\":[{"),
        good.replace("\"responseElements\":null", "\"responseElements\":]"),
        good.replace("\"responseElements\":null", "\"responseElements\":\"a"),
        format!("{good}}}"),
        format!("{good}]}}"),
        good[..300].to_owned(),
    ] {
        let heard = hear(middle(&broken));
        assert!(!heard.outcome.complete, "{broken}");
        assert!(
            heard.ids.starts_with(&["a".to_owned()]),
            "{broken}: {:?}",
            heard.ids
        );
        assert!(
            heard.ids.ends_with(&["c".to_owned()]),
            "{broken}: {:?}",
            heard.ids
        );
    }
}

#[test]
fn a_bad_line_is_named_and_hides_no_other() {
    let good = record("b");
    for (bad, whole) in [
        ("oops", false),
        ("<134>Nov 20 host app: {\"a\":1}", false),
        ("{\"a\":1", false),
        ("{\"a\":\"x}", false),
        ("{\"a\":1}}", false),
        ("{\"a\" 1}", false),
        ("{a}", false),
        ("[1,2", false),
        ("\"open", false),
        ("]", false),
        ("12", true),
        ("\"text\"", true),
    ] {
        let heard = hear(format!("{}\r\n{bad}\r\n{}\r\n", record("a"), record("c")));
        assert_eq!(heard.ids, ["a", "c"], "{bad}");
        assert!(
            heard
                .problems
                .iter()
                .any(|p| p.starts_with("line 2,") || p.starts_with("line 3,")),
            "{bad}: {:?}",
            heard.problems
        );
        assert_eq!(heard.outcome.complete, whole, "{bad}");
    }
    for cut in [60, 200, 400, good.len() - 1] {
        let heard = hear(format!(
            "{}\n{}\n{}\n",
            record("a"),
            &good[..cut],
            record("c")
        ));
        assert_eq!(heard.ids, ["a", "c"], "{cut}");
        assert!(!heard.outcome.complete, "{cut}");
    }
}

#[test]
fn a_value_over_the_limit_is_passed_over() {
    let limits = Limits {
        record: 2_000,
        ..Limits::default()
    };
    let huge = record("b").replace("quoted", &"x".repeat(300_000));
    let heard = hear_with(middle(&huge).as_bytes(), &limits);
    assert_eq!(heard.ids, ["a", "c"]);
    assert_eq!(heard.problems.len(), 1);
    assert!(heard.problems[0].ends_with("larger than the limit of 2000 bytes and was passed over"));
    let lines = format!("{}\n{huge}\n{}\n", record("a"), record("c"));
    let heard = hear_with(lines.as_bytes(), &limits);
    assert_eq!((heard.ids.len(), heard.problems.len()), (2, 1));
    // What stands beside the records may be of any size.
    for input in [
        format!(
            "{{\"x\":\"{}\",\"Records\":[{}]}}",
            "x".repeat(300_000),
            record("a")
        ),
        format!(
            "{{\"Records\":[{}],\"x\":[{}1]}}",
            record("a"),
            "1,".repeat(300_000)
        ),
        format!(
            "{{\"x\":[{}1],\"Records\" \n:[{}]}}",
            "1,".repeat(300_000),
            record("a")
        ),
    ] {
        let heard = hear_with(input.as_bytes(), &limits);
        assert_eq!(
            (heard.ids.len(), heard.problems.len()),
            (1, 0),
            "{:?}",
            heard.problems
        );
    }
}

#[test]
fn an_input_over_the_limit_is_read_up_to_it() {
    let input = records(&["a", "b", "c"]);
    let enough = Limits {
        input: input.len() as u64,
        ..Limits::default()
    };
    assert!(hear_with(input.as_bytes(), &enough).outcome.complete);
    let less = Limits {
        input: input.len() as u64 - 10,
        ..Limits::default()
    };
    for stored in [input.clone().into_bytes(), gzip(&input)] {
        let heard = hear_with(&stored[..], &less);
        assert_eq!(heard.ids, ["a", "b"]);
        assert_eq!(heard.problems.len(), 1);
        assert!(heard.problems[0].contains("more than the limit"));
    }
}

#[test]
fn damaged_gzip_is_named_and_what_it_held_is_used() {
    let stored = gzip(records(&["a", "b"]));
    let mut bad_sum = stored.clone();
    let sum = stored.len() - 8;
    bad_sum[sum] ^= 1;
    let mut bad_length = stored.clone();
    bad_length[stored.len() - 1] ^= 1;
    for (input, wanted) in [
        (bad_sum, "the gzip stream is damaged"),
        (bad_length, "the gzip stream is damaged"),
        (
            [&stored[..], b"garbage"].concat(),
            "something that is not gzip follows",
        ),
        (
            [&stored[..], &[0x1f]].concat(),
            "something that is not gzip follows",
        ),
        (
            [&stored[..], &stored[..9]].concat(),
            "the gzip stream ends early",
        ),
    ] {
        let heard = hear(input);
        assert_eq!(heard.ids, ["a", "b"], "{wanted}");
        assert_eq!(heard.problems.len(), 1, "{:?}", heard.problems);
        assert!(heard.problems[0].contains(wanted), "{:?}", heard.problems);
        assert!(!heard.outcome.complete);
    }
    assert!(hear([0x1f, 0x8b]).problems[0].contains("ends early"));
}

#[test]
fn an_input_that_ends_early_says_where() {
    let whole = records(&["a", "b"]);
    let heard = hear(&whole[..whole.len() - 20]);
    assert_eq!(heard.ids, ["a"]);
    assert_eq!(heard.problems.len(), 1);
    assert!(
        heard.problems[0].contains("the input ends inside the value that begins at line 1, byte")
    );
}

#[test]
fn a_file_of_another_kind_does_not_flood() {
    let heard = hear("1\n".repeat(10_000));
    assert_eq!(heard.problems.len(), 100);
    assert_eq!(heard.outcome.more_problems, 9_900);
    assert_eq!(hear("a,b\n".repeat(10_000)).problems.len(), 1);
}

#[test]
fn nothing_but_faults_takes_no_square_in_time() {
    for unit in [
        "{\"eventVersion\"",
        "{\"eventVersion\":",
        "{,",
        "{\"a\":{\"b\":1}\n",
        "{\"a\n",
        "[{,",
    ] {
        for head in ["", "[", "{\"Records\":["] {
            let heard = hear(format!("{head}{}", unit.repeat(50_000)));
            assert!(!heard.outcome.complete, "{head}{unit}");
        }
    }
}

/// Changes every byte of the middle record in every way that moves a bracket or a quote.
#[test]
fn no_single_damage_hides_another_record() {
    let good = record("b");
    let (before, after) = (record("a"), record("c"));
    for at in 0..=good.len() {
        for change in ["", "{", "}", "[", "]", "\"", ",", ":", "\\", "\n"] {
            for cut in [0, 1] {
                let Some(rest) = good.get(at + cut..) else {
                    continue;
                };
                let broken = format!("{}{change}{rest}", &good[..at]);
                for input in [
                    format!(r#"{{"Records":[{before},{broken},{after}]}}"#),
                    format!("{before}\n{broken}\n{after}\n"),
                ] {
                    let heard = hear(&input);
                    let told = format!("{:?} {:?}", heard.ids, heard.problems);
                    assert_eq!(
                        heard.ids.first().map(String::as_str),
                        Some("a"),
                        "{broken} {told}"
                    );
                    assert_eq!(
                        heard.ids.last().map(String::as_str),
                        Some("c"),
                        "{broken} {told}"
                    );
                    // A change inside a text may leave a record, of another call even.
                    let told_of = heard.outcome.totals.records == 3
                        || !heard.outcome.complete
                        || heard.unreadable.len() == 1;
                    assert!(told_of, "{broken} {told}");
                }
            }
        }
    }
}
