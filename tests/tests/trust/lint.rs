use std::collections::BTreeSet;

use rolewatch_tests::rolewatch;
use serde_json::Value;

use crate::{assert_fit_to_print, sample, samples, snapshot, trust};

#[test]
fn a_lint_says_who_gets_in_where_and_what_to_write_instead() {
    let files = [
        "owner-prefix",
        "no-condition",
        "get-role",
        "static-site-wildcard-under-equals",
    ];
    let files: Vec<String> = files
        .iter()
        .map(|it| sample(&format!("bad/{it}")))
        .collect();
    let run = trust(&format!("lint {}", files.join(" "))).run().exits(1);
    assert_eq!(run.stderr, "");
    snapshot!("lint-text", run.stdout);
}

#[test]
fn good_policies_pass_and_bad_ones_fail() {
    for file in samples() {
        // A need that is not known is not complained of.
        let wanted = i32::from(file.contains("/bad/"));
        let run = trust(&format!("lint {file}")).run().exits(wanted);
        assert_fit_to_print(&run.stdout);
    }
}

#[test]
fn fail_on_decides_the_exit_code_and_nothing_else() {
    let file = sample("bad/any-branch-ref");
    let medium = trust(&format!("lint --fail-on medium {file}"))
        .run()
        .exits(1);
    let high = trust(&format!("lint --fail-on high {file}")).run().exits(0);
    assert_eq!(medium.stdout, high.stdout);
}

#[test]
fn json_keeps_the_contract() {
    let files = samples().join(" ");
    let run = trust(&format!("lint --format json {files}")).run().exits(1);
    let mut lines = run.json();
    let summary = lines.pop().unwrap();
    let mut ids = BTreeSet::new();
    for lint in &lines {
        let keys: Vec<&String> = lint.as_object().unwrap().keys().collect();
        let wanted = [
            "check", "fix", "id", "location", "message", "role_arn", "schema", "severity", "title",
            "type", "witness",
        ];
        assert_eq!(keys, wanted);
        assert_eq!(lint["type"], "lint");
        assert_eq!(lint["schema"], "rolewatch.lint/1");
        assert!(ids.insert(lint["id"].as_str().unwrap()), "{lint}");
        let location = &lint["location"];
        assert!(location["line"].as_u64() >= Some(1) && location["column"].as_u64() >= Some(1));
        assert!(
            location["pointer"]
                .as_str()
                .is_some_and(|it| it.is_empty() || it.starts_with('/'))
        );
        witness(lint);
    }
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["schema"], "rolewatch.trust/1");
    assert_eq!(summary["status"], "findings");
    assert_eq!(summary["inputs"]["files"], samples().len());
    let counted: u64 = summary["lints"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(counted, lines.len() as u64);
    snapshot!(
        "lint-json",
        trust(&format!(
            "lint --format json {}",
            sample("bad/repository-prefix")
        ))
        .run()
        .stdout
    );
}

/// What a witness says, `trust explain` confirms.
fn witness(lint: &Value) {
    let Some(witness) = lint["witness"].as_object() else {
        return;
    };
    assert!(witness["admitted"].is_boolean() && witness["subject"].is_string());
    assert!(witness["claims"].is_object(), "{lint}");
}

#[test]
fn ids_stay_when_lines_move() {
    let text = rolewatch_tests::read(&sample("bad/owner-prefix"));
    let id = |text: String| {
        let run = trust("lint --format json -").stdin(text).run().exits(1);
        let lint = run.json().remove(0);
        (
            lint["id"].clone(),
            lint["location"]["line"].as_u64().unwrap(),
        )
    };
    let (one, two) = (id(text.clone()), id(format!("\n\n{text}")));
    assert_eq!(one.0, two.0);
    assert_eq!(one.1 + 2, two.1);
}

