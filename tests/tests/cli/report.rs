use rolewatch_tests::{ALLOWLIST, ARCHIVE, Rolewatch, read, read_json, rolewatch};
use serde_json::Value;

use crate::snapshot;

fn report(more: &str) -> Rolewatch {
    rolewatch(&format!(
        "report --quiet --allowlist {ALLOWLIST} --week 2026-W47 {ARCHIVE} {more}"
    ))
}

fn json(run: Rolewatch, code: i32) -> Value {
    run.run().exits(code).json().remove(0)
}

#[test]
fn the_sample_archive_in_every_form() {
    for (format, name) in [
        ("text", "report-text"),
        ("markdown", "report-markdown"),
        ("csv", "report-csv"),
    ] {
        let run = report(&format!("--format {format}")).run().exits(1);
        assert_eq!(run.stderr, "");
        snapshot!(name, run.stdout.replace('\r', ""));
    }
    let slack = json(report("--format slack"), 1);
    // A line break is one, not the two characters that it is written with.
    assert!(!slack.to_string().contains(r"\\n"), "{slack}");
    snapshot!(
        "report-slack",
        serde_json::to_string_pretty(&slack).unwrap()
    );
}

/// Its records end on a Friday: no calls on a Saturday mean nothing.
#[test]
fn hours_of_days_that_are_not_known_are_not_known() {
    let hours = json(report("--format json"), 1)["hours"].clone();
    let known: Vec<bool> = hours
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["known"].as_bool().unwrap())
        .collect();
    assert_eq!(known, [true, true, true, true, true, false, false]);
    let markdown = report("--format markdown").run().exits(1).stdout;
    let of = |day: &str| {
        let row = markdown
            .lines()
            .find(|it| it.starts_with(&format!("| {day} |")));
        row.unwrap_or_default().to_owned()
    };
    assert_eq!(of("Sat").matches("| ? ").count(), 24, "{markdown}");
    assert_eq!(of("Thu").matches('?').count(), 0, "{markdown}");
    let html = report("--format html").run().exits(1).stdout;
    assert!(html.contains("Sat 00:00 UTC: not known"));
}

#[test]
fn json_follows_the_committed_schema() {
    let schema = read_json("docs/report.schema.json");
    let validator = jsonschema::validator_for(&schema).unwrap();
    for more in [
        "",
        "--until 2026-11-17 --since 2026-11-16",
        "--week 2020-W01",
    ] {
        let mut command = format!("report -q --allowlist {ALLOWLIST} --format json {ARCHIVE}");
        if more.is_empty() {
            command.push_str(" --week 2026-W47");
        }
        let run = rolewatch(&format!("{command} {more}")).run();
        let report = run.json().remove(0);
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(report["schema"], "rolewatch.report/1");
    }
}

/// The same numbers as a replay of the same logs.
#[test]
fn a_report_counts_what_a_replay_counts() {
    let totals = json(report("--format json"), 1);
    let replay = rolewatch(&format!(
        "replay -q --format json --allowlist {ALLOWLIST} {ARCHIVE}"
    ));
    let summary = replay.run().summary();
    for (name, counted) in [
        ("judged", "judged"),
        ("expected", "expected"),
        ("unexpected", "unexpected"),
        ("denied", "denied"),
        ("ignored", "ignored"),
        ("other", "other"),
        ("unreadable", "unreadable"),
    ] {
        assert_eq!(totals["totals"][name]["now"], summary[counted], "{name}");
    }
    for check in totals["findings"]["checks"].as_array().unwrap() {
        let id = check["check"].as_str().unwrap();
        assert_eq!(check["findings"]["now"], summary["findings"][id], "{id}");
    }
}

#[test]
fn the_page_is_complete_in_itself() {
    let page = report("--format html").run().exits(1).stdout;
    assert!(page.starts_with("<!doctype html>"));
    assert!(
        page.contains("default-src 'none'; style-src 'sha256-")
            && page.contains("script-src 'sha256-")
    );
    for outside in [
        "src=",
        "url(http",
        "@import",
        "<link",
        "<iframe",
        "href=\"http",
        "style=\"",
        "onclick",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("not known from archives"));
}

