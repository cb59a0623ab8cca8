//! Workflows: what each check complains of, what it leaves alone, and text that is no workflow.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use iam_trust::{WORKFLOW_CHECKS, WorkflowKind, lint_workflow};

/// A workflow with nothing to complain of, but what is changed in it.
const GOOD: &str = "\
on: push
permissions: {}
jobs:
  deploy-production:
    environment: production
    permissions:
      id-token: write
    steps:
      - uses: aws-actions/configure-aws-credentials@61815dcd50bd041e203e49132bacad1fd04d2708
        with:
          role-to-assume: ${{ vars.DEPLOY_ROLE_ARN }}
          role-session-name: deploy-${{ github.run_id }}
          role-duration-seconds: 900
";

fn checks(text: &str) -> Vec<(&'static str, usize)> {
    let (_, lints) = lint_workflow(text).unwrap();
    lints
        .iter()
        .map(|it| (it.check, it.location.line))
        .collect()
}

/// What changes if `from` becomes `to` in [`GOOD`].
fn changed(from: &str, to: &str) -> Vec<(&'static str, usize)> {
    assert!(GOOD.contains(from), "{from}");
    checks(&GOOD.replace(from, to))
}

#[test]
fn what_is_as_it_should_be_has_no_lint() {
    assert_eq!(checks(GOOD), []);
}

#[test]
fn each_mistake_is_found_at_its_line() {
    let environment = "    environment: production\n";
    let vars = "${{ vars.DEPLOY_ROLE_ARN }}";
    let name = "          role-session-name: deploy-${{ github.run_id }}\n";
    let duration = "          role-duration-seconds: 900\n";
    for (from, to, wanted) in [
        (
            environment,
            "",
            ("workflow-production-without-environment", 10),
        ),
        (
            "id-token: write",
            "contents: read",
            ("workflow-missing-id-token", 9),
        ),
        (
            "    permissions:\n      id-token: write\n",
            "",
            ("workflow-missing-id-token", 7),
        ),
        (
            "id-token: write",
            "id-token: read",
            ("workflow-missing-id-token", 9),
        ),
        (
            vars,
            "${{ secrets.ROLE }}",
            ("workflow-role-in-secrets", 11),
        ),
        (
            vars,
            "${{secrets['ROLE']}}",
            ("workflow-role-in-secrets", 11),
        ),
        (name, "", ("workflow-constant-session-name", 9)),
        (
            "${{ github.run_id }}",
            "x",
            ("workflow-constant-session-name", 12),
        ),
        (duration, "", ("workflow-long-session", 9)),
        ("900", "901", ("workflow-long-session", 13)),
        ("900", "'3600'", ("workflow-long-session", 13)),
        (
            "on: push",
            "on: push\nenv: {K: AKIAIOSFODNN7EXAMPLE}",
            ("workflow-stored-keys", 2),
        ),
        (
            "on: push",
            "on: push\nenv: {AWS_SECRET_ACCESS_KEY: '${{ secrets.X }}'}",
            ("workflow-stored-keys", 2),
        ),
    ] {
        assert_eq!(changed(from, to), [wanted], "{from} to {to}");
    }
}

#[test]
fn what_only_looks_like_a_mistake_is_left_alone() {
    for (from, to) in [
        (
            "role-duration-seconds: 900",
            "role-duration-seconds: ${{ inputs.seconds }}",
        ),
        ("900\n", "1800\n    timeout-minutes: 30\n"),
        ("id-token: write", "'id-token': 'write'"),
        (
            "    permissions:\n      id-token: write\n",
            "    permissions: write-all\n",
        ),
        (
            "on: push",
            "on: push\nenv: {AWS_ACCESS_KEY_ID: '${{ steps.login.outputs.id }}'}",
        ),
        ("on: push", "on: push\nenv: {WORD: AKIA}"),
        (
            "on: push",
            "on: push\nenv: {TOKEN: '${{ secrets.NPM_TOKEN }}'}",
        ),
    ] {
        assert_eq!(changed(from, to), [], "{from} to {to}");
    }
}

#[test]
fn who_calls_decides_for_reusable_workflows_and_composite_actions() {
    let said = "    permissions:\n      id-token: write\n";
    let reusable = GOOD.replace("on: push", "on: [workflow_call]");
    let reusable = reusable.replace("permissions: {}\n", "").replace(said, "");
    let (kind, lints) = lint_workflow(&reusable).unwrap();
    assert_eq!((kind, &*lints), (WorkflowKind::Reusable, &[][..]));
    let action = "runs:\n  using: composite\n  steps:\n    - uses: AWS-Actions/Configure-AWS-Credentials@v5\n      with: {role-to-assume: prod}\n";
    let (kind, lints) = lint_workflow(action).unwrap();
    assert_eq!(kind, WorkflowKind::CompositeAction);
    let found: Vec<_> = lints.iter().map(|it| it.check).collect();
    assert_eq!(
        found,
        ["workflow-long-session", "workflow-constant-session-name"]
    );
}

#[test]
fn hostile_and_foreign_text_is_a_problem_with_its_place() {
    let deep = format!("jobs: {}", "[".repeat(5000));
    for text in [
        "",
        "- a\n",
        "jobs: 1\n",
        "a: b\n",
        "jobs: {a: *b}\n",
        "jobs: {\n",
        "\t",
        "on: push\n---\non: push\n",
        &deep,
    ] {
        let problem = lint_workflow(text).unwrap_err();
        assert!(problem.place.line > 0, "{text}: {problem}");
    }
    for text in [
        "jobs: {a: 1}\n",
        "jobs: {a: {steps: {}}}\n",
        "jobs: {a: {steps: [1, [], {uses: []}]}}\n",
    ] {
        assert_eq!(checks(text), [], "{text}");
    }
}

#[test]
fn every_check_has_its_page() {
    for check in WORKFLOW_CHECKS {
        assert!(check.explanation.starts_with(&format!("# {}\n", check.id)));
        let headings = check.explanation.lines().filter(|it| it.starts_with("## "));
        let wanted = [
            "## What it does",
            "## Why it matters",
            "## Example",
            "## What to do",
        ];
        assert_eq!(headings.collect::<Vec<_>>(), wanted, "{}", check.id);
    }
}
