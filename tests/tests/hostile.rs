//! Names that an attacker chose: shown harmlessly, whole in JSON. And what must never be shown.

#![allow(
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and nobody waits for a string"
)]

use rolewatch_tests::{Rolewatch, SESSION_TOKEN, read_json, rolewatch, root};
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

/// What is learnt of a name is written where it could end a string, a comment or a line.
#[test]
fn a_learnt_allowlist_holds_names_harmlessly() {
    for branch in branches() {
        let records = in_other_places(&branch);
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        let run = rolewatch("init -").stdin(lines.join("\n")).run().exits(0);
        assert_printable(&run.stdout);
        assert_harmless(&run.stderr);
        let comments = run.stdout.lines().filter(|line| line.starts_with('#'));
        assert_harmless(&comments.collect::<Vec<_>>().join("\n"));
        let check = rolewatch("allowlist check")
            .arg(written(&run.stdout).path())
            .run();
        assert!(check.success().ends_with("mode audit\n"));
    }
}

/// Lets everybody in whom a rule can.
const ALL: &str = r#"
version = 1
[[allow]]
name = "all"
roles = ["arn:aws:iam::*:role/*"]
repositories = ["*/*"]
contexts = ["any"]
max_session = "12h"
[[allow]]
name = "@here `b` <b>|x\u001b[2J\n"
roles = ["arn:aws:iam::*:role/*"]
subjects = ["*:*:*"]
caller = "any"
[[ignore]]
check = "denied-assumption"
subjects = ["*:*:*", "*:*:*:*", "*:*"]
reason = "@everyone `x` | <img src=x>\n## y"
until = 2999-01-01
"#;

