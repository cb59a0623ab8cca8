use std::collections::BTreeSet;

use rolewatch_tests::{ALLOWLIST, read, rolewatch, root};

use crate::snapshot;

const BROKEN: &str = "samples/allowlist-broken.toml";

/// The sample allowlist with its dates moved, so that the day of the test does not matter: one
/// rule has ended, the others have not.
pub(crate) fn timeless() -> tempfile::NamedTempFile {
    let text = read(ALLOWLIST)
        .replace("expires      = 2026-10-31", "expires      = 2001-10-31")
        .replace("= 2027-", "= 2999-");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn without_path(output: &str, path: &std::path::Path) -> String {
    output.replace(path.to_str().unwrap(), "allowlist.toml")
}

#[test]
fn a_good_allowlist_is_counted_and_its_warnings_do_not_fail_it() {
    let file = timeless();
    let run = rolewatch("allowlist check").arg(file.path()).run();
    snapshot!("allowlist-check", without_path(&run.success(), file.path()));

    let json = rolewatch("allowlist check --format json")
        .arg(file.path())
        .run();
    snapshot!(
        "allowlist-check-json",
        without_path(&json.success(), file.path())
    );
}

#[test]
fn the_committed_allowlist_has_no_problem_but_the_passing_of_time() {
    let run = rolewatch("allowlist check --format json samples/allowlist.toml").run();
    let diagnostics = run.exits(0).json();
    for diagnostic in diagnostics {
        assert_eq!(diagnostic["severity"], "warning");
        let line = usize::try_from(diagnostic["line"].as_u64().unwrap()).unwrap();
        let text = read(ALLOWLIST);
        let text = text.lines().nth(line - 1).unwrap();
        assert!(
            text.starts_with("expires") || text.starts_with("until"),
            "{text}"
        );
    }
}

#[test]
fn every_mistake_is_said_in_one_run() {
    let text = rolewatch(&format!("allowlist check {BROKEN}"))
        .run()
        .exits(2);
    assert_eq!(text.stderr, "");
    snapshot!("allowlist-check-broken", text.stdout);
    let json = rolewatch(&format!("allowlist check --format json {BROKEN}")).run();
    snapshot!("allowlist-check-broken-json", json.exits(2).stdout);
}

#[test]
fn every_line_marked_as_wrong_is_reported_and_no_other() {
    let marked: BTreeSet<u64> = (1..)
        .zip(read(BROKEN).lines())
        .filter(|(_, line)| !line.starts_with('#') && line.contains("# error: "))
        .map(|(number, _)| number)
        .collect();
    let run = rolewatch(&format!("allowlist check --format json {BROKEN}")).run();
    let diagnostics = run.exits(2).json();
    let mut reported = BTreeSet::new();
    let mut last = (0, 0);
    for diagnostic in &diagnostics {
        assert_eq!(diagnostic["type"], "diagnostic");
        assert_eq!(diagnostic["schema"], "rolewatch.diagnostic/1");
        assert_eq!(diagnostic["severity"], "error", "{diagnostic}");
        assert_eq!(diagnostic["file"], BROKEN);
        for field in ["message", "help"] {
            assert!(
                !diagnostic[field].as_str().unwrap().is_empty(),
                "{diagnostic}"
            );
        }
        let place = ["line", "column"].map(|field| diagnostic[field].as_u64().unwrap());
        let place = (place[0], place[1]);
        assert!(last <= place, "in the order of the file: {diagnostic}");
        last = place;
        reported.insert(place.0);
    }
    assert!(marked.len() >= 30, "{} lines are marked", marked.len());
    assert_eq!(reported, marked);
}

#[test]
fn what_is_no_allowlist_is_refused() {
    let missing = rolewatch("allowlist check no-such-file.toml")
        .run()
        .exits(2);
    assert!(missing.stderr.contains("no-such-file.toml"));
    let binary = rolewatch("allowlist check samples/containers/two-members.json.gz").run();
    assert!(binary.exits(2).stderr.contains("not UTF-8"));
    let folder = rolewatch("allowlist check samples").run();
    assert!(folder.exits(2).stderr.starts_with("rolewatch: error: "));
    let not_toml = rolewatch("allowlist check LICENSE").run().exits(2);
    assert!(
        not_toml.stdout.contains("LICENSE:1:"),
        "{}",
        not_toml.stdout
    );
}

#[test]
fn the_tests_of_an_allowlist_run() {
    let run = rolewatch("allowlist test samples/allowlist.toml").run();
    snapshot!("allowlist-test", run.success());
    let json = rolewatch("allowlist test --format json samples/allowlist.toml").run();
    assert!(json.json().iter().all(|test| test["passed"] == true));
    // The other way to name the file.
    let option = rolewatch("allowlist test --allowlist samples/allowlist.toml").run();
    assert_eq!(option.code, 0);
}

#[test]
fn a_test_that_fails_says_why() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let widened = read(ALLOWLIST).replace(
        r#"contexts     = ["environment:production"]"#,
        r#"contexts     = ["environment:production", "pull_request"]"#,
    );
    std::fs::write(file.path(), widened).unwrap();
    let run = rolewatch("allowlist test").arg(file.path()).run().exits(1);
    snapshot!(
        "allowlist-test-failed",
        without_path(&run.stdout, file.path())
    );
    let json = rolewatch("allowlist test --format json")
        .arg(file.path())
        .run();
    let failed = json.exits(1).json();
    assert_eq!(
        failed.iter().filter(|test| test["passed"] == false).count(),
        1
    );
}

