//! Archives as they are found: damaged, hostile, changing. Nothing is passed over in silence.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use rolewatch_tests::{ALLOWLIST, Run, binary, rolewatch, root};

/// An assumption from a branch that is not allowed: one finding.
fn record(id: &str, time: &str) -> String {
    let provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    let subject = "repo:my-org/my-repo:ref:refs/heads/dev";
    format!(
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}},"eventTime":"{time}","eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.1","requestParameters":{{"roleArn":"arn:aws:iam::123456789012:role/GitHubActionsReadOnlyRole","roleSessionName":"x","durationSeconds":900}},"eventID":"{id}","recipientAccountId":"123456789012"}}"#
    )
}

/// A call of another name, as S3 delivery writes it, with what the customer chose.
fn other_call(chosen: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","sessionContext":{{"attributes":{{}}}}}},"eventTime":"2026-11-20T10:15:00Z","eventSource":"dynamodb.amazonaws.com","eventName":"PutItem","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.1","userAgent":"[{}]","requestParameters":{chosen},"responseElements":null,"eventID":"other","readOnly":false}}"#,
        "aws-cli/2.31.0 md/x ".repeat(20)
    )
}

fn document(ids: &[&str]) -> String {
    let records: Vec<String> = ids
        .iter()
        .map(|id| record(id, "2026-11-20T10:15:00Z"))
        .collect();
    format!("{{\"Records\":[{}]}}", records.join(","))
}

fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(text.as_ref()).unwrap();
    out.finish().unwrap()
}

fn write(folder: &Path, name: impl AsRef<OsStr>, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name.as_ref());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn replay(more: &str, source: &Path) -> Run {
    rolewatch(&format!(
        "replay --format json --allowlist samples/allowlist.toml {more}"
    ))
    .arg(source)
    .run()
}

/// The ids of the findings' events, of a run that has to end with this code, naming these inputs.
#[track_caller]
fn check(run: Run, code: i32, ids: &[&str], failed: &[&str]) {
    let run = run.exits(code);
    let findings = run.findings();
    let found: Vec<&str> = findings
        .iter()
        .map(|finding| finding["event"]["event_id"].as_str().unwrap())
        .collect();
    assert_eq!(found, ids);
    let summary = run.summary();
    let named = summary["inputs"]["failed"].as_array().unwrap();
    assert_eq!(named.len(), failed.len(), "{summary}");
    for failed in failed {
        let in_summary = named.iter().any(|it| it.as_str().unwrap().contains(failed));
        assert!(
            in_summary && run.stderr.contains(failed),
            "{failed}: {run:?}"
        );
    }
}

#[test]
fn damaged_files_are_named_and_the_others_used() {
    let folder = tempfile::tempdir().unwrap();
    let sound = gzip(document(&["a"]));
    write(folder.path(), "sound.json.gz", &sound);
    write(folder.path(), "cut.json.gz", &sound[..sound.len() / 2]);
    let mut checksum = gzip(document(&["b"]));
    let at = checksum.len() - 6;
    checksum[at] ^= 1;
    write(folder.path(), "checksum.json.gz", &checksum);
    write(
        folder.path(),
        "behind.json.gz",
        [&gzip(document(&["c"]))[..], b"more"].concat(),
    );
    write(folder.path(), "empty.json.gz", "");
    write(folder.path(), "text.json.gz", gzip("no JSON at all"));
    let failed =
        ["cut", "checksum", "behind", "empty", "text"].map(|name| format!("{name}.json.gz"));
    let failed: Vec<&str> = failed.iter().map(String::as_str).collect();
    check(replay("", folder.path()), 2, &["a", "b", "c"], &failed);
}

#[test]
fn a_file_that_grows_is_read_as_far_as_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (gzip(document(&["a"])), gzip(document(&["b"])));
    let growing = [&first[..], &second[..second.len() / 3]].concat();
    write(folder.path(), "growing.json.gz", growing);
    check(replay("", folder.path()), 2, &["a"], &["growing.json.gz"]);
    write(folder.path(), "growing.json.gz", [first, second].concat());
    check(replay("", folder.path()), 1, &["a", "b"], &[]);
}