fn compared(format: &str, new: &str, input: String) -> rolewatch_tests::Run {
    let (nothing, all) = (written("version = 1\n"), written(new));
    let diff = rolewatch(&format!("diff --quiet - --format {format} --from"));
    diff.arg(nothing.path())
        .arg("--to")
        .arg(all.path())
        .stdin(input)
        .run()
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

/// Outside of code spans there are words of ours alone, and a row has as many cells as its head.
fn assert_inert(markdown: &str) {
    assert_printable(markdown);
    for line in markdown.lines() {
        let outside: String = line.split('`').step_by(2).collect();
        let markup = ["@", "<", ">", "://", "*[", "](", "repo:", "evil"];
        let found = markup.iter().find(|it| outside.contains(**it));
        assert_eq!(found, None, "{line}");
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
        if line.starts_with("| ") && line.contains('`') {
            assert_eq!(line.matches('|').count(), 6, "{line}");
        }
    }
}

#[test]
fn a_comparison_shows_names_harmlessly() {
    for branch in branches() {
        let (_, record) = record(&branch);
        let mut records = in_other_places(&branch);
        records.push(record);
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        let input = || lines.join("\n");
        assert_harmless(&compared("text", ALL, input()).exits(1).stdout);
        assert_printable(&compared("json", ALL, input()).exits(1).stdout);
        let markdown = compared("markdown", ALL, input()).exits(1).stdout;
        assert_inert(&markdown);
        assert!(markdown.contains("denied-assumption"), "{markdown}");
    }
}

#[test]
fn a_comment_is_never_longer_than_github_takes() {
    let mut lines = String::new();
    for number in 0..2000 {
        let name = format!("{number}{}", "日\u{301}".repeat(300));
        let (_, mut record) = record(&name);
        record["eventID"] = format!("e{number}").into();
        lines += &format!("{record}\n");
    }
    let mut rules = ALL.to_owned();
    for number in 0..40 {
        let name = format!("{number}{}", "日\u{301}".repeat(300));
        rules += &format!("[[allow]]\nname = \"{name}\"\nroles = [\"arn:aws:iam::*:role/*\"]\n");
        rules += "repositories = [\"*/*\"]\ncontexts = [\"any\"]\n";
    }
    let markdown = compared("markdown", &rules, lines).exits(1).stdout;
    assert_inert(&markdown);
    assert!(markdown.len() <= 65_536, "{} bytes", markdown.len());
    let more: u64 = markdown
        .lines()
        .find_map(|line| line.strip_prefix("and ")?.split(' ').next()?.parse().ok())
        .unwrap();
    let shown = markdown
        .lines()
        .filter(|line| line.contains("`all`") && line.starts_with("| "));
    assert_eq!(shown.count() as u64 + more, 2000);
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

/// Everything rolewatch can print about the samples, in every format.
#[test]
fn a_session_token_is_never_printed() {
    let mut held = 0;
    for path in rolewatch_tests::files("samples") {
        let bytes = std::fs::read(root().join(&path)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        if path.starts_with("samples/records") {
            held += usize::from(text.contains(SESSION_TOKEN));
        }
        for format in ["text", "json"] {
            let run = replay(&format!("--format {format} {path}")).run();
            assert!(!run.stdout.contains(SESSION_TOKEN), "{path}");
            assert!(!run.stderr.contains(SESSION_TOKEN), "{path}");
        }
    }
    assert!(held > 50, "{held} samples hold the token");
    let (_, record) = record("dev");
    let event = record["eventID"].as_str().unwrap();
    let explained = replay("- --explain")
        .arg(event)
        .stdin(record.to_string())
        .run()
        .exits(1);
    assert!(!explained.stdout.contains(SESSION_TOKEN));
}

#[test]
fn a_damaged_record_does_not_leak_its_token() {
    let (_, record) = record("dev");
    let whole = record.to_string();
    let token = whole.find(SESSION_TOKEN).unwrap();
    let mut damaged = vec![
        whole.clone(),
        whole.replace(SESSION_TOKEN, &format!("{SESSION_TOKEN}\\q")),
        whole.replace("\"sessionToken\":", "\"sessionToken\":\\"),
        whole.replace(&format!("\"{SESSION_TOKEN}\""), SESSION_TOKEN),
        // A token where nobody expects one.
        format!("{{\"{SESSION_TOKEN}\":1}}"),
        whole[token..].to_owned(),
    ];
    damaged.extend(
        (0..SESSION_TOKEN.len())
            .step_by(7)
            .map(|at| whole[..=token + at].to_owned()),
    );
    for input in &damaged[..4] {
        for format in ["text", "json"] {
            let run = replay(&format!("--format {format} -"))
                .stdin(input.as_str())
                .run();
            assert!(
                !run.stdout.contains(SESSION_TOKEN),
                "{input}\n{}",
                run.stdout
            );
            assert!(
                !run.stderr.contains(SESSION_TOKEN),
                "{input}\n{}",
                run.stderr
            );
        }
    }
    for input in &damaged {
        let run = replay("-").stdin(input.as_str()).run();
        assert!([1, 2].contains(&run.code), "{input}");
    }
}

#[cfg(unix)]
#[test]
fn names_of_files_are_shown_harmlessly() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let log = std::fs::read(root().join("samples/containers/cloudtrail.json")).unwrap();
    let mut written = 0;
    for name in [
        &b"\x1b[2Jgood.json"[..],
        b"not-utf-8-\xff\xfe.json",
        b"line\nbreak.json",
        "\u{202e}nosj".as_bytes(),
        b"-",
    ] {
        // Some file systems take UTF-8 only.
        let good = folder.path().join(OsStr::from_bytes(name));
        let bad = folder
            .path()
            .join(OsStr::from_bytes(&[name, b".bad"].concat()));
        if std::fs::write(good, &log).is_ok() {
            std::fs::write(bad, "not a log").unwrap();
            written += 1;
        }
    }
    for format in ["text", "json"] {
        let run = replay("--format")
            .arg(format)
            .arg(folder.path())
            .run()
            .exits(2);
        assert_printable(&run.stdout);
        assert_printable(&run.stderr);
        assert_eq!(
            run.stderr
                .lines()
                .filter(|it| it.starts_with("rolewatch: error: "))
                .count(),
            written
        );
        if format == "json" {
            assert_eq!(run.findings().len(), 1, "the good ones are read");
            let failed = run.summary()["inputs"]["failed"].as_array().unwrap().len();
            assert_eq!(failed, written);
        }
    }
}

#[test]
fn long_paths_do_not_make_long_lines() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("d".repeat(200)).join("e".repeat(200));
    std::fs::create_dir_all(&long).unwrap();
    std::fs::write(long.join("log.json"), "not a log").unwrap();
    let run = replay("").arg(folder.path()).run().exits(2);
    assert_harmless(&run.stderr);
    assert!(
        run.stderr
            .replace("\n    ", "")
            .contains(long.to_str().unwrap()),
        "{}",
        run.stderr
    );
}

/// The allowlist is ours, but a pull request to it need not be.
#[test]
fn an_allowlist_is_shown_harmlessly() {
    let names = branches();
    let mut text = String::from("version = 1\n");
    for name in &names {
        let quoted = Value::from(name.as_str()).to_string();
        // JSON's escapes mean the same to TOML, and what JSON leaves alone stays as it is.
        let raw: String = name
            .chars()
            .filter(|c| !c.is_control() || ('\u{80}'..'\u{a0}').contains(c))
            .collect();
        text += &format!(
            "mode = {quoted}\n[[allow]]\nname = {quoted}\ncolour = '{}'\n",
            raw.replace('\'', "")
        );
        text += &format!(
            "[[test]]\nname = {quoted}\nrole = {quoted}\nsubject = {quoted}\nexpect = {quoted}\n"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\u{1b}[2J\u{202e}.toml");
    std::fs::write(&path, &text).unwrap();
    for command in [
        "allowlist check",
        "allowlist check --format json",
        "allowlist test",
        "replay samples/archive --allowlist",
    ] {
        let run = rolewatch(command).arg(&path).run().exits(2);
        assert_printable(&run.stdout);
        assert_printable(&run.stderr);
        if !command.ends_with("json") {
            assert_harmless(&run.stdout);
            assert_harmless(&run.stderr);
        }
    }
}
