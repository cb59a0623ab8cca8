//! The samples' planted truth, through the real binary: every container, damage, duplicates,
//! any number of threads.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use rolewatch_tests::{ARCHIVE, Rolewatch, Run, files, read_json, rolewatch, root};
use serde_json::{Value, json};

fn replay(sources: &str) -> Rolewatch {
    rolewatch(&format!(
        "replay --format json --quiet --allowlist samples/allowlist.toml {sources}"
    ))
}

fn judged(sources: &str) -> Run {
    replay(sources).run()
}

#[test]
fn the_archive_comes_to_what_was_planted() {
    let run = judged(ARCHIVE).exits(1);
    let summary = run.summary();
    for (field, value) in read_json("samples/archive-truth.json").as_object().unwrap() {
        assert_eq!(&summary[field], value, "{field}");
    }
    assert_eq!(summary["status"], "findings");
    assert_eq!(summary["inputs"]["files"], files(ARCHIVE).len());
    assert_eq!(summary["inputs"]["failed"], json!([]));
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for check in run.checks() {
        *counted.entry(check).or_default() += 1;
    }
    assert_eq!(json!(counted), summary["findings"]);
}

#[test]
fn the_counts_of_a_summary_add_up() {
    for sources in [ARCHIVE, "samples/records", "samples/damaged", "samples"] {
        let summary = judged(sources).summary();
        let count = |field: &str| summary[field].as_u64().unwrap();
        assert_eq!(
            count("assumptions"),
            count("judged") + count("other"),
            "{sources}"
        );
        assert_eq!(
            count("judged"),
            count("expected") + count("unexpected") + count("denied") + count("ignored"),
            "{sources}"
        );
        let read = count("assumptions") + count("duplicates") + count("unreadable");
        assert!(read <= count("records"), "{sources}");
    }
}

/// What a record came to, as `records-truth.json` writes it.
fn outcome(run: &Run) -> String {
    let checks = run.checks();
    if !checks.is_empty() {
        return checks.join(" ");
    }
    let summary = run.summary();
    ["expected", "ignored", "other"]
        .into_iter()
        .find(|outcome| summary[outcome] == 1)
        .unwrap_or("none")
        .into()
}

#[test]
fn every_record_comes_to_what_it_is_named_for() {
    let truth = read_json("samples/records-truth.json");
    let truth = truth.as_object().unwrap();
    let listed: Vec<&String> = truth.keys().collect();
    let mut there = files("samples/records");
    there.retain(|path| !truth.contains_key(path.strip_prefix("samples/").unwrap()));
    assert_eq!(there, Vec::<String>::new(), "of {} listed", listed.len());
    for (path, wanted) in truth {
        let run = judged(&format!("samples/{path}"));
        assert_eq!(&outcome(&run), wanted.as_str().unwrap(), "{path}");
        let code = i32::from(!run.findings().is_empty());
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{path}");
    }
}

#[test]
fn every_container_gives_the_same_findings() {
    let unexpected = judged("samples/containers/bare.json").exits(1).findings();
    assert_eq!(unexpected[0]["check"], "unlisted-context");
    for path in files("samples/containers") {
        let run = judged(&path).exits(1);
        assert_eq!(run.findings(), unexpected, "{path}");
        let summary = run.summary();
        let wanted = if ["bare.json", "eventbridge.json"]
            .iter()
            .any(|it| path.ends_with(it))
        {
            [1, 0, 0]
        } else {
            [3, 1, 1]
        };
        let counts = ["records", "expected", "other"].map(|field| summary[field].as_u64().unwrap());
        assert_eq!(counts, wanted, "{path}");

        // The name of a file says nothing, standard input has none.
        let bytes = std::fs::read(root().join(&path)).unwrap();
        let piped = replay("-").stdin(bytes.clone()).run().exits(1);
        assert_eq!(piped.stdout, run.stdout, "{path}");
        let renamed = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(renamed.path(), bytes).unwrap();
        assert_eq!(
            replay("").arg(renamed.path()).run().stdout,
            run.stdout,
            "{path}"
        );
    }
    let all = judged("samples/containers").exits(1);
    assert_eq!(all.findings(), unexpected, "each event once");
}

