//! What diff shows of names: in records, and in both allowlists.

use rolewatch_tests::rolewatch;
use serde_json::Value;

use super::{assert_harmless, assert_printable, branches, in_other_places, record, written};

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