#[test]
fn lines_of_json_are_read_whatever_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let lines = ["a", "b"]
        .map(|id| record(id, "2026-11-20T10:15:00Z"))
        .join("\n");
    write(folder.path(), "log.json", &lines);
    write(
        folder.path(),
        "log.json.gz",
        gzip(lines.replace("\"a\"", "\"c\"")),
    );
    check(replay("", folder.path()), 1, &["a", "b", "c"], &[]);
}

#[test]
fn names_that_are_not_text_and_links_in_circles() {
    let folder = tempfile::tempdir().unwrap();
    let name = OsString::from(OsStr::from_bytes(b"log-\xff\xfe.json.gz"));
    write(folder.path(), &name, gzip(document(&["a"])));
    let bad = OsString::from(OsStr::from_bytes(b"bad-\xff.json.gz"));
    write(folder.path(), &bad, "\x1f\u{8b}");
    symlink(folder.path(), folder.path().join("circle")).unwrap();
    symlink("gone", folder.path().join("vanished.json.gz")).unwrap();
    check(
        replay("", folder.path()),
        2,
        &["a"],
        &["circle", "vanished.json.gz", "bad-"],
    );
}

#[test]
fn what_may_not_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path(), 0o755);
    write(folder.path(), "a.json.gz", gzip(document(&["a"])));
    let file = write(folder.path(), "closed/b.json.gz", gzip(document(&["b"])));
    let closed = file.parent().unwrap();
    let secret = write(folder.path(), "secret.json.gz", gzip(document(&["c"])));
    open_to_all(closed, 0o000);
    open_to_all(&secret, 0o000);
    let run = if fs::read_dir(closed).is_ok() {
        as_nobody(&[], &[folder.path()])
    } else {
        replay("", folder.path())
    };
    open_to_all(closed, 0o700);
    check(run, 2, &["a"], &["closed", "secret.json.gz"]);
}

fn open_to_all(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Nothing is closed to root, so it replays as somebody else, from a place open to all.
fn as_nobody(more: &[&str], sources: &[&Path]) -> Run {
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let place = tempfile::tempdir().unwrap();
    open_to_all(place.path(), 0o755);
    let program = place.path().join("rolewatch");
    fs::copy(binary(), &program).unwrap();
    let allowlist = place.path().join("allowlist.toml");
    fs::copy(root().join(ALLOWLIST), &allowlist).unwrap();
    let mut command = Command::new(program);
    command.uid(NOBODY).current_dir(place.path());
    command.args(["replay", "--format", "json", "--allowlist"]);
    command.arg(allowlist).args(more).args(sources);
    Run::of(command.output().unwrap())
}

#[test]
fn what_changes_while_it_is_read_is_used_as_far_as_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let cut = write(folder.path(), "cut.json.gz", gzip(document(&["cut"])));
    let grown = write(folder.path(), "grown.json.gz", gzip(document(&["a"])));
    let gone = write(folder.path(), "gone.json.gz", gzip(document(&["gone"])));
    write(folder.path(), "same.json.gz", gzip(document(&["c"])));
    let mut command =
        rolewatch("replay --format json --allowlist samples/allowlist.toml --threads 1 -")
            .arg(folder.path())
            .command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    // Standard input is read first. More than a pipe holds goes in only once it is, and by then
    // the files are listed.
    let mut input = child.stdin.take().unwrap();
    input.write_all(" ".repeat(1 << 20).as_bytes()).unwrap();
    let length = fs::metadata(&cut).unwrap().len();
    let file = fs::File::options().write(true).open(&cut).unwrap();
    file.set_len(length / 2).unwrap();
    fs::remove_file(&gone).unwrap();
    let mut file = fs::File::options().append(true).open(&grown).unwrap();
    file.write_all(&gzip(document(&["b"]))).unwrap();
    input.write_all(document(&["first"]).as_bytes()).unwrap();
    drop(input);
    let run = Run::of(child.wait_with_output().unwrap());
    check(
        run,
        2,
        &["a", "b", "c", "first"],
        &["cut.json.gz", "gone.json.gz"],
    );
}