#[test]
fn the_schema_is_the_committed_one() {
    let schema = rolewatch("allowlist schema").run().success();
    let committed = std::fs::read_to_string(root().join("docs/allowlist.schema.json"));
    assert!(
        schema == committed.unwrap_or_default(),
        "docs/allowlist.schema.json is not what `rolewatch allowlist schema` prints: make docs"
    );
}

#[test]
fn an_assumption_is_explained_by_the_allowlist_alone() {
    let explain = |more: &str| {
        rolewatch(&format!(
            "allowlist explain --allowlist samples/allowlist.toml --at 2026-11-20 \
             --role arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production {more}"
        ))
        .run()
    };
    let expected = explain("--session 15m --subject repo:my-org/my-repo:environment:production");
    snapshot!("allowlist-explain-expected", expected.success());
    let unexpected = explain("--subject repo:my-org/my-repo:pull_request").exits(1);
    snapshot!("allowlist-explain-unexpected", unexpected.stdout);

    let longer = explain("--subject repo:my-org/my-repo:environment:production").exits(1);
    assert!(longer.stdout.contains("session-too-long"));
    let impossible = explain("--session soon --subject x").exits(2);
    assert!(impossible.stderr.contains("15m"), "{}", impossible.stderr);
}

#[test]
fn what_no_assumption_has_is_not_explained() {
    let explain = |role: &str, more: &str| {
        rolewatch(&format!(
            "allowlist explain --allowlist samples/allowlist.toml --at 2026-11-20 --role {role} {more}"
        ))
        .run()
    };
    let role = "arn:aws:iam::123456789012:role/GitHubActionsDeployRole-Production";
    let subject = "--subject repo:my-org/my-repo:environment:production";
    let session = "arn:aws:sts::123456789012:assumed-role/deploy/run";
    for (role, more, said) in [
        ("prod", "", "not a role's ARN"),
        (session, "", "arn:aws:iam::123456789012:role/deploy"),
        (role, "--session 5m", "15m to 12h"),
        (role, "--session 13h", "15m to 12h"),
        (role, "--source-ip banana", "not an address"),
    ] {
        let run = explain(role, &format!("{subject} {more}")).exits(2);
        assert!(run.stderr.contains(said), "{role} {more}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    let run = explain(role, "--subject repo:my-org/my-repo:environment:prod:eu").exits(1);
    assert!(
        run.stderr
            .contains("repo:my-org/my-repo:environment:prod%3Aeu"),
        "{}",
        run.stderr
    );
}

#[test]
fn standard_input_is_an_allowlist_too() {
    let text = read(ALLOWLIST);
    for command in ["check", "test"] {
        let run = rolewatch(&format!("allowlist {command} -")).stdin(text.clone());
        assert!(run.run().exits(0).stderr.is_empty(), "{command}");
    }
    let broken = rolewatch("allowlist check -").stdin(read(BROKEN)).run();
    assert!(broken.exits(2).stdout.contains("-:79:"));
}