#[test]
fn a_store_gives_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("memory.redb");
    let replay = rolewatch(&format!(
        "replay -q --allowlist {ALLOWLIST} {ARCHIVE} --state"
    ))
    .arg(&state);
    let _ = replay.run().exits(1);
    let stored = rolewatch(&format!(
        "report -q --allowlist {ALLOWLIST} --week 2026-W47 --format json --state"
    ));
    let stored = json(stored.arg(&state), 1);
    let read = json(report("--format json"), 1);
    assert_eq!(stored["source"], "store");
    for same in [
        "totals",
        "roles",
        "matrix",
        "days",
        "hours",
        "traceable",
        "tighten",
        "news",
    ] {
        assert_eq!(stored[same], read[same], "{same}");
    }
    // With a memory, its checks were asked.
    assert_eq!(stored["findings"]["not_asked"].as_array().unwrap().len(), 0);
    assert!(stored["denied"]["probing"].is_object());
    assert_eq!(read["denied"]["probing"], Value::Null);
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("none.redb");
    let run = rolewatch(&format!("report --allowlist {ALLOWLIST} --state")).arg(&state);
    assert!(run.run().exits(2).stderr.contains("there is no such file"));
    assert!(!state.exists());
}

#[test]
fn periods_are_weeks_or_whole_days() {
    let days = format!("report -q --allowlist {ALLOWLIST} {ARCHIVE} --format json");
    let by_days = json(
        rolewatch(&format!("{days} --since 2026-11-16 --until 2026-11-23")),
        1,
    );
    assert_eq!(by_days, json(report("--format json"), 1));
    for (wrong, why) in [
        ("--week 2026-47", "write the ISO week as 2026-W47"),
        ("--week 2026-W54", "write the ISO week as 2026-W47"),
        ("--since 2026-11-16", "--until"),
        (
            "--since 2026-11-16T10:00:00Z --until 2026-11-18",
            "whole days",
        ),
        (
            "--since 2026-11-18 --until 2026-11-16",
            "is not before --until",
        ),
        ("--since 2020-01-01 --until 2026-11-16", "at most 366 days"),
        (
            "--week 2026-W47 --since 2026-11-16 --until 2026-11-18",
            "cannot be used with",
        ),
    ] {
        let run = rolewatch(&format!("{days} {wrong}")).run().exits(2);
        assert_eq!(run.stdout, "", "{wrong}");
        assert!(run.stderr.contains(why), "{wrong}: {}", run.stderr);
    }
}

#[test]
fn a_week_without_logs_is_not_taken_for_a_quiet_one() {
    let run = rolewatch(&format!(
        "report --allowlist {ALLOWLIST} --week 2026-W40 {ARCHIVE}"
    ))
    .run()
    .exits(0);
    assert!(run.stdout.contains("Nothing is recorded of these days"));
    assert!(
        run.stderr.contains("--week chooses another week"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_could_not_be_read_is_said_on_the_page() {
    for format in ["text", "html", "markdown", "slack", "csv"] {
        let run = report(&format!(
            "samples/damaged/truncated.json.gz --format {format}"
        ))
        .run()
        .exits(2);
        assert!(run.stdout.contains("truncated.json.gz"), "{format}");
        assert!(run.stdout.contains("Incomplete"), "{format}");
    }
    let report = json(report("samples/damaged/truncated.json.gz --format json"), 2);
    assert_eq!(
        report["failed_inputs"][0],
        "samples/damaged/truncated.json.gz"
    );
}

#[test]
fn fail_on_sets_what_counts_for_a_report() {
    for (more, code) in [("--fail-on critical", 1), ("--fail-on low", 1)] {
        assert_eq!(report(more).run().code, code, "{more}");
    }
    let quiet = rolewatch(&format!(
        "report -q --allowlist {ALLOWLIST} {ARCHIVE} --since 2026-11-16 --until 2026-11-17"
    ));
    let _ = quiet.arg("--fail-on=medium").run().exits(0);
}

#[test]
fn the_schema_is_printed_alone() {
    let schema = rolewatch("report --schema").run().success();
    assert_eq!(schema, read("docs/report.schema.json"));
}
