//! What holds for every command: exit codes, colour, pipes.

use std::io::Write;
use std::process::{Command, Stdio};

use rolewatch_tests::{ALLOWLIST, ARCHIVE, Run, binary, rolewatch, root};

const REPLAY: &str = "replay --quiet --allowlist samples/allowlist.toml samples/archive";

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2() {
    for arguments in [
        "",
        "guess",
        "replay",
        "replay --format yaml samples/archive",
        "replay --threads 0 samples/archive",
        "replay --explain x --format json samples/archive",
        "init",
        "init --threads 0 samples/archive",
        "diff",
        "diff samples/archive",
        "diff --from samples/allowlist.toml samples/archive",
        "diff --from samples/allowlist.toml --to samples/allowlist.toml",
        "diff --fail-on high --from samples/allowlist.toml --to samples/allowlist.toml samples/archive",
        "report",
        "report --format pdf samples/archive",
        "report --state x samples/archive",
        "report --schema samples/archive",
        "allowlist",
        "allowlist explain",
        "trust",
        "trust lint",
        "trust lint --format yaml samples/trust/good/both-forms.json",
        "trust explain --policy samples/trust/good/both-forms.json",
        "trust fix",
        "snooze",
        "snooze 59e2a0588b65d113",
        "snooze list",
        "snooze end",
        "workflow",
        "workflow lint --format yaml",
        "drill",
        "drill --sub a --role b",
        "drill --sub a --role arn:aws:iam::123456789012:role/x --wait 1m",
        "token",
        "token inspect",
        "token verify",
    ] {
        let run = rolewatch(arguments).run().exits(2);
        assert_eq!(run.stdout, "", "{arguments}");
        assert!(!run.stderr.is_empty(), "{arguments}");
    }
}

#[test]
fn there_is_no_colour_where_there_is_no_terminal() {
    for arguments in [
        REPLAY,
        "allowlist check samples/allowlist-broken.toml",
        "checks",
        "report --allowlist samples/allowlist.toml --week 2026-W47 samples/archive",
        "trust lint samples/trust/bad/owner-prefix.json",
        "workflow lint samples/workflows/bad/deploy.yml",
        "trust explain --policy samples/trust/good/both-forms.json --subject a",
        "--help",
        "replay",
    ] {
        let run = rolewatch(arguments).env("TERM", "xterm-256color").run();
        assert!(!run.stdout.contains('\u{1b}'), "{arguments}");
        assert!(!run.stderr.contains('\u{1b}'), "{arguments}");
    }
}

/// The command in a pseudo-terminal of its own.
#[cfg(unix)]
fn in_a_terminal(arguments: &str, no_color: Option<&str>) -> (i32, String) {
    let script = "import os, pty, sys\n\
                  sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut command = Command::new("python3");
    command
        .args(["-c", script])
        .arg(binary())
        .args(arguments.split_whitespace())
        .current_dir(root())
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null());
    if let Some(value) = no_color {
        command.env("NO_COLOR", value);
    }
    let output = command.output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    for (arguments, code) in [
        (REPLAY, 1),
        ("allowlist check samples/allowlist-broken.toml", 2),
        ("trust lint samples/trust/bad/owner-prefix.json", 1),
    ] {
        let (got, output) = in_a_terminal(arguments, None);
        assert_eq!(got, code, "{output}");
        assert!(output.contains("\u{1b}["), "{output}");
        // Set but empty is not set: https://no-color.org
        assert!(in_a_terminal(arguments, Some("")).1.contains("\u{1b}["));
        let (got, output) = in_a_terminal(arguments, Some("1"));
        assert_eq!(got, code, "{output}");
        assert!(!output.contains('\u{1b}'), "{output}");
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_code_and_is_no_error() {
    for arguments in [
        REPLAY,
        "replay --quiet --allowlist samples/allowlist.toml --format json samples/archive",
        "init -q samples/archive",
        "diff -q --from samples/allowlist.toml --to samples/allowlist.toml samples/archive",
        "diff -q --format json --from samples/allowlist.toml --to samples/allowlist.toml samples/archive",
        "report -q --allowlist samples/allowlist.toml --week 2026-W47 samples/archive",
        "report -q --allowlist samples/allowlist.toml --week 2026-W47 --format html samples/archive",
        "report --schema",
        "allowlist check samples/allowlist-broken.toml",
        "allowlist check --format json samples/allowlist-broken.toml",
        "allowlist test samples/allowlist.toml",
        "allowlist schema",
        "checks",
        "checks unlisted-owner",
        "completions bash",
        "trust lint samples/trust/bad/owner-prefix.json",
        "trust lint --format json samples/trust/bad/owner-prefix.json",
        "trust lint --format sarif samples/trust/bad/owner-prefix.json",
        "trust fix --quiet samples/trust/bad/any-branch-ref.json",
        "trust explain --policy samples/trust/bad/any-subject.json --subject a",
        "--help",
    ] {
        let code = rolewatch(arguments).run().code;
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = rolewatch(arguments)
            .command()
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(code), ""),
            "{arguments}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn complaints_that_nobody_reads_change_nothing() {
    let mut command =
        rolewatch("replay --allowlist samples/allowlist.toml README.md samples/archive").command();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stderr.take());
    let run = Run::of(child.wait_with_output().unwrap()).exits(2);
    assert!(run.stdout.contains("27 findings"), "{}", run.stdout);
}

#[test]
fn a_full_disk_is_a_failure() {
    for arguments in [
        REPLAY,
        "init -q samples/archive",
        "allowlist schema",
        "checks",
        "completions zsh",
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = rolewatch(arguments).command();
        let output = command.stdout(full).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(stderr.contains("No space left"), "{arguments}: {stderr}");
    }
}

#[test]
fn quiet_silences_notes_and_not_errors() {
    let warned = rolewatch(&format!("replay --allowlist {ALLOWLIST} {ARCHIVE}")).run();
    assert!(
        warned
            .stderr
            .contains("warning: rule `load test of October`")
    );
    let quiet = rolewatch(REPLAY).run().exits(1);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, warned.stdout);
    let failed = rolewatch(&format!("{REPLAY} no-such-folder"))
        .run()
        .exits(2);
    assert!(failed.stderr.contains("no-such-folder"));
}

#[test]
fn stdout_is_flushed_before_the_end() {
    let mut child = rolewatch("replay --quiet --allowlist samples/allowlist.toml -")
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let log = std::fs::read(root().join("samples/containers/cloudtrail.json")).unwrap();
    child.stdin.take().unwrap().write_all(&log).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .ends_with("1 high\n")
    );
}
