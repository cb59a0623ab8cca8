//! What replay shows of a record, in each format.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::{WIDEST, assert_harmless, assert_printable, branches, in_other_places, record, replay};

#[test]
fn text_holds_nothing_that_a_terminal_obeys() {
    for branch in branches() {
        let (_, record) = record(&branch);
        let run = replay("-").stdin(record.to_string()).run().exits(1);
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
        assert!(run.stdout.contains("unlisted-context"), "{}", run.stdout);
        // One finding: no line break of a name begins another.
        let heads = run
            .stdout
            .lines()
            .filter(|it| it.starts_with("critical") || it.starts_with("high"));
        assert_eq!(heads.count(), 1, "{}", run.stdout);

        // Repeated: a summary of it is shown, not the record again.
        let mut lines = String::new();
        for number in 0..3 {
            let mut again = record.clone();
            again["eventID"] = format!("{branch}{number}").into();
            lines += &format!("{again}\n");
        }
        let run = replay("-").stdin(lines).run().exits(1);
        assert!(run.stdout.contains("2 more like "), "{}", run.stdout);
        assert_harmless(&run.stdout);

        if !branch.contains('\0') {
            let explained = replay("- --explain")
                .arg(&branch)
                .stdin(record.to_string())
                .run();
            assert_harmless(&explained.exits(1).stdout);
        }
    }
}

#[test]
fn json_carries_the_whole_name_in_printable_characters() {
    for branch in branches() {
        let (subject, record) = record(&branch);
        let run = replay("--format json -")
            .stdin(record.to_string())
            .run()
            .exits(1);
        assert_printable(&run.stdout);
        let findings = run.findings();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0]["event"]["subject"], subject);
        assert_eq!(findings[0]["event"]["user_agent"], branch);
        assert_eq!(findings[0]["event"]["context"], format!("branch:{branch}"));
    }
}

#[test]
fn every_other_format_is_printable_valid_and_holds_no_markup() {
    let ocsf = jsonschema::validator_for(&rolewatch_tests::ocsf_schema()).unwrap();
    for branch in branches() {
        let (_, record) = record(&branch);
        for format in ["slack", "ocsf", "sarif"] {
            let run = replay("--format")
                .arg(format)
                .arg("-")
                .stdin(record.to_string());
            let run = run.run().exits(1);
            assert_printable(&run.stdout);
            let json: Value = serde_json::from_str(&run.stdout).unwrap();
            assert!(format != "ocsf" || ocsf.is_valid(&json), "{json}");
            if format == "slack" {
                let text = json["text"].as_str().unwrap();
                assert!(!text.contains(['<', '>']), "{text}");
            }
            if format == "sarif" {
                let text = json["runs"][0]["results"][0]["message"]["text"].as_str();
                let text = text.unwrap();
                assert_printable(text);
                assert!(!text.contains("]("), "a link: {text}");
            }
        }
    }
}

#[test]
fn a_name_is_harmless_wherever_it_stands() {
    for branch in branches() {
        let records = in_other_places(&branch);
        assert_eq!(records.len(), 9, "a place is not where it was");
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        for format in ["text", "json", "slack", "ocsf", "sarif"] {
            let run = replay("--fail-on info --format")
                .arg(format)
                .arg("-")
                .stdin(lines.join("\n"))
                .run()
                .exits(1);
            assert_printable(&run.stdout);
            assert_printable(&run.stderr);
            if format == "text" {
                assert_harmless(&run.stdout);
            }
        }
    }
}

#[test]
fn a_name_of_4_kb_is_cut_for_people_and_says_so() {
    let run = replay("samples/records/unlisted-context/fires-branch-of-4-kb.json").run();
    let subject = run
        .stdout
        .lines()
        .find(|it| it.starts_with("  subject"))
        .unwrap();
    assert!(subject.ends_with(" more)"), "{subject}");
    assert!(subject.width() <= WIDEST);
}

#[test]
fn a_damaged_record_can_be_found_and_none_hides_behind_another() {
    let (_, mut record) = record("main");
    record["eventID"] = "BROKEN-1".into();
    let damaged = record
        .to_string()
        .replace("\"readOnly\":true", "\"readOnly\":tru");
    let run = replay("- --format json").stdin(damaged).run();
    let [finding] = &run.findings()[..] else {
        panic!("{run:?}");
    };
    assert_eq!(finding["check"], "unreadable-record");
    for (field, of) in [
        ("event_id", "eventID"),
        ("time", "eventTime"),
        ("region", "awsRegion"),
        ("account", "recipientAccountId"),
    ] {
        assert_eq!(finding["event"][field], record[of], "{field}");
    }
    assert!(finding["message"].to_string().contains("BROKEN-1"));

    // One without a time has no event to show: its message has what is known.
    record["eventTime"] = Value::Null;
    let run = replay("- --format json").stdin(record.to_string()).run();
    let message = run.findings()[0]["message"].to_string();
    let role = record["requestParameters"]["roleArn"].as_str().unwrap();
    for known in ["BROKEN-1", role, "tells the time"] {
        assert!(message.contains(known), "{message}");
    }

    // Nobody's are alike.
    let mut nobody = String::new();
    for number in 0..3 {
        let mut record = record.clone();
        record["eventID"] = format!("nobody-{number}").into();
        record["eventTime"] = "2026-11-20T10:15:00Z".into();
        record["userIdentity"] = Value::Null;
        record["responseElements"] = Value::Null;
        record["requestParameters"] = Value::Null;
        record["resources"] = Value::Null;
        nobody += &format!("{record}\n");
    }
    let run = replay("-").stdin(nobody).run();
    for id in ["nobody-0", "nobody-1", "nobody-2"] {
        assert!(run.stdout.contains(id), "{}", run.stdout);
    }
}
