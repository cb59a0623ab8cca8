//! `rolewatch workflow lint`.

use std::collections::{BTreeMap, BTreeSet};

use rolewatch_tests::{Rolewatch, read, rolewatch};

use crate::snapshot;

const BAD: &str = "samples/workflows/bad/deploy.yml";
const LOGIN: &str = "samples/workflows/bad/login/action.yml";
const BROKEN: &str = "samples/workflows/bad/merge-key.yml";

fn lint(arguments: &str) -> Rolewatch {
    rolewatch(&format!("workflow lint {arguments}"))
}

#[test]
fn ours_and_the_samples_have_nothing_to_be_told() {
    let clean = "no lints";
    for files in [
        "",
        ".github",
        "samples/workflows",
        ".github samples/workflows",
    ] {
        let output = lint(files).run().success();
        assert_eq!(output.lines().last(), Some(clean), "{files}: {output}");
    }
    let all = lint("--format json .github samples/workflows").run();
    assert_eq!(all.summary()["inputs"]["files"], 7);
}

#[test]
fn each_complaint_says_what_where_and_what_to_do() {
    let run = lint(&format!("{BAD} {LOGIN}")).run().exits(1);
    assert_eq!(run.stderr, "");
    snapshot!("workflow-lint", run.stdout);
}

#[test]
fn every_check_fires_in_the_bad_sample() {
    let run = lint(&format!("--format json {BAD} {LOGIN}")).run().exits(1);
    let mut lines = run.json();
    let summary = lines.pop().unwrap();
    let mut found = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for lint in &lines {
        assert_eq!(
            (&lint["type"], &lint["schema"]),
            (&"lint".into(), &"rolewatch.lint/1".into())
        );
        assert!(lint["witness"].is_null() && lint["fix"].is_null() && lint["role_arn"].is_null());
        assert!(ids.insert(lint["id"].as_str().unwrap()), "{lint}");
        let check = lint["check"].as_str().unwrap();
        *found.entry(check).or_insert(0_u64) += 1;
        // The place is where it says.
        let location = &lint["location"];
        let line = usize::try_from(location["line"].as_u64().unwrap()).unwrap();
        let text = read(location["file"].as_str().unwrap());
        assert!(
            text.lines()
                .nth(line - 1)
                .is_some_and(|it| !it.trim().is_empty())
        );
    }
    let list = rolewatch("checks").run().success();
    let known = list.lines().filter_map(|it| it.split_whitespace().nth(1));
    let known: Vec<_> = known.filter(|id| id.starts_with("workflow-")).collect();
    assert_eq!(known.len(), 7);
    assert!(known.iter().all(|id| found.contains_key(id)), "{found:?}");
    assert_eq!(summary["schema"], "rolewatch.workflow/1");
    assert_eq!(summary["status"], "findings");
    assert_eq!(summary["lints"], serde_json::json!(found));
}

#[test]
fn what_cannot_be_read_is_named_and_hides_no_other() {
    let files = format!("{BROKEN} no-such.yml Makefile {LOGIN} {BAD}");
    let run = lint(&format!("--format json {files}")).run().exits(2);
    let mut lines = run.json();
    let summary = lines.pop().unwrap();
    assert_eq!(summary["status"], "incomplete");
    assert_eq!(
        summary["inputs"]["failed"],
        serde_json::json!(["Makefile", "no-such.yml", BROKEN])
    );
    let (told, rest): (Vec<_>, Vec<_>) = lines.iter().partition(|it| it["type"] == "diagnostic");
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["line"], 8);
    assert!(rest.len() > 10);
    for name in [BROKEN, "no-such.yml", "Makefile"] {
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
    // A folder without any is a mistake, not a clean bill.
    assert!(
        lint("samples/trust")
            .run()
            .exits(2)
            .stderr
            .contains("no workflow")
    );
    assert_eq!(lint("-").stdin("a: b\n").run().code, 2);
}

#[test]
fn names_of_a_workflow_are_escaped() {
    let text = "on: push\njobs:\n  \"a\\e[31m\\n\":\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v5\n        with: {role-to-assume: x}\n";
    let run = lint("-").stdin(text).run().exits(1);
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert!(run.stdout.contains("job a\\u{1b}[31m"), "{}", run.stdout);
}

#[test]
fn fail_on_decides_the_exit_code_and_nothing_else() {
    let text = read("samples/workflows/static-site.yml").replace("role-session-name", "x");
    let low = lint("-").stdin(text.clone()).run().exits(1);
    let medium = lint("--fail-on medium -").stdin(text).run().exits(0);
    assert_eq!(low.stdout, medium.stdout);
}

#[test]
fn sarif_is_valid_and_has_its_rules() {
    let schema = rolewatch_tests::sarif_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for files in [BAD, ".github", "no-such-file", BROKEN] {
        let run = lint(&format!("--format sarif {files}")).run();
        let log: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let errors: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{files}: {errors:?}");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
    }
}

/// A folder with these workflows.
fn workflows(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    let place = folder.path().join(".github/workflows");
    std::fs::create_dir_all(&place).unwrap();
    for (name, text) in files {
        std::fs::write(place.join(name), text).unwrap();
    }
    folder
}

#[test]
fn production_through_a_called_workflow_is_told_at_its_caller() {
    const CALLED: &str = "\
on: {workflow_call: {inputs: {role: {type: string}}}}
jobs:
  apply:
    steps:
      - uses: aws-actions/configure-aws-credentials@v5
        with: {role-to-assume: '${{ inputs.role }}', role-duration-seconds: 900, role-session-name: 'x-${{ github.run_id }}'}
";
    const CALLER: &str = "\
on: push
jobs:
  call:
    permissions: {id-token: write}
    uses: ./.github/workflows/r.yml
    with: {role: 'arn:aws:iam::123456789012:role/prod-deploy'}
";
    let open = workflows(&[("r.yml", CALLED), ("push.yml", CALLER)]);
    let run = lint("--fail-on high").arg(open.path()).run().exits(1);
    assert!(run.stdout.contains("push.yml:6:"), "{}", run.stdout);
    assert!(
        run.stdout.contains("into the job of the called workflow"),
        "{}",
        run.stdout
    );
    let guarded = CALLED.replace("    steps", "    environment: production\n    steps");
    let guarded = workflows(&[("r.yml", &guarded), ("push.yml", CALLER)]);
    let _ = lint("--fail-on info").arg(guarded.path()).run().exits(0);
}