#[test]
fn damage_is_named_and_hides_nothing_else() {
    let archive = judged(ARCHIVE).findings();
    for (path, found, checks) in [
        ("truncated.json.gz", "ends early", &["unlisted-context"][..]),
        (
            "one-bad-record.jsonl",
            "line 2",
            &["unlisted-context", "unlisted-context", "unreadable-record"],
        ),
        ("not-cloudtrail.html", "<!DOCTYPE html>", &[]),
        ("not-cloudtrail.json", "name, version, private", &[]),
    ] {
        let path = format!("samples/damaged/{path}");
        let run = judged(&path).exits(2);
        let mut got = run.checks();
        got.sort();
        assert_eq!(got, checks, "{path}");
        assert_eq!(run.summary()["inputs"]["failed"], json!([path]));
        assert_eq!(run.summary()["status"], "incomplete");
        assert!(
            run.stderr
                .starts_with(&format!("rolewatch: error: {path}: ")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains(found), "{}", run.stderr);

        // The others' findings are all there, in their order, whatever the order of the sources.
        let together = judged(&format!("{path} {ARCHIVE}")).exits(2);
        let others: Vec<Value> = together
            .findings()
            .into_iter()
            .filter(|it| archive.contains(it))
            .collect();
        assert_eq!(others, archive, "{path}");
        assert_eq!(together.stdout, judged(&format!("{ARCHIVE} {path}")).stdout);
    }
}

#[test]
fn a_record_that_is_broken_inside_is_a_finding() {
    let run = judged("samples/damaged/bad-record-inside.json");
    let mut checks = run.checks();
    checks.sort();
    assert_eq!(
        checks,
        ["unlisted-context", "unlisted-context", "unreadable-record"]
    );
    assert_eq!(run.summary()["unreadable"], 1);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let run = judged(&format!("no-such-folder {ARCHIVE}")).exits(2);
    assert_eq!(run.summary()["inputs"]["failed"], json!(["no-such-folder"]));
    assert!(run.stderr.contains("no-such-folder"), "{}", run.stderr);
    assert_eq!(run.findings(), judged(ARCHIVE).findings());

    let folder = tempfile::tempdir().unwrap();
    let empty = replay("").arg(folder.path()).run();
    assert_eq!(empty.summary()["inputs"]["files"], 0);
}

#[test]
fn a_duplicate_counts_once_across_files() {
    let once = judged(ARCHIVE);
    let copy = tempfile::tempdir().unwrap();
    for path in files(ARCHIVE) {
        let name = path.rsplit('/').next().unwrap();
        std::fs::copy(root().join(&path), copy.path().join(name)).unwrap();
    }
    let twice = replay(ARCHIVE).arg(copy.path()).run().exits(1);
    assert_eq!(twice.findings(), once.findings());
    let (once, twice) = (once.summary(), twice.summary());
    let count = |summary: &Value, field: &str| summary[field].as_u64().unwrap();
    for field in [
        "assumptions",
        "expected",
        "unexpected",
        "denied",
        "other",
        "ignored",
    ] {
        assert_eq!(count(&once, field), count(&twice, field), "{field}");
    }
    assert_eq!(count(&twice, "records"), 2 * count(&once, "records"));
    // Every assumption came a second time, and so did the unreadable record.
    assert_eq!(
        count(&twice, "duplicates"),
        2 * count(&once, "duplicates") + count(&once, "assumptions") + count(&once, "unreadable")
    );

    // The same source, named twice.
    let named_twice = judged(&format!("{ARCHIVE} {ARCHIVE}"));
    assert_eq!(named_twice.findings(), judged(ARCHIVE).findings());
}

#[test]
fn the_result_does_not_depend_on_threads_or_order() {
    let mut sources = [
        files(ARCHIVE),
        files("samples/records"),
        files("samples/containers"),
    ]
    .concat();
    let wanted = replay(&sources.join(" ")).arg("--threads=1").run().exits(1);
    assert!(wanted.findings().len() > 50);
    for threads in ["2", "8", "64"] {
        sources.rotate_left(37);
        sources.reverse();
        let run = replay(&sources.join(" "))
            .arg(format!("--threads={threads}"))
            .run();
        assert_eq!(run.stdout, wanted.stdout, "{threads} threads");
    }
    let text = |threads: &str, sources: &str| {
        rolewatch(&format!(
            "replay --quiet --allowlist samples/allowlist.toml --threads {threads} {sources}"
        ))
        .run()
        .stdout
    };
    sources.reverse();
    let folders = "samples/containers samples/records samples/archive";
    assert_eq!(text("1", &sources.join(" ")), text("8", folders));
}

#[test]
fn digests_are_skipped_without_complaint() {
    let mut digests = files(ARCHIVE);
    digests.retain(|path| path.contains("CloudTrail-Digest"));
    assert!(!digests.is_empty());
    let run = judged(&digests.join(" ")).exits(0);
    assert_eq!(run.stderr, "");
    assert_eq!(run.summary()["records"], 0);
    assert_eq!(run.summary()["inputs"]["files"], digests.len());
}