#[test]
fn a_bomb_is_named_and_the_others_used() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.json.gz", gzip(document(&["a"])));
    let bomb = format!("{{\"Records\":[{}", " ".repeat(40 << 20));
    write(folder.path(), "bomb.json.gz", gzip(bomb));
    let run = replay("", folder.path());
    assert!(
        run.stderr.contains("more than 250 times its size"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("raise --max-ratio"), "{}", run.stderr);
    check(run, 2, &["a"], &["bomb.json.gz"]);
    // Sound, however alike its bytes are: that can be said.
    let alike = format!("{{\"Records\":[{}]}}", " ".repeat(40 << 20));
    write(folder.path(), "bomb.json.gz", gzip(alike));
    check(replay("", folder.path()), 2, &["a"], &["bomb.json.gz"]);
    check(replay("--max-ratio 2000", folder.path()), 1, &["a"], &[]);
    check(replay("--max-ratio 1", folder.path()), 2, &["a"], &["bomb"]);
    let long = record("long", "2026-11-20T10:15:00Z")
        .replace("\"x\"", &format!("\"{}\"", "x".repeat(2 << 20)));
    write(
        folder.path(),
        "bomb.json.gz",
        gzip(format!("{{\"Records\":[{long}]}}")),
    );
    let run = replay("--max-record 1", folder.path());
    assert!(run.stderr.contains("raise --max-record"), "{}", run.stderr);
    check(run, 2, &["a"], &["bomb.json.gz"]);
    check(replay("", folder.path()), 1, &["a", "long"], &[]);
}

/// Of a file that takes no room on the disk, as it is a hole behind its first record.
#[test]
fn a_file_is_read_up_to_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "large.json", document(&["a"]));
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len((1 << 30) + 1).unwrap();
    let run = replay("--max-file 1", folder.path());
    let limit =
        "more than the limit of 1073741824 bytes, decompressed; if it is sound, raise --max-file";
    assert!(run.stderr.contains(limit), "{}", run.stderr);
    check(run, 2, &["a"], &["large.json"]);
    for option in ["--max-file", "--max-ratio", "--max-record"] {
        let run = replay(&format!("{option} 0"), folder.path()).exits(2);
        assert!(run.stderr.contains(option), "{}", run.stderr);
    }
}

#[test]
fn numbers_beyond_all_bounds_overflow_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (name, number) in [("a", "18446744073709551615"), ("b", "1e999"), ("c", "-1")] {
        let record = record(name, "2026-11-20T10:15:00Z").replace("900", number);
        write(folder.path(), name, format!("{{\"Records\":[{record}]}}"));
    }
    let run = replay("", folder.path());
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.summary()["records"], 3);
}

#[test]
fn other_days_folders_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let day = |day: &str| {
        format!("AWSLogs/123456789012/CloudTrail/eu-central-1/2026/11/{day}/log.json.gz")
    };
    write(folder.path(), day("20"), gzip(document(&["a"])));
    // Delivered a day late, and a day early by a clock gone wrong.
    write(folder.path(), day("21"), gzip(document(&["b"])));
    write(folder.path(), day("19"), gzip(document(&["c"])));
    for other in ["01", "18", "22"] {
        write(folder.path(), day(other), "damaged");
    }
    let period = "--since 2026-11-20 --until 2026-11-20T23:00:00Z";
    let run = replay(period, folder.path());
    assert_eq!(run.summary()["inputs"]["files"], 3);
    assert_eq!(run.summary()["inputs"]["skipped"], 3);
    assert!(run.stderr.contains("3 folders were passed over"), "{run:?}");
    check(run, 1, &["a", "b", "c"], &[]);
    check(
        replay("", folder.path()),
        2,
        &["a", "b", "c"],
        &["01/log", "18/log", "22/log"],
    );
}

/// A folder without a file is no clean archive, and a period without one is said to be none.
#[test]
fn that_nothing_was_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let run = replay("--quiet", folder.path());
    assert!(
        run.stderr
            .contains("nothing was read: there is no file to read"),
        "{run:?}"
    );
    let name = folder
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    check(run, 2, &[], &[&name]);
    let nothing = "nothing was read: there is no file of that time";
    let day = "AWSLogs/1/CloudTrail/eu-central-1/2025/11/20/log.json.gz";
    write(folder.path(), day, gzip(document(&["a"])));
    let run = replay("--since 2026-11-20", folder.path());
    assert!(run.stderr.contains("1 folder was passed over"), "{run:?}");
    assert!(run.stderr.contains(nothing), "{run:?}");
    assert_eq!(run.summary()["inputs"]["skipped"], 1);
    check(run, 0, &[], &[]);
    let text = rolewatch("replay --allowlist samples/allowlist.toml --since 2026-11-20");
    let text = text.arg(folder.path()).run().exits(0).stdout;
    assert!(text.ends_with("nothing was read\n"), "{text}");
    let run = replay("--quiet --since 2026-11-20", folder.path());
    assert_eq!(run.stderr, "");
}

