//! Names that an attacker chose: shown harmlessly, whole in JSON. And what must never be shown.

#![allow(
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and nobody waits for a string"
)]

mod allowlist;
mod comparison;
mod files;
mod replay;
mod tokens;

use rolewatch_tests::{Rolewatch, read_json, rolewatch};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

/// Columns of a printed line.
const WIDEST: usize = 200;

fn branches() -> Vec<String> {
    vec![
        "<!channel>|*_~`\"'&<https://evil.example|click>".into(),
        "[click](https://evil.example) ![x](https://evil.example/x.png)".into(),
        "\u{1b}[2J\u{1b}[31m\u{1b}]0;owned\u{7}\u{1b}]8;;https://evil.example\u{1b}\\link".into(),
        "c1-\u{9b}31m\u{9d}0;owned\u{9c}\u{85}\u{90}x".into(),
        "line\nbreak\r\ncritical  unlisted-owner\u{2028}x\u{2029}y\u{b}\u{c}".into(),
        "deploy\u{202e}niam\u{202c}\u{2066}x\u{2069}\u{200f}\u{200e}\u{61c}".into(),
        "main\u{200b}\u{feff}\u{ad}\u{2060}\u{e0041}\u{fe0f}".into(),
        "tab\tnull\u{0}bell\u{7}backspace\u{8}delete\u{7f}".into(),
        "größe-日本語-🚀".into(),
        "combining\u{301}\u{301}\u{301}".into(),
        "a".repeat(4096),
        "日".repeat(1365),
        "b ".repeat(2048),
        "\u{1b}".repeat(4096),
    ]
}

/// A record whose subject, session name, user agent and address the attacker chose.
fn record(branch: &str) -> (String, Value) {
    let mut record = read_json("samples/records/unlisted-context/fires-branch.json");
    let subject = format!("repo:my-org/my-repo:ref:refs/heads/{branch}");
    let provider = record["userIdentity"]["identityProvider"].as_str().unwrap();
    let principal = format!("{provider}:sts.amazonaws.com:{subject}");
    record["userIdentity"]["principalId"] = principal.into();
    record["userIdentity"]["userName"] = subject.clone().into();
    record["responseElements"]["subjectFromWebIdentityToken"] = subject.clone().into();
    for field in [
        "userAgent",
        "sourceIPAddress",
        "awsRegion",
        "eventID",
        "recipientAccountId",
    ] {
        record[field] = branch.into();
    }
    record["requestParameters"]["roleSessionName"] = branch.into();
    record["responseElements"]["credentials"]["accessKeyId"] = branch.into();
    (subject, record)
}

fn replay(more: &str) -> Rolewatch {
    rolewatch(&format!(
        "replay --quiet --allowlist samples/allowlist.toml {more}"
    ))
}

/// Nothing that a terminal obeys, that turns text around or that cannot be seen.
fn assert_printable(output: &str) {
    for line in output.split('\n') {
        let bad = line.chars().find(|c| {
            c.is_control()
                || matches!(c,
                    '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
                    | '\u{e0000}'..='\u{e0fff}')
        });
        assert_eq!(bad, None, "{}", line.escape_debug());
    }
}

fn assert_harmless(output: &str) {
    assert_printable(output);
    for line in output.lines() {
        assert!(line.width() <= WIDEST, "{} columns: {line}", line.width());
    }
}

/// The same record with the name in each other place that a record has for one.
fn in_other_places(name: &str) -> Vec<Value> {
    let base = read_json("samples/records/unlisted-context/fires-branch.json");
    let subject = |subject: &str| {
        let mut record = base.clone();
        let provider = base["userIdentity"]["identityProvider"].as_str().unwrap();
        record["userIdentity"]["principalId"] =
            format!("{provider}:sts.amazonaws.com:{subject}").into();
        record["userIdentity"]["userName"] = subject.into();
        record["responseElements"]["subjectFromWebIdentityToken"] = subject.into();
        record
    };
    let mut records = vec![
        subject(&format!("repo:{name}/my-repo:ref:refs/heads/main")),
        subject(&format!("repo:my-org/{name}:environment:production")),
        subject(name),
    ];
    for (pointer, value) in [
        (
            "/requestParameters/roleArn",
            format!("arn:aws:iam::123456789012:role/{name}"),
        ),
        ("/requestParameters/roleArn", name.to_owned()),
        ("/responseElements/audience", name.to_owned()),
        (
            "/userIdentity/identityProvider",
            format!("https://token.actions.githubusercontent.com/{name}"),
        ),
        ("/eventTime", name.to_owned()),
    ] {
        let mut record = base.clone();
        if let Some(place) = record.pointer_mut(pointer) {
            *place = value.into();
            records.push(record);
        }
    }
    let mut denied = read_json("samples/records/denied-assumption/fires-trust-policy-said-no.json");
    denied["errorCode"] = name.into();
    denied["errorMessage"] = name.into();
    records.push(denied);
    records
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}
