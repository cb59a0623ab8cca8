//! Progress is shown on a terminal, fits into its lines, and nowhere else is any.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::process::{Command, Stdio};

use rolewatch_tests::{ALLOWLIST, binary, rolewatch, root};

/// Runs its arguments with a terminal of so many columns as stderr, and prints what came there. The
/// end of standard input is kept back until one of the two inputs is said to be read, and a while.
const SCRIPT: &str = r"
import fcntl, os, pty, struct, subprocess, sys, termios, time
columns = int(sys.argv[1])
terminal, stderr = pty.openpty()
fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr)
os.close(stderr)
child.stdin.write(b' ' * 300_000)
child.stdin.flush()
seen, since = b'', None
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
    if b'1/2 ' in seen:
        since = since or time.monotonic()
        if time.monotonic() > since + 0.5:
            child.stdin.close()
sys.stdout.buffer.write(seen)
";

/// What a terminal of some width shows, line by line as they were drawn one over the other.
fn shown(columns: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = fs::read(root().join("samples/containers/cloudtrail.json")).unwrap();
    fs::write(folder.path().join("log.json"), log).unwrap();
    let output = Command::new("timeout")
        .args(["60", "python3", "-c", SCRIPT, &columns.to_string()])
        .arg(binary())
        .args(["replay", "--threads", "2", "--allowlist", ALLOWLIST, "-"])
        .arg(folder.path())
        .current_dir(root())
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.split(['\r', '\n']).map(without_colour);
    lines.filter(|line| !line.is_empty()).collect()
}

/// Without what moves the cursor or chooses a colour.
fn without_colour(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    let is_end = |letter: char| letter.is_ascii_alphabetic();
    parts.fold(first, |line, part| {
        line + part.split_once(is_end).map_or("", |(_, rest)| rest)
    })
}

/// Not a warning of the allowlist.
fn is_progress(line: &str) -> bool {
    ["\u{2588}", "\u{2591}", "files", "eta"]
        .iter()
        .any(|part| line.contains(part))
}

#[test]
fn a_terminal_shows_how_far_it_is() {
    let lines = shown(80);
    let line = lines.iter().rfind(|line| line.contains(" 1/2 files"));
    let line = line.unwrap_or_else(|| panic!("{lines:#?}"));
    let words: Vec<&str> = line.split("  ").map(str::trim).collect();
    let [bytes, rate, eta, files, records] = words[..5] else {
        panic!("{line}")
    };
    let (bar, bytes) = bytes.split_once(' ').unwrap();
    assert_eq!(bar.chars().count(), 8, "{line}");
    // Standard input is not at its end, and is told nevertheless.
    let (read, total) = bytes.strip_suffix(" kB").unwrap().split_once('/').unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(number(read) > 200.0 && number(total) < 10.0, "{line}");
    assert!(rate.ends_with("B/s"), "{line}");
    assert!(eta.starts_with("eta "), "{line}");
    assert_eq!(files, "1/2 files");
    let count = records.strip_suffix(" records").unwrap();
    assert!(count.parse::<u64>().unwrap() > 0, "{line}");
    assert!(lines.iter().any(|line| line.contains("files found: 1")));
}

#[test]
fn a_line_is_no_wider_than_the_terminal() {
    for columns in [80, 60] {
        let mut lines = shown(columns);
        lines.retain(|line| is_progress(line));
        assert!(lines.len() > 1);
        for line in lines {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn what_is_no_terminal_is_told_no_progress() {
    let command = format!("replay --allowlist {ALLOWLIST} samples/archive");
    let run = rolewatch(&command).run().exits(1);
    assert!(!run.stderr.lines().any(is_progress), "{}", run.stderr);
}
