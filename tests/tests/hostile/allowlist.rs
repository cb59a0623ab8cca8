//! Allowlists: what is learnt from names, and what is said of a file that somebody else wrote.

use rolewatch_tests::rolewatch;
use serde_json::Value;

use super::{assert_harmless, assert_printable, branches, in_other_places, written};

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