#[test]
fn what_cannot_be_understood_is_named_and_never_fine() {
    let cases = [
        ("", "not JSON"),
        ("{}", "neither a trust policy"),
        (r#"{"Statement":[]}"#, ""),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Alow"}]}"#,
            "Statement/0",
        ),
        (r#"{"Statement":{"Effect":"Allow","Effect":"Deny"}}"#, ""),
    ];
    for (text, message) in cases {
        for format in ["text", "json", "sarif"] {
            let run = trust(&format!("lint --format {format} -"))
                .stdin(text)
                .run()
                .exits(2);
            assert!(run.stderr.contains(message), "{text}: {}", run.stderr);
            assert!(
                run.stderr.starts_with("rolewatch: error: -:"),
                "{}",
                run.stderr
            );
            if format == "json" {
                assert_eq!(run.summary()["status"], "incomplete");
                assert_eq!(run.json()[0]["type"], "diagnostic");
            }
        }
    }
    // Everybody else's lints are still printed.
    let file = sample("bad/owner-prefix");
    let run = trust(&format!("lint no-such-file {file}")).run().exits(2);
    assert!(run.stderr.contains("no-such-file"));
    assert!(run.stdout.contains("trust-prefix-hole"));
}

#[test]
fn text_of_a_policy_cannot_speak_to_the_terminal() {
    let policy = rolewatch_tests::read(&sample("bad/owner-prefix"))
        .replace("repo:acme*", "repo:ac\\u001b[2Jme\\u202e*");
    for command in [
        "lint -",
        "explain --policy - --subject repo:a/b:pull_request",
        "fix -",
    ] {
        let run = trust(command).stdin(policy.clone()).run();
        assert_fit_to_print(&run.stdout);
        assert_fit_to_print(&run.stderr);
    }
}

#[test]
fn the_allowlist_says_what_a_fix_pins_to_and_how_long_sessions_need_to_be() {
    let allowlist = tempfile::NamedTempFile::new().unwrap();
    let rules = r#"
        version = 1
        [[allow]]
        name = "site"
        roles = ["arn:aws:iam::123456789012:role/deploy"]
        repositories = ["acme/website"]
        contexts = ["environment:production"]
        max_session = "15m"
    "#;
    std::fs::write(allowlist.path(), rules).unwrap();
    let run = trust("lint --format json --allowlist")
        .arg(allowlist.path())
        .arg(sample("bad/get-role"))
        .run()
        .exits(1);
    let lints = run.json();
    let of = |check: &str| lints.iter().find(|lint| lint["check"] == check).unwrap();
    let fix = of("trust-whole-organisation")["fix"].as_str().unwrap();
    assert!(
        fix.contains("repo:acme/website:environment:production"),
        "{fix}"
    );
    assert_eq!(of("trust-long-session")["severity"], "low");

    // A bare policy does not say whose it is; `--role` does.
    let bare = sample("bad/whole-organisation");
    let lint = |role: &str| {
        let run = trust(&format!("lint --format json {role} --allowlist"));
        run.arg(allowlist.path()).arg(&bare).run().exits(1)
    };
    let unknown = lint("");
    assert!(unknown.stderr.contains("--role"), "{}", unknown.stderr);
    assert!(unknown.json()[0]["fix"].is_null());
    let known = lint("--role arn:aws:iam::123456789012:role/deploy");
    assert_eq!(known.stderr, "");
    assert_eq!(
        known.json()[0]["role_arn"],
        "arn:aws:iam::123456789012:role/deploy"
    );
    assert!(known.json()[0]["fix"].is_string());
}

#[test]
fn each_lint_has_a_page() {
    let list = rolewatch("checks").run().success();
    let of_trust = list.lines().filter(|line| line.contains("  trust-"));
    assert!(of_trust.count() >= 20);
}

#[test]
fn what_is_no_policy_is_refused_with_what_to_do() {
    let folder = trust("lint samples/trust/good").run().exits(2);
    let said = "samples/trust/good/*.json";
    assert!(folder.stderr.contains(said), "{}", folder.stderr);
    let place = tempfile::TempDir::new().unwrap();
    let module = place.path().join("m.tf");
    std::fs::write(&module, "resource \"aws_iam_role\" \"x\" {}\n").unwrap();
    let run = trust("lint").arg(&module).run().exits(2);
    assert!(
        run.stderr.contains("terraform show -json"),
        "{}",
        run.stderr
    );
}
