//! Every container that records arrive in.

mod common;

use common::{assert_ids, event_bridge, gzip, hear, lookup, record, records, sns, sqs, text};

#[test]
fn log_files() {
    assert_ids(r#"{"Records":[]}"#, &[]);
    assert_ids(records(&["a"]), &["a"]);
    assert_ids(records(&["a", "b", "c"]), &["a", "b", "c"]);
    assert_ids(
        records(&["a"])
            .replace('{', "\n { ")
            .replace(',', "\t,\r\n"),
        &["a"],
    );
}

#[test]
fn members_around_the_records() {
    let elements = format!("[{},{}]", record("a"), record("b"));
    for input in [
        format!(r#"{{"before":[1,{{"x":[]}}],"Records":{elements}}}"#),
        format!(r#"{{"Records":{elements},"after":{{"y":"}}"}}}}"#),
        format!(r#"{{"a":1,"R\u0065cords" : {elements} , "b":"]}}"}}"#),
        format!(
            "{{\"a\":\"{}\",\"Records\":{elements}}}",
            "x".repeat(300_000)
        ),
    ] {
        assert_ids(input, &["a", "b"]);
    }
    assert_ids(
        format!(
            r#"{{"Records":[{}],"Records":[{}]}}"#,
            record("a"),
            record("b")
        ),
        &["a", "b"],
    );
}

#[test]
fn a_nested_name_is_no_container() {
    let inside = record("a").replace(
        r#""roleSessionName""#,
        &format!(r#""Records":[{}],"roleSessionName""#, record("fake")),
    );
    assert_ids(&inside, &["a"]);
    assert_ids(format!(r#"{{"Records":[{inside}]}}"#), &["a"]);
    assert_ids(event_bridge(&inside), &["a"]);
}

#[test]
fn bare_records_alone_in_arrays_and_in_lines() {
    let (a, b) = (record("a"), record("b"));
    assert_ids(&a, &["a"]);
    assert_ids(format!("{a}{b}"), &["a", "b"]);
    assert_ids(format!("[{a},{b}]"), &["a", "b"]);
    assert_ids(format!("{a}\n{b}"), &["a", "b"]);
    assert_ids(format!("\u{feff}{a}\r\n\r\n  \r\n{b}\r\n\n"), &["a", "b"]);
    assert_ids(
        format!("{}{}", records(&["a"]), records(&["b"])),
        &["a", "b"],
    );
    assert_ids(
        format!("[{},{}]", records(&["a"]), records(&["b"])),
        &["a", "b"],
    );
    assert_ids(
        format!(
            "{}\n{b}\n[{a}]\n{}\n",
            records(&["x"]),
            event_bridge(&record("y"))
        ),
        &["x", "b", "a", "y"],
    );
}

#[test]
fn envelopes_in_envelopes() {
    let event = event_bridge(&record("a"));
    assert_ids(&event, &["a"]);
    assert_ids(sqs(&event), &["a"]);
    assert_ids(sns(&event), &["a"]);
    assert_ids(sqs(&sns(&event)), &["a"]);
    assert_ids(sqs(&records(&["a", "b"])), &["a", "b"]);
    let lambda = format!(
        r#"{{"Records":[{{"EventVersion":"1.0","EventSource":"aws:sns","Sns":{}}}]}}"#,
        sns(&event)
    );
    assert_ids(lambda, &["a"]);
    let received = format!(
        r#"{{"Messages":[{{"MessageId":"1","Body":{}}}]}}"#,
        text(&event)
    );
    assert_ids(received, &["a"]);
    let logs = format!(
        r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{}}},{{"id":"2","message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}}]}}"#,
        text(&record("a"))
    );
    assert_ids(logs, &["a"]);
}

#[test]
fn the_answers_of_lookup_events() {
    assert_ids(lookup(&[&record("a"), &record("b")]), &["a", "b"]);
    assert_ids(r#"{"Events": []}"#, &[]);
    let heard = hear(lookup(&["<html>", &record("b"), "{\"eventName\":"]));
    assert_eq!(heard.ids, ["b"]);
    let ids: Vec<_> = heard
        .unreadable
        .iter()
        .map(|u| u.event_id.as_deref())
        .collect();
    assert_eq!(ids, [Some("outer"), Some("outer")]);
}

#[test]
fn gzip_of_one_and_several_members() {
    assert_ids(gzip(records(&["a"])), &["a"]);
    let two = [gzip(records(&["a"])), gzip(records(&["b"]))].concat();
    assert_ids(&two, &["a", "b"]);
    // A member may end anywhere, and may be empty.
    let whole = records(&["a", "b"]);
    let (head, tail) = whole.split_at(700);
    assert_ids([gzip(head), gzip(""), gzip(tail)].concat(), &["a", "b"]);
}

#[test]
fn what_is_stored_and_what_it_holds_is_measured() {
    let plain = records(&["a", "b"]);
    let stored = gzip(&plain);
    let totals = hear(&stored).outcome.totals;
    assert_eq!(totals.bytes, stored.len() as u64);
    assert_eq!(totals.decompressed, plain.len() as u64);
    assert_eq!(totals.records, 2);
}

#[test]
fn other_records_are_counted_and_checked() {
    let other = record("b").replace("AssumeRoleWithWebIdentity", "AssumeRole");
    let broken = other.replace("\"192.0.2.10\"", "01");
    let heard = hear(format!(
        r#"{{"Records":[{other},{},{broken}]}}"#,
        record("a")
    ));
    assert_eq!(heard.ids, ["a"]);
    assert_eq!(
        (
            heard.outcome.totals.records,
            heard.outcome.totals.unreadable
        ),
        (2, 1)
    );
}

#[test]
fn digests_are_counted_without_complaint() {
    let digest = r#"{"awsAccountId":"123456789012","digestStartTime":"2026-11-20T10:00:00Z","digestEndTime":"2026-11-20T11:00:00Z","digestS3Bucket":"logs","logFiles":[]}"#;
    let heard = hear(digest);
    assert_eq!(heard.problems, [""; 0]);
    assert_eq!(heard.outcome.totals.digests, 1);
    assert_eq!(heard.outcome.totals.records, 0);
}

#[test]
fn what_is_not_cloudtrail_is_named() {
    for (input, wanted) in [
        ("null".to_owned(), "line 1, byte 0: found a JSON null, not a CloudTrail record"),
        ("{}".to_owned(), "line 1, byte 0: found an empty JSON object, not a CloudTrail record"),
        (
            r#"{"a":1,"b":2,"c":3,"d":4}"#.to_owned(),
            "line 1, byte 0: found a JSON object with the keys a, b, c (1 more), not a CloudTrail record",
        ),
        (
            event_bridge(r#"{"state":"ok"}"#).replace("AWS API Call via CloudTrail", "EC2 State"),
            "line 1, byte 0: found an EventBridge event of type \"EC2 State\", not a CloudTrail record",
        ),
        (
            r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-11-20T10:15:00Z","eventName":"ObjectCreated:Put","s3":{}}]}"#.to_owned(),
            "line 1, byte 12: found \"ObjectCreated:Put\" of \"aws:s3\", not a CloudTrail record",
        ),
        (sqs("hello"), "line 1, byte 12: found text that starts with \"hello\", not a CloudTrail record"),
        (r#"{"Records":["a"]}"#.to_owned(), "line 1, byte 12: found a JSON string, not a CloudTrail record"),
        ("[[1]]".to_owned(), "line 1, byte 1: found a JSON array, not a CloudTrail record"),
    ] {
        let heard = hear(&input);
        assert_eq!(heard.problems, [wanted], "{input}");
        assert!(heard.outcome.complete, "{input}");
    }
}

/// A container that nobody here knows is no archive without records.
#[test]
fn what_seems_to_hold_a_record_may_hide_it() {
    let lower = record("a")
        .replace("eventVersion", "eventversion")
        .replace("eventName", "eventname")
        .replace("eventTime", "eventtime")
        .replace("eventSource", "eventsource")
        .replace("eventID", "eventid");
    let wrapped = format!(r#"{{"_index":"logs","_source":{}}}"#, record("a"));
    let rows = format!(
        r#"{{"QueryResultRows":[[{{"eventJson":{}}}]]}}"#,
        text(&record("a"))
    );
    for (input, what) in [
        (
            format!(r#"{{"Records":[{wrapped},{}]}}"#, record("b")),
            "a JSON object with the keys _index, _source",
        ),
        (
            format!(r#"{{"Records":[{},{}]}}"#, text(&record("a")), record("b")),
            "a JSON string",
        ),
        (
            format!("{}\n{wrapped}\n", record("b")),
            "a JSON object with the keys _index, _source",
        ),
        (
            format!("{rows}\n{}", record("b")),
            "a JSON object with the keys QueryResultRows",
        ),
        (
            format!("{}\n{}", text(&text(&record("a"))), record("b")),
            "found",
        ),
        (
            format!("{lower}\n{}", record("b")),
            "a JSON object with the keys",
        ),
        (
            format!(
                "{}\n{}",
                event_bridge(&format!("{{\"event\":{}}}", record("a"))),
                record("b")
            ),
            "an EventBridge event",
        ),
        (
            format!("{}\n{}", sqs(&text(&record("a"))), record("b")),
            "a JSON string",
        ),
    ] {
        let heard = hear(&input);
        assert_eq!(heard.ids, ["b"], "{input}");
        assert!(heard.problems[0].contains(what), "{:?}", heard.problems);
        assert!(!heard.outcome.complete, "{input}");
    }
}

/// `aws logs filter-log-events` and `get-log-events`.
#[test]
fn the_answers_of_cloudwatch_logs() {
    let event = |id| format!(r#"{{"timestamp":1,"message":{}}}"#, text(&record(id)));
    let answer = format!(
        r#"{{"events":[{},{}],"nextForwardToken":"f/1"}}"#,
        event("a"),
        event("b")
    );
    assert_ids(answer, &["a", "b"]);
}

#[test]
fn what_is_not_json_may_hide_records() {
    for (input, wanted) in [
        (&b""[..], "line 1, byte 0: the input is empty"),
        (
            b" \r\n\t\xef\xbb\xbf\n",
            "line 3, byte 8: the input is empty",
        ),
        (
            b"PK\x03\x04\x14\0\0\0",
            "line 1, byte 0: found a zip archive, not JSON",
        ),
        (b"\0\x01\x02", "line 1, byte 0: found binary data, not JSON"),
        (
            b"<html>\n<p>\n</html>",
            "line 1, byte 0: found text that starts with \"<html>\", not JSON",
        ),
        (
            b"\xff\xfe{\0",
            "line 1, byte 0: found UTF-16 text, not JSON",
        ),
    ] {
        let heard = hear(input);
        assert_eq!(heard.problems, [wanted]);
        assert!(!heard.outcome.complete);
    }
}

#[test]
fn nesting_ends_at_its_limit() {
    let mut input = event_bridge(&record("a"));
    for _ in 0..6 {
        input = sns(&input);
    }
    let heard = hear(input);
    assert_eq!(
        heard.problems,
        ["line 1, byte 0: containers are nested more than 4 deep"]
    );
    assert!(!heard.outcome.complete);
}
