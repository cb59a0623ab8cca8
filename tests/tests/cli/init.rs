use std::path::Path;

use rolewatch_tests::{ARCHIVE, Rolewatch, Run, files, rolewatch};

use crate::snapshot;

fn init(more: &str) -> Rolewatch {
    rolewatch(&format!("init --quiet {more}"))
}

/// What becomes of the same sources, judged by what was learnt from them.
fn replayed(allowlist: &Path, sources: &str) -> Run {
    let replay = rolewatch(&format!(
        "replay --quiet --format json {sources} --allowlist"
    ));
    replay.arg(allowlist).run()
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn the_sample_archive_is_learnt() {
    let text = init(ARCHIVE).run().success();
    snapshot!("init", text);
    let file = written(&text);
    for command in ["allowlist check", "allowlist test"] {
        let _ = rolewatch(command).arg(file.path()).run().success();
    }
    let run = replayed(file.path(), ARCHIVE);
    let summary = run.summary();
    assert_eq!(
        (&summary["unexpected"], &summary["expected"]),
        (&0.into(), &57.into())
    );
    assert!(
        run.checks()
            .iter()
            .all(|it| it == "denied-assumption" || it == "unreadable-record")
    );
}

#[test]
fn every_sample_is_learnt_or_said_not_to_be() {
    for folder in ["samples/records", "samples/containers", "samples"] {
        let run = rolewatch(&format!("init {folder}")).run();
        let file = written(&run.stdout);
        let summary = replayed(file.path(), folder).summary();
        let unexpected = summary["unexpected"].as_u64().unwrap();
        let told = run.stderr.replace("\n    ", "");
        let told: u64 = told
            .lines()
            .filter_map(|line| line.strip_prefix("rolewatch: not in the allowlist: "))
            .filter_map(|line| line.split(' ').next()?.parse::<u64>().ok())
            .sum();
        assert_eq!(unexpected, told, "{folder}\n{}", run.stderr);
        assert!(unexpected > 0 || folder == "samples/containers", "{folder}");
    }
}

#[test]
fn it_is_the_same_for_any_order_and_any_number_of_threads() {
    let text = init(ARCHIVE).run().success();
    let mut sources = files(ARCHIVE);
    sources.reverse();
    for threads in ["1", "3"] {
        let mut run = init(&format!("--threads {threads}"));
        for source in &sources {
            run = run.arg(source);
        }
        assert_eq!(run.run().success(), text);
    }
}

#[test]
fn a_period_bounds_what_is_learnt() {
    let text = init(&format!("{ARCHIVE} --since 2026-11-17 --until 2026-11-18"))
        .run()
        .success();
    assert!(text.contains("2026-11-17"), "{text}");
    assert!(
        !text.contains("2026-11-16") && !text.contains("2026-11-18"),
        "{text}"
    );
    let backwards = init(&format!("{ARCHIVE} --since 2026-11-17 --until 2026-11-16")).run();
    assert!(backwards.exits(2).stderr.contains("is not before --until"));
}

#[test]
fn a_file_is_written_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("allowlist.toml");
    let run = rolewatch(&format!("init {ARCHIVE} --output"))
        .arg(&path)
        .run()
        .exits(0);
    assert_eq!(run.stdout, "");
    let told = run.stderr.replace("\n    ", "");
    assert!(told.contains("23 rules for 57 recorded sessions"), "{told}");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, init(ARCHIVE).run().success());

    std::fs::write(&path, "precious").unwrap();
    let again = rolewatch(&format!("init {ARCHIVE} --output"))
        .arg(&path)
        .run()
        .exits(2);
    let told = again.stderr.replace("\n    ", "");
    assert!(
        told.contains("is not overwritten; name another file"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");

    let nowhere = folder.path().join("no/such/folder.toml");
    let run = rolewatch(&format!("init {ARCHIVE} --output"))
        .arg(nowhere)
        .run()
        .exits(2);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
}

#[test]
fn what_could_not_be_read_is_said_in_the_file_and_by_the_code() {
    let run = init(&format!("{ARCHIVE} samples/damaged/truncated.json.gz"))
        .run()
        .exits(2);
    assert!(run.stderr.contains("truncated.json.gz"), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("# 1 input could not be read, or not to the end: this is INCOMPLETE.")
    );
    let file = written(&run.stdout);
    let _ = rolewatch("allowlist check")
        .arg(file.path())
        .run()
        .success();
}

#[test]
fn nothing_to_learn_from_is_an_empty_allowlist_and_nothing_readable_an_error() {
    let log = written("{\"Records\":[]}");
    let empty = rolewatch("init").arg(log.path()).run().exits(0);
    snapshot!("init-empty", empty.stdout);
    let file = written(&empty.stdout);
    let check = rolewatch("allowlist check")
        .arg(file.path())
        .run()
        .success();
    assert!(
        check.contains("0 rules, 0 ignores, 0 tests; mode audit"),
        "{check}"
    );

    for source in ["no-such-folder", "samples/damaged/not-cloudtrail.html"] {
        let run = init(source).run().exits(2);
        assert_eq!(run.stdout, "");
        assert!(
            run.stderr.contains("nothing to learn from"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn standard_input_is_a_source() {
    let log = std::fs::read(rolewatch_tests::root().join("samples/containers/cloudtrail.json"));
    let run = init("-").stdin(log.unwrap()).run();
    assert!(run.success().contains("[[allow]]"));
}
