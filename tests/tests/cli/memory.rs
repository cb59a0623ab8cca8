//! `--state` remembers what was told, and nothing else: what nobody read has to be told the next time.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rolewatch_tests::{ALLOWLIST, ARCHIVE, Run, binary, root};

fn replay(state: &Path, format: &str) -> Command {
    let mut command = Command::new(binary());
    command
        .args([
            "replay",
            "--quiet",
            "--allowlist",
            ALLOWLIST,
            "--format",
            format,
        ])
        .arg("--state")
        .arg(state)
        .arg(ARCHIVE)
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

fn findings(state: &Path) -> (i32, usize) {
    let output = replay(state, "json").output().unwrap();
    let run = Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    (run.code, run.findings().len())
}

#[test]
fn what_could_not_be_written_is_printed_by_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = replay(&state, "json").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("the results could not be written"),
        "{stderr}"
    );
    let (code, all) = findings(&state);
    assert!(code == 1 && all > 5, "{code} {all}");
    assert_eq!(findings(&state), (0, 0), "all of it was told");
}

/// And the code says what was found, however much of it was read.
#[test]
fn so_is_what_its_reader_did_not_wait_for() {
    let folder = tempfile::tempdir().unwrap();
    for format in ["json", "text", "sarif", "ocsf", "slack"] {
        let state = folder.path().join(format);
        let mut child = replay(&state, format)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Gone before the first byte: a pipe would hold all of the samples' output.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
        assert!(findings(&state).1 > 5, "{format}");
    }
}

#[test]
fn a_run_that_is_killed_told_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    // Findings enough to fill the pipe: the run waits for its reader with most of them untold.
    let records = folder.path().join("records.jsonl");
    let sample = rolewatch_tests::read("samples/records/unlisted-context/fires-branch.json");
    let sample: serde_json::Value = serde_json::from_str(&sample).unwrap();
    let many = (0..400).map(|number| {
        let mut record = sample.clone();
        record["eventID"] = format!("event-{number}").into();
        record["requestParameters"]["roleArn"] =
            format!("arn:aws:iam::123456789012:role/{number}").into();
        format!("{record}\n")
    });
    std::fs::write(&records, many.collect::<String>()).unwrap();
    let mut command = replay(&state, "json");
    let mut child = command
        .arg(&records)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    lines.read_line(&mut first).unwrap();
    assert!(first.contains("rolewatch.finding/1"), "{first}");
    child.kill().unwrap();
    child.wait().unwrap();
    let output = replay(&state, "json").arg(&records).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(&first), "{first}");
    assert!(told.lines().count() > 400);
}

#[test]
fn a_place_that_cannot_be_used_is_said_once() {
    let output = replay(Path::new("samples"), "text").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        stderr,
        "rolewatch: error: samples: Is a directory (os error 21)\n"
    );
}
