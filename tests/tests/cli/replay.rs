use std::collections::BTreeSet;

use rolewatch_tests::{Rolewatch, Run, rolewatch};

use crate::snapshot;

/// The branch that got the production role.
const UNEXPECTED: &str = "4847769a-1fc1-4c27-a615-a16831232c9b";

fn replay(more: &str) -> Rolewatch {
    rolewatch(&format!(
        "replay --quiet --allowlist samples/allowlist.toml samples/archive {more}"
    ))
}

fn archive(more: &str) -> Run {
    replay(more).run()
}

#[test]
fn the_sample_archive_as_text() {
    let run = archive("").exits(1);
    assert_eq!(run.stderr, "");
    snapshot!("replay-text", run.stdout);
}

#[test]
fn the_sample_archive_as_json() {
    let run = archive("--format json").exits(1);
    assert_eq!(run.stderr, "");
    assert!(run.json().iter().all(|line| line["schema"].is_string()));
    snapshot!("replay-json", run.stdout);
}

#[test]
fn one_event_is_explained() {
    let explained = archive(&format!("--explain {UNEXPECTED}")).exits(1);
    snapshot!("replay-explain-unexpected", explained.stdout);

    // By the same measure as the rest.
    let _ = archive(&format!("--explain {UNEXPECTED} --fail-on critical")).success();

    let every_day = rolewatch(
        "replay --quiet --allowlist samples/allowlist.toml --explain 02e0797e-0000-0000-0000-000000000000 samples/archive",
    )
    .run()
    .exits(2);
    assert_eq!(
        every_day.stderr,
        "rolewatch: error: no AssumeRoleWithWebIdentity event has the id \
         02e0797e-0000-0000-0000-000000000000, among 303 records\n"
    );
}

#[test]
fn an_expected_event_is_explained() {
    let path = "samples/records/unlisted-context/quiet-environment-with-colon.json";
    let event = rolewatch_tests::read_json(path)["eventID"]
        .as_str()
        .unwrap()
        .to_owned();
    let run = rolewatch(&format!(
        "replay --quiet --allowlist samples/allowlist.toml --explain {event} {path}"
    ))
    .run();
    snapshot!("replay-explain-expected", run.success());
}

#[test]
fn findings_come_in_the_order_of_time_account_and_event() {
    let keys: Vec<_> = archive("--format json")
        .findings()
        .iter()
        .map(|finding| {
            let event = &finding["event"];
            ["time", "account", "event_id"].map(|key| event[key].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
}

#[test]
fn fail_on_sets_what_counts() {
    // The sample archive has findings of every severity but info; without Friday, no critical.
    let no_friday = "--until 2026-11-20";
    for (more, code) in [
        ("--fail-on info", 1),
        ("--fail-on critical", 1),
        ("--until 2026-11-20 --fail-on high", 1),
        ("--until 2026-11-20 --fail-on critical", 0),
        ("--until 2026-11-17 --fail-on low", 1),
        ("--until 2026-11-17 --fail-on medium", 0),
    ] {
        assert_eq!(archive(more).code, code, "{more}");
    }
    assert!(!archive(no_friday).stdout.contains("critical"));
    let wrong = archive("--fail-on urgent").exits(2);
    assert!(wrong.stderr.contains("info, low, medium, high, critical"));
}

#[test]
fn a_period_begins_with_since_and_ends_before_until() {
    let times = |more: &str| -> Vec<String> {
        archive(&format!("--format json {more}"))
            .findings()
            .iter()
            .map(|it| it["event"]["time"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = times("");
    let split = "2026-11-18T10:15:00Z";
    assert!(all.iter().any(|time| time == split));
    let (before, after) = (
        times(&format!("--until {split}")),
        times(&format!("--since {split}")),
    );
    assert!(before.iter().all(|time| time.as_str() < split));
    assert_eq!(after[0], split);
    assert_eq!([before, after].concat(), all);

    // The same moment, written with an offset; and a day is its first moment.
    let offset = times("--since 2026-11-18T11:15:00+01:00");
    assert_eq!(offset, times(&format!("--since {split}")));
    assert_eq!(
        times("--since 2026-11-20"),
        times("--since 2026-11-20T00:00:00Z")
    );
    assert_eq!(times("--since 2026-11-25"), Vec::<String>::new());
}

#[test]
fn a_time_that_is_none_is_refused() {
    for time in [
        "yesterday",
        "2026-13-01",
        "2026-11-20T25:00:00Z",
        "1795000000",
        "",
    ] {
        let run = replay("--since").arg(time).run().exits(2);
        assert!(
            run.stderr.contains("2026-11-20T10:15:00Z"),
            "{}",
            run.stderr
        );
        assert_eq!(run.stdout, "");
    }
    let backwards = archive("--since 2026-11-20 --until 2026-11-19").exits(2);
    assert!(backwards.stderr.contains("is not before --until"));
}

#[test]
fn a_replay_without_findings_exits_with_0() {
    let run = archive("--format json --since 2026-11-21").exits(0);
    assert_eq!(run.summary()["status"], "clean");
    let text = archive("--since 2026-11-21").success();
    assert!(text.ends_with("nothing unexpected\n"), "{text}");
}

#[test]
fn without_an_allowlist_nothing_runs() {
    let missing = rolewatch("replay samples/archive").run().exits(2);
    assert_eq!(missing.stdout, "");
    snapshot!("replay-no-allowlist", missing.stderr);

    let broken = rolewatch("replay --allowlist samples/allowlist-broken.toml samples/archive");
    let broken = broken.run().exits(2);
    assert_eq!(broken.stdout, "");
    assert!(broken.stderr.contains("samples/allowlist-broken.toml:8:11"));
}
