use std::path::Path;

use rolewatch_tests::{ALLOWLIST, ARCHIVE, Rolewatch, Run, files, read, rolewatch};
use serde_json::Value;

use crate::allowlist::timeless;
use crate::snapshot;

/// What a pull request might bring: good things, bad ones, and one that does nothing.
fn changed() -> String {
    let text = read(timeless().path().to_str().unwrap())
        .replace(
            "contexts     = [\"environment:production\"]",
            "contexts     = [\"environment:production\", \"branch:*\"]",
        )
        .replace("max_session  = \"30m\"", "max_session  = \"15m\"")
        .replace("[\"my-org/*\"]", "[\"my-org/mirror\"]");
    assert!(text.contains("my-org/mirror"));
    let (before, _) = text.split_once("[[ignore]]").unwrap();
    before.to_owned()
        + r#"
[[allow]]
name         = "for later"
roles        = ["arn:aws:iam::123456789012:role/not-yet"]
repositories = ["my-org/*"]
contexts     = ["any"]

[[ignore]]
check        = "denied-assumption"
repositories = ["my-org/web-shop"]
reason       = "PLAT-1302"
until        = 2999-01-15
"#
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn diff(from: &Path, to: &Path, more: &str) -> Rolewatch {
    rolewatch(&format!("diff --quiet {more} --from"))
        .arg(from)
        .arg("--to")
        .arg(to)
}

/// Of the sample archive, by the change above.
fn shown(more: &str) -> Run {
    let (old, new) = (timeless(), written(&changed()));
    let run = diff(old.path(), new.path(), &format!("{ARCHIVE} {more}")).run();
    let stdout = run
        .stdout
        .replace(new.path().to_str().unwrap(), "allowlist.toml");
    Run { stdout, ..run }
}

#[test]
fn a_change_is_shown_in_every_form() {
    for (format, name) in [
        ("text", "diff-text"),
        ("json", "diff-json"),
        ("markdown", "diff-markdown"),
    ] {
        let run = shown(&format!("--format {format}")).exits(1);
        assert_eq!(run.stderr, "");
        snapshot!(name, run.stdout);
    }
}

/// The events that change are those whose outcome does, in two replays.
#[test]
fn it_says_what_two_replays_say() {
    let lines = shown("--format json").exits(1).json();
    let (summary, changes) = lines.split_last().unwrap();
    let (old, new) = (timeless(), written(&changed()));
    let replay = |allowlist: &Path| -> Vec<Value> {
        let replay = rolewatch(&format!("replay -q --format json {ARCHIVE} --allowlist"));
        replay.arg(allowlist).run().findings()
    };
    let (before, after) = (replay(old.path()), replay(new.path()));
    let is_in = |finding: &Value, all: &[Value]| {
        all.iter()
            .any(|it| it["event"]["event_id"] == finding["event"]["event_id"])
    };
    for (direction, left, right) in [
        ("newly_expected", &before, &after),
        ("newly_unexpected", &after, &before),
    ] {
        let wanted = left.iter().filter(|it| !is_in(it, right)).count();
        assert!(wanted > 0, "{direction}");
        let of = changes.iter().filter(|it| it["direction"] == direction);
        let listed: u64 = of.map(|it| it["count"].as_u64().unwrap()).sum();
        assert_eq!(listed, wanted as u64, "{direction}");
        assert_eq!(summary[direction], wanted, "{direction}");
    }
    for change in changes {
        assert_eq!(
            (&change["type"], &change["schema"]),
            (&"change".into(), &"rolewatch.change/1".into())
        );
    }
    assert_eq!(summary["schema"], "rolewatch.diff/1");
    assert_eq!(summary["status"], "changes");
    assert_eq!(
        summary["rules"]["without_effect"],
        serde_json::json!(["for later", "package mirror"])
    );
}

#[test]
fn the_same_allowlist_changes_nothing() {
    let old = timeless();
    for format in ["text", "json", "markdown"] {
        let run = diff(
            old.path(),
            old.path(),
            &format!("{ARCHIVE} --format {format}"),
        )
        .run();
        let text = run.success();
        match format {
            "text" => assert!(
                text.starts_with("nothing that is recorded is judged otherwise\n"),
                "{text}"
            ),
            "json" => assert!(
                text.starts_with("{\"type\":\"summary\"") && text.contains("\"clean\""),
                "{text}"
            ),
            _ => assert!(text.contains("\n\nThe same as before.\n"), "{text}"),
        }
    }
}

#[test]
fn fail_on_chooses_the_direction() {
    let later = read(ALLOWLIST).replace("\"30m\"", "\"12h\"");
    let (old, wider) = (written(&read(ALLOWLIST)), written(&later));
    for (from, to, wanted) in [
        (
            &old,
            &wider,
            [
                ("any", 1),
                ("newly_expected", 1),
                ("newly_unexpected", 0),
                ("none", 0),
            ],
        ),
        (
            &wider,
            &old,
            [
                ("any", 1),
                ("newly_expected", 0),
                ("newly_unexpected", 1),
                ("none", 0),
            ],
        ),
    ] {
        for (fail_on, code) in wanted {
            let more = format!("{ARCHIVE} --fail-on {fail_on}");
            let _ = diff(from.path(), to.path(), &more).run().exits(code);
        }
    }
}

/// A stranger whose ids are pinned now is a mere question of the region.
#[test]
fn a_finding_that_becomes_a_smaller_one_is_a_change() {
    let rule = |repositories: &str, more: &str| {
        written(&format!(
            r#"version = 1
[[allow]]
name = "a"
roles = ["arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production"]
repositories = [{repositories}]
contexts = ["environment:production", "branch:*"]
{more}
"#
        ))
    };
    let own = "\"my-org@1/my-repo@2\"";
    let old = rule(own, "");
    let new = rule(
        &format!("{own}, \"my-org@666/my-repo@667\""),
        "regions = [\"ap-south-2\"]",
    );
    let log = read("samples/records/unlisted-context/fires-branch.json")
        .replace("repo:my-org/my-repo:", "repo:my-org@666/my-repo@667:");
    let history = written(&log);
    let compare =
        |from: &Path, to: &Path, more: &str| diff(from, to, more).arg(history.path()).run();
    let forth = |more: &str| compare(old.path(), new.path(), more);
    let lines = forth("--format json").exits(1).json();
    assert_eq!(lines[0]["direction"], "still_unexpected");
    assert_eq!(lines[0]["from_checks"][0], "repository-id-mismatch");
    assert_eq!(lines[0]["checks"][0], "unexpected-region");
    assert_eq!(lines[1]["status"], "changes");
    assert_eq!(lines[1]["still_unexpected"], 1);
    let text = forth("").exits(1).stdout;
    assert!(
        text.starts_with("1 event is a finding of another kind now\n  is          less severe\n"),
        "{text}"
    );
    assert!(
        text.contains("repository-id-mismatch, now unexpected-region"),
        "{text}"
    );
    let markdown = forth("--format markdown").exits(1).stdout;
    assert!(
        markdown.contains("**1 event is a finding of another kind now**"),
        "{markdown}"
    );
    assert!(markdown.contains("| 1 | less severe | `arn:"), "{markdown}");
    for direction in ["newly_expected", "newly_unexpected", "none"] {
        let _ = forth(&format!("--fail-on {direction}")).exits(0);
    }
    let back = compare(new.path(), old.path(), "").exits(1).stdout;
    assert!(back.contains("more severe"), "{back}");
}

/// A wrong folder is not "the same as before".
#[test]
fn nothing_read_is_no_approval() {
    let (old, new) = (timeless(), written(&changed()));
    let folder = tempfile::tempdir().unwrap();
    let other =
        written(r#"{"Records": [{"eventName": "GetObject", "eventSource": "s3.amazonaws.com"}]}"#);
    for (format, word) in [
        ("text", "No session of GitHub Actions is recorded"),
        ("json", "\"status\":\"nothing_judged\""),
        ("markdown", "**No session of GitHub Actions is recorded"),
    ] {
        let compare = |source: &Path| {
            let more = format!("--format {format}");
            diff(old.path(), new.path(), &more).arg(source).run()
        };
        let run = compare(folder.path()).exits(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("nothing is compared"), "{}", run.stderr);
        let text = compare(other.path()).exits(0).stdout;
        assert!(text.contains(word), "{text}");
        assert!(
            !text.contains("The same") && !text.contains("judged otherwise"),
            "{text}"
        );
    }
}

#[test]
fn it_is_the_same_for_any_order_and_any_number_of_threads() {
    let (old, new) = (timeless(), written(&changed()));
    let mut sources = files(ARCHIVE);
    sources.reverse();
    let compared = |threads: &str, sources: &[String]| {
        let more = format!("--format json --threads {threads}");
        let mut run = diff(old.path(), new.path(), &more);
        for source in sources {
            run = run.arg(source);
        }
        run.run().exits(1).stdout
    };
    assert_eq!(compared("1", &sources), compared("3", &files(ARCHIVE)));
}

#[test]
fn a_broken_allowlist_on_either_side_is_shown_and_nothing_is_compared() {
    let good = timeless();
    let broken = rolewatch_tests::root().join("samples/allowlist-broken.toml");
    for (from, to) in [(good.path(), &*broken), (&*broken, good.path())] {
        let run = diff(from, to, ARCHIVE).run().exits(2);
        assert_eq!(run.stdout, "");
        assert!(
            run.stderr.contains("allowlist-broken.toml:8:11"),
            "{}",
            run.stderr
        );
    }
    let run = diff(good.path(), Path::new("no-such.toml"), ARCHIVE)
        .run()
        .exits(2);
    assert!(
        run.stderr
            .contains("cannot read the allowlist no-such.toml"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_incomplete_history_is_said_in_every_form() {
    let (old, new) = (timeless(), written(&changed()));
    for format in ["text", "json", "markdown"] {
        let more = format!("{ARCHIVE} samples/damaged/truncated.json.gz --format {format}");
        let run = diff(old.path(), new.path(), &more).run().exits(2);
        let word = if format == "json" {
            "\"incomplete\""
        } else {
            "INCOMPLETE"
        };
        assert!(run.stdout.contains(word), "{}", run.stdout);
        assert!(
            run.stdout
                .contains("repo:my-org/my-repo:ref:refs/heads/dev"),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn standard_input_and_a_period_are_as_for_replay() {
    let (old, new) = (timeless(), written(&changed()));
    let log = rolewatch_tests::root().join("samples/records/unlisted-context/fires-branch.json");
    let run = diff(old.path(), new.path(), "-").stdin(std::fs::read(log).unwrap());
    let text = run.run().exits(1).stdout;
    assert!(
        text.starts_with("1 event that was a finding is none any more\n"),
        "{text}"
    );
    let _ = diff(
        old.path(),
        new.path(),
        &format!("{ARCHIVE} --since 2026-11-21"),
    )
    .run()
    .exits(0);
}
