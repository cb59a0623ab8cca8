//! Memory does not grow with the archive: ordering spills to a file, and says the same.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::{Compression, write::GzEncoder};
use rolewatch_tests::{ALLOWLIST, Run, binary, root};

/// Some twenty times what ordering keeps in memory, which is 1.5 MiB.
const ASSUMPTIONS: u64 = 60_000;
/// Each holds a part of the time, and is ordered in memory.
const FILES: u64 = 30;
/// One in so many is unexpected.
const UNEXPECTED: u64 = 50;
/// One in so many comes a second time.
const TWICE: u64 = 1000;
/// 25 were measured, and 30 by the benchmarks, whose files are held whole. docs/architecture.md names this, and so does the
/// page of the benchmarks.
const LARGEST_MIB: u64 = 32;
/// What each thread beyond two may take besides.
const MIB_OF_A_THREAD: u64 = 10;

/// The record of a second of November.
fn record(number: u64) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    let (day, hour) = (1 + number / 86_400, number / 3600 % 24);
    let branch = if number.is_multiple_of(UNEXPECTED) {
        "dev"
    } else {
        "main"
    };
    let subject = format!("repo:my-org/my-repo:ref:refs/heads/{branch}");
    let provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    let role = "arn:aws:iam::123456789012:role/GitHubActionsReadOnlyRole";
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}Z","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","eventID":"{number:08}","awsRegion":"eu-central-1","recipientAccountId":"123456789012","userIdentity":{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}},"requestParameters":{{"roleArn":"{role}","roleSessionName":"load","durationSeconds":900}}}}"#
    )
}

fn path(folder: &Path, file: u64) -> PathBuf {
    folder.join(format!("{file}.jsonl"))
}

fn write_archive(folder: &Path) {
    let part = ASSUMPTIONS / FILES;
    for file in 0..FILES {
        let mut out = BufWriter::new(File::create(path(folder, file)).unwrap());
        for number in 0..part {
            // The times jump about, so that order has to be made.
            let number = file * part + number * 7919 % part;
            let record = record(number);
            writeln!(out, "{record}").unwrap();
            if number.is_multiple_of(TWICE) {
                writeln!(out, "{record}").unwrap();
            }
        }
        out.flush().unwrap();
    }
}

/// A replay on two threads, and the most memory that it had resident, in MiB.
fn measured(source: &Path) -> (Run, u64) {
    measured_with("--threads 2", source)
}

fn measured_with(more: &str, source: &Path) -> (Run, u64) {
    let script = "import resource, subprocess, sys\n\
                  code = subprocess.run(sys.argv[1:]).returncode\n\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n\
                  sys.exit(code)";
    let output = Command::new("python3")
        .args(["-c", script])
        .arg(binary())
        .args([
            "replay",
            "--quiet",
            "--format",
            "json",
            "--allowlist",
            ALLOWLIST,
        ])
        .args(more.split_whitespace())
        .arg(source)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let last = stderr.lines().last().unwrap_or_default();
    let kib: u64 = last.parse().unwrap_or_else(|_| panic!("{stderr}"));
    let run = Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr,
    };
    (run, kib / 1024)
}

#[test]
fn a_large_archive_replays_in_bounded_memory_to_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    write_archive(folder.path());
    let (whole, mib) = measured(folder.path());
    println!("{mib} MiB for {ASSUMPTIONS} assumptions");
    assert!(mib < LARGEST_MIB, "{mib} MiB");
    assert_eq!(whole.code, 1);
    let summary = whole.summary();
    let count = |field: &str| summary[field].as_u64().unwrap();
    assert_eq!(count("records"), ASSUMPTIONS + ASSUMPTIONS / TWICE);
    assert_eq!(count("assumptions"), ASSUMPTIONS);
    assert_eq!(count("duplicates"), ASSUMPTIONS / TWICE);
    assert_eq!(count("unexpected"), ASSUMPTIONS / UNEXPECTED);
    let findings = whole.findings();
    let key =
        |number: usize| ["time", "event_id"].map(|key| findings[number]["event"][key].to_string());
    assert!((1..findings.len()).all(|number| key(number - 1) < key(number)));

    // In parts, without spilling, it is the same.
    let mut parts = Vec::new();
    for file in 0..FILES {
        let (part, part_mib) = measured(&path(folder.path(), file));
        assert!(part_mib < LARGEST_MIB, "{part_mib} MiB");
        parts.extend(part.findings());
    }
    assert!(parts == findings);
}

fn write_gzip(path: &Path, parts: impl IntoIterator<Item = String>) {
    let mut out = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    for part in parts {
        out.write_all(part.as_bytes()).unwrap();
    }
    out.finish().unwrap();
}

/// A file as S3 delivery writes it, of so many MB of JSON, with one assumption at its end.
fn write_log(folder: &Path, name: u64, megabytes: usize) {
    let other = r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-20T10:15:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","requestParameters":{"key":"#;
    let filler = "x".repeat(2000);
    let others = (0..megabytes * 480).map(|number| format!("{other}\"{number}{filler}\"}}}},"));
    let all = ["{\"Records\":[".to_owned()].into_iter().chain(others);
    let path = folder.join(format!("{name}.json.gz"));
    write_gzip(&path, all.chain([record(name), "]}".to_owned()]));
}

/// Files are held whole, one a thread.
#[test]
fn each_thread_takes_so_much_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    // A program that is not optimised takes some MiB more.
    let sizes = [5, 5, 5, 5, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2];
    for (name, megabytes) in (1..).zip(sizes) {
        write_log(folder.path(), name, megabytes);
    }
    let results = [2, 4, 8].map(|threads| {
        let (run, mib) = measured_with(&format!("--threads {threads}"), folder.path());
        println!("{mib} MiB on {threads} threads");
        let largest = LARGEST_MIB + MIB_OF_A_THREAD * (threads - 2);
        assert!(mib < largest, "{mib} MiB on {threads} threads");
        assert_eq!(run.summary()["assumptions"], sizes.len());
        run.stdout
    });
    assert!(results.iter().all(|result| *result == results[0]));
}

/// Records of a MiB are read one at a time, and of each no more is kept than is of use.
#[test]
fn long_fields_take_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jsonl.gz");
    let long = "x".repeat(1 << 20);
    let agent = format!(r#""userAgent":"{long}","requestParameters""#);
    let records = (0..100).map(|it| record(it).replace(r#""requestParameters""#, &agent) + "\n");
    write_gzip(&path, records);
    let (run, mib) = measured(&path);
    println!("{mib} MiB for fields of a MiB");
    assert!(mib < LARGEST_MIB, "{mib} MiB");
    assert_eq!(run.summary()["assumptions"], 100);
    assert!(!run.stdout.contains(&long[..5000]));
}

/// Of what is too large nothing is kept, and no bracket of it either.
#[test]
fn deep_values_take_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.json.gz");
    // A bomb is stopped by its ratio before that.
    let brackets = (0..64).map(|_| "[".repeat(1 << 20));
    let all = ["{\"Records\":[".to_owned()].into_iter().chain(brackets);
    write_gzip(&path, all.chain(["\n".to_owned(), record(1)]));
    let (run, mib) = measured_with("--max-record 1 --max-ratio 9999", &path);
    println!("{mib} MiB for 64 MiB of brackets");
    assert!(mib < LARGEST_MIB, "{mib} MiB");
    assert_eq!(run.code, 2);
    assert_eq!(run.summary()["assumptions"], 1);
}