/// Each source is to give something: one that is empty is not made up for by another.
#[test]
fn an_empty_source_is_named_beside_a_full_one() {
    let folder = tempfile::tempdir().unwrap();
    let full = write(folder.path(), "full.json", document(&["a"]));
    fs::create_dir(folder.path().join("empty")).unwrap();
    write(folder.path(), "hidden/.name", document(&["b"]));
    for empty in ["empty", "hidden"] {
        let run = rolewatch("replay --format json --allowlist samples/allowlist.toml")
            .arg(folder.path().join(empty))
            .arg(&full)
            .run();
        check(run, 2, &["a"], &[empty]);
    }
    // Reached from another one before, it is none.
    let run = rolewatch("replay --format json --allowlist samples/allowlist.toml")
        .arg(&full)
        .arg(&full)
        .run();
    check(run, 1, &["a"], &[]);
    let nothing = write(folder.path(), "nothing.json", "{\"Records\":[]}");
    let run = replay("", &nothing);
    assert!(run.stderr.contains("no record was read"), "{run:?}");
    check(run, 0, &[], &[]);
}

/// Their names alone are read, and each is counted once however it is reached.
#[test]
fn thousands_of_other_days_are_passed_over_by_their_path() {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path(), 0o755);
    let region = |number: u32| format!("AWSLogs/1/CloudTrail/eu-{number}/2026");
    let mut closed = Vec::new();
    for number in 0..100 {
        for (month, day) in (1..=3).flat_map(|month| (1..=10).map(move |day| (month, day))) {
            let day = format!("{}/{month:02}/{day:02}", region(number));
            let path = folder.path().join(day);
            fs::create_dir_all(&path).unwrap();
            open_to_all(&path, 0o000);
            closed.push(path);
        }
    }
    write(
        folder.path(),
        region(1) + "/11/20/log.json",
        document(&["a"]),
    );
    let sources = [folder.path(), &folder.path().join("AWSLogs")];
    let run = as_nobody(&["--since", "2026-03-20"], &sources);
    let all = as_nobody(&[], &sources);
    for path in &closed {
        open_to_all(path, 0o700);
    }
    // A month at a time, and of the month that it begins in the days that are over.
    assert_eq!(run.summary()["inputs"]["skipped"], 100 * (2 + 10));
    check(run, 1, &["a"], &[]);
    assert_eq!(all.code, 2, "they cannot be opened");
}

#[test]
fn a_pipe_is_read_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let writer = pipe.clone();
    let writer = std::thread::spawn(move || fs::write(writer, document(&["a"])).unwrap());
    check(replay("", &pipe), 1, &["a"], &[]);
    writer.join().unwrap();
    check(replay("", folder.path()), 2, &[], &["pipe"]);
}

#[test]
fn more_threads_than_there_can_be_are_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..600 {
        let name = number.to_string();
        write(folder.path(), &name, document(&[&name]));
    }
    let run = replay("--threads 20000", folder.path());
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.summary()["records"], 600);
}

#[test]
fn a_day_is_known_from_wherever_its_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let region = folder.path().join("AWSLogs/1/CloudTrail/eu-central-1");
    for day in ["11/20", "10/02"] {
        write(&region, format!("2026/{day}/log.json"), document(&["a"]));
    }
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(&region, elsewhere.path().join("link")).unwrap();
    for (place, source) in [
        (region.clone(), "."),
        (region.clone(), "2026"),
        (region.join("2026"), "."),
        (region.join("2026/11"), "../../2026"),
        (elsewhere.path().to_owned(), "link"),
        (folder.path().to_owned(), "."),
    ] {
        let mut command = Command::new(binary());
        command.args("replay --format json --since 2026-11-20 --allowlist".split(' '));
        command.arg(root().join(ALLOWLIST)).arg(source);
        let run = Run::of(command.current_dir(&place).output().unwrap());
        assert_eq!(run.summary()["inputs"]["files"], 1, "{place:?} {source}");
        assert_eq!(run.summary()["inputs"]["skipped"], 1, "{run:?}");
    }
}

#[test]
fn what_is_no_file_says_how_to_make_one_of_it() {
    for (source, cure) in [
        (
            "s3://logs/AWSLogs/1",
            "`aws s3 sync s3://logs/AWSLogs/1 FOLDER`",
        ),
        ("event-history", "`aws cloudtrail lookup-events "),
        ("athena:logs.cloudtrail", "`aws s3 sync s3://"),
    ] {
        let run = replay("", Path::new(source));
        let unfolded = run.stderr.replace("\n    ", " ");
        assert!(unfolded.contains(cure), "{run:?}");
        assert!(!run.stderr.contains("No such file"), "{run:?}");
        check(run, 2, &[], &[source]);
    }
}

#[test]
fn a_time_that_is_none_is_an_error_with_an_example() {
    for time in ["yesterday", "2026-13-01", "2026/11/20", "1795169700"] {
        let run = replay(&format!("--since {time}"), Path::new("samples/archive")).exits(2);
        assert!(
            run.stderr.contains("2026-11-20T10:15:00Z"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
    let run = replay("--since 2999-01-01", Path::new("samples/archive")).exits(2);
    assert!(
        run.stderr
            .contains("is still to come; write a time that has passed, such as 2")
    );
}

/// What looks like a record inside of one is a customer's, wherever its braces seem to close: in a
/// file of any size, compressed or not.
#[test]
fn nobody_puts_a_finding_into_somebody_elses_record() {
    let fakes = vec![record("fake", "2026-11-20T10:15:00Z"); 700];
    let chosen = format!(r#"{{"entries":[{{"y":"}}}}"}},{}]}}"#, fakes.join(","));
    let text = format!(
        "{{\"Records\":[{},{}]}}",
        other_call("null"),
        other_call(&chosen)
    );
    assert!(text.len() > 400_000, "{}", text.len());
    for (name, bytes) in [
        ("log.json", text.clone().into_bytes()),
        ("log.json.gz", gzip(&text)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), name, bytes);
        let run = replay("", folder.path());
        assert_eq!(run.summary()["records"], 2, "{name}");
        check(run, 0, &[], &[]);
    }
}

#[test]
fn threads_and_the_order_of_files_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = Vec::new();
    for file in 0..12_u32 {
        let records: Vec<String> = (0..40_u32)
            .map(|number| {
                let number = (number * 7 + file * 5) % 60;
                record(
                    &format!("{file}-{number}"),
                    &format!("2026-11-20T10:{number:02}:00Z"),
                )
            })
            .collect();
        let text = format!("{{\"Records\":[{}]}}", records.join(","));
        sources.push(write(folder.path(), format!("{file}.json.gz"), gzip(text)));
    }
    // Files that are read piece by piece: to their end, and from the start again for what stands there.
    let long: Vec<String> = (0..900_u32)
        .map(|number| match number % 300 {
            7 => record(&format!("long-{number}"), "2026-11-20T11:00:00Z"),
            _ => other_call("null"),
        })
        .collect();
    let long = format!("{{\"Records\":[{}]}}", long.join(","));
    sources.push(write(folder.path(), "long.json", &long));
    sources.push(write(
        folder.path(),
        "twice.json",
        format!("{long}\n{long}"),
    ));
    // A copy of an event elsewhere, and damage.
    sources.push(write(folder.path(), "copy.json", document(&["0-0"])));
    sources.push(write(
        folder.path(),
        "cut.json.gz",
        &gzip(document(&["z"]))[..60],
    ));
    let run = |command: &str, threads: u32, sources: &[PathBuf]| {
        let command = format!("{command} --allowlist samples/allowlist.toml --threads {threads}");
        let run = sources
            .iter()
            .fold(rolewatch(&command), rolewatch_tests::Rolewatch::arg);
        run.run().exits(2).stdout
    };
    for (command, least) in [
        ("replay --format json", 400),
        ("replay --format text", 10),
        ("replay --format sarif", 1),
        ("replay --format ocsf", 400),
        ("replay --format slack", 400),
        ("report --format csv --week 2026-W47", 2),
        ("report --format text --week 2026-W47", 10),
    ] {
        let first = run(command, 1, &sources);
        assert!(first.lines().count() >= least, "{command}: {first}");
        for threads in [2, 8] {
            sources.reverse();
            assert!(
                run(command, threads, &sources) == first,
                "{command}: {threads} threads"
            );
        }
    }
}
