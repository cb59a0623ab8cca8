//! Workflows: what each check complains of, what it leaves alone, and text that is no workflow.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use iam_trust::{Severity, WORKFLOW_CHECKS, Workflow, WorkflowKind, WorkflowLint};
use proptest::prelude::*;

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

fn lint(text: &str) -> (WorkflowKind, Vec<WorkflowLint>) {
    let workflow = Workflow::read(text).unwrap();
    (workflow.kind, workflow.lint(&|_| None))
}

/// What is complained of, less `workflow-`, and in which line.
fn checks(text: &str) -> Vec<(&'static str, usize)> {
    let short = |it: &WorkflowLint| it.check.strip_prefix("workflow-").unwrap();
    let (_, lints) = lint(text);
    let serious = lints.iter().filter(|it| it.severity > Severity::Info);
    serious.map(|it| (short(it), it.location.line)).collect()
}

/// What changes if `from` becomes `to` in [`GOOD`].
fn changed(from: &str, to: &str) -> Vec<(&'static str, usize)> {
    assert!(GOOD.contains(from), "{from}");
    checks(&GOOD.replace(from, to))
}

const ENVIRONMENT: &str = "    environment: production\n";
const NAME: &str = "          role-session-name: deploy-${{ github.run_id }}\n";
const DURATION: &str = "          role-duration-seconds: 900\n";
const PERMISSIONS: &str = "    permissions:\n      id-token: write\n";
const ROLE: &str = "${{ vars.DEPLOY_ROLE_ARN }}";

#[test]
fn what_is_as_it_should_be_has_no_lint() {
    assert_eq!(lint(GOOD).1, []);
}

#[test]
fn an_empty_key_is_no_key() {
    for empty in ["''", "", "' '"] {
        let text = GOOD.replace("id-token: write", "contents: read");
        let text = text.replace(
            NAME,
            &format!("{NAME}          aws-access-key-id: {empty}\n"),
        );
        assert_eq!(checks(&text), [("missing-id-token", 9)], "{empty}");
    }
    let text = GOOD.replace(NAME, "          role-session-name: ''\n");
    assert_eq!(checks(&text), [("constant-session-name", 9)]);
}

#[test]
fn each_mistake_is_found_at_its_line() {
    for (from, to, wanted) in [
        (ENVIRONMENT, "", ("unguarded-production", 10)),
        (
            ENVIRONMENT,
            "    environment: ''\n",
            ("unguarded-production", 11),
        ),
        ("id-token: write", "contents: read", ("missing-id-token", 9)),
        ("id-token: write", "id-token: read", ("missing-id-token", 9)),
        (PERMISSIONS, "", ("missing-id-token", 7)),
        (
            PERMISSIONS,
            "    permissions: read-all\n",
            ("missing-id-token", 8),
        ),
        (ROLE, "${{ secrets.ROLE }}", ("role-in-secrets", 11)),
        (ROLE, "${{secrets['ROLE']}}", ("role-in-secrets", 11)),
        (NAME, "", ("constant-session-name", 9)),
        ("${{ github.run_id }}", "x", ("constant-session-name", 12)),
        (
            "${{ github.run_id }}",
            "${{ github.ref }}",
            ("constant-session-name", 12),
        ),
        (DURATION, "", ("long-session", 9)),
        ("900", "901", ("long-session", 13)),
        ("900", "'3600'", ("long-session", 13)),
        (
            "900\n",
            "3600\n    timeout-minutes: 30\n",
            ("long-session", 13),
        ),
        (
            "on: push",
            "on: push\nenv: {K: AKIAIOSFODNN7EXAMPLE}",
            ("stored-keys", 2),
        ),
        (
            "on: push",
            "on: push\nenv: {AWS_SECRET_ACCESS_KEY: '${{ secrets.X }}'}",
            ("stored-keys", 2),
        ),
        (
            "on: push",
            "on: push\nenv: {X: '${{ vars.DEPLOY_AWS_ACCESS_KEY_ID }}'}",
            ("stored-keys", 2),
        ),
        (
            "900\n",
            "900\n      - run: aws configure set aws_secret_access_key ${{ secrets.K }}\n",
            ("stored-keys", 14),
        ),
        (
            "900\n",
            "900\n      - uses: x/y@v1\n        with: {arn: '${{ secrets.PROD_ROLE_ARN }}'}\n",
            ("role-in-secrets", 15),
        ),
    ] {
        assert_eq!(changed(from, to), [wanted], "{from} to {to}");
    }
}

#[test]
fn what_only_looks_like_a_mistake_is_left_alone() {
    for (from, to) in [
        ("900\n", "1800\n    timeout-minutes: 30\n"),
        ("id-token: write", "'id-token': 'write'"),
        (PERMISSIONS, "    permissions: write-all\n"),
        (
            ENVIRONMENT,
            "    environment: {name: '${{ inputs.stage }}'}\n",
        ),
        ("${{ github.run_id }}", "${{ inputs.name }}"),
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
fn an_expression_is_not_evaluated_by_guess_and_not_passed_over() {
    for (from, to) in [
        ("900", "${{ inputs.seconds }}"),
        (
            "900\n",
            "3600\n    timeout-minutes: ${{ inputs.minutes }}\n",
        ),
    ] {
        let (_, lints) = lint(&GOOD.replace(from, to));
        let found: Vec<_> = lints.iter().map(|it| (it.check, it.severity)).collect();
        assert_eq!(found, [("workflow-long-session", Severity::Info)], "{to}");
        assert!(lints[0].message.ends_with("not known"), "{:?}", lints[0]);
    }
}

#[test]
fn variables_that_the_file_itself_says_are_looked_into() {
    let with_env = |env: &str| GOOD.replace("on: push", &format!("on: push\nenv: {env}"));
    let named =
        |env: &str, name: &str| checks(&with_env(env).replace("${{ github.run_id }}", name));
    assert_eq!(
        named("{N: x}", "${{ env.N }}"),
        [("constant-session-name", 13)]
    );
    assert_eq!(named("{N: '${{ github.run_id }}'}", "${{ env.N }}"), []);
    assert_eq!(named("{M: x}", "${{ env.N }}"), []);
    let role = with_env("{R: 'arn:aws:iam::123456789012:role/prod'}");
    let role = role.replace(ROLE, "${{ env.R }}").replace(ENVIRONMENT, "");
    let role = role.replace("deploy-production", "deploy");
    assert_eq!(checks(&role), [("unguarded-production", 11)]);
    // Nearer ones hide those further out, and a variable that is itself ends.
    let inner = with_env("{N: '${{ github.run_id }}'}");
    let inner = inner.replace(
        "    environment",
        "    env: {N: '${{ env.N }}x'}\n    environment",
    );
    let inner = inner.replace(
        "${{ github.run_id }}\n          role-d",
        "${{ env.N }}\n          role-d",
    );
    assert_eq!(checks(&inner), []);
}

#[test]
fn who_calls_decides_for_reusable_workflows_and_actions() {
    let reusable = GOOD.replace("on: push", "on: [workflow_call]");
    let reusable = reusable
        .replace("permissions: {}\n", "")
        .replace(PERMISSIONS, "");
    assert_eq!(lint(&reusable), (WorkflowKind::Reusable, Vec::new()));
    let action = "runs:\n  using: composite\n  steps:\n    - uses: AWS-Actions/Configure-AWS-Credentials@v5\n      with: {Role-To-Assume: prod}\n";
    assert_eq!(lint(action).0, WorkflowKind::Action);
    assert_eq!(
        checks(action),
        [("long-session", 4), ("constant-session-name", 4)]
    );
    assert_eq!(lint("runs: {using: node24, main: x.js}\n").1, []);
}

#[test]
fn what_a_job_uses_of_the_same_repository_counts_as_its_own() {
    let login = Workflow::read(GOOD).unwrap();
    let used = |uses: &str| (uses == "./.github/actions/login").then_some(&login);
    let text = "\
on: push
jobs:
  release:
    steps:
      - uses: ./.github/actions/login
        with: {role: '${{ vars.PRODUCTION_ROLE }}'}
      - uses: ./.github/actions/other
  called:
    uses: ./.github/actions/login
    permissions: {contents: read}
";
    let lints = Workflow::read(text).unwrap().lint(&used);
    let found: Vec<_> = lints
        .iter()
        .map(|it| (it.check, it.location.line))
        .collect();
    let wanted = [
        ("workflow-unguarded-production", 5),
        ("workflow-missing-id-token", 5),
        ("workflow-missing-id-token", 9),
    ];
    assert_eq!(found, wanted);
    assert!(
        lints[2].message.contains("calls a workflow"),
        "{:?}",
        lints[2]
    );
    assert_eq!(lint(text).1, []);
}

/// A workflow that others call, and that takes its role from them.
const CALLED: &str = "\
on: {workflow_call: {inputs: {role: {type: string}}}}
jobs:
  apply:
    steps:
      - uses: aws-actions/configure-aws-credentials@v5
        with: {role-to-assume: '${{ inputs.role }}', role-duration-seconds: 900}
";

/// What is said of who hands production to a workflow.
fn handed(called: &str, how: &str) -> Vec<(usize, String)> {
    let called = Workflow::read(called).unwrap();
    let text = format!(
        "on: push\njobs:\n  call:\n    permissions: {{id-token: write}}\n    uses: ./r.yml\n{how}"
    );
    let lints = Workflow::read(&text).unwrap().lint(&|_| Some(&called));
    let told = lints.iter().map(|it| {
        assert_eq!(it.check, "workflow-unguarded-production");
        (it.location.line, it.help.to_owned())
    });
    told.collect()
}

#[test]
fn production_through_a_called_workflow_needs_an_environment_there() {
    let production = "arn:aws:iam::123456789012:role/prod-deploy";
    for how in [
        &*format!("    with:\n      stage: x\n      role: {production}\n"),
        "    with:\n      stage: x\n      role: ${{ secrets.PROD_ROLE }}\n",
        "    secrets:\n      X: ${{ secrets.PROD_X }}\n      role: ${{ secrets.PROD_ROLE }}\n",
    ] {
        let told = handed(CALLED, how);
        assert_eq!(told.len(), 1, "{how}");
        assert_eq!(told[0].0, 8, "{how}");
        assert!(told[0].1.contains("of the called workflow"), "{told:?}");
        let guarded = CALLED.replace("    steps", "    environment: ${{ inputs.e }}\n    steps");
        assert_eq!(handed(&guarded, how), [], "{how}");
        // What it names itself is judged there.
        let named = CALLED.replace("${{ inputs.role }}", "arn:x");
        assert_eq!(handed(&named, how), [], "{how}");
        let by_name = format!("{how}    name: to production\n");
        assert_eq!(handed(&named, &by_name)[0].0, 5, "{how}");
    }
    for harmless in [
        "    with: {role: arn:staging}\n",
        "    secrets: inherit\n",
        "    secrets: {KEY: '${{ secrets.PROD_KEY }}'}\n",
        "    with: {version: '${{ needs.build.outputs.version }}', role: arn:staging}\n",
    ] {
        assert_eq!(handed(CALLED, harmless), [], "{harmless}");
    }
    // What its own caller hands on is not known here.
    let on = handed(CALLED, "    with: {role: '${{ inputs.role }}'}\n");
    assert!(on[0].1.contains("of the called workflow"), "{on:?}");
}

#[test]
fn a_script_that_assumes_a_role_is_held_to_the_same() {
    let text = "\
on: push
jobs:
  a:
    env: {ARN: '${{ secrets.R }}', SECONDS: '1800'}
    steps:
      - run: |
          set -e
          aws sts assume-role-with-web-identity --role-arn $ARN \\
            --role-session-name \"ci-$GITHUB_JOB\" --duration-seconds $SECONDS --web-identity-token t
      - run: aws sts assume-role-with-web-identity --role-arn x-prod --role-session-name \"$GITHUB_RUN_ID\" | jq .
      - run: aws sts assume-role-with-web-identity --cli-input-json file://x.json
      - run: aws sts get-caller-identity
";
    let wanted = [
        ("missing-id-token", 8),
        ("long-session", 8),
        ("constant-session-name", 8),
        ("role-in-secrets", 8),
        ("unguarded-production", 10),
        ("long-session", 10),
    ];
    assert_eq!(checks(text), wanted);
    // What helps a script is no input of the action's.
    for lint in lint(text).1 {
        let cure = match lint.check {
            "workflow-long-session" => "--duration-seconds 900",
            "workflow-constant-session-name" => "--role-session-name",
            _ => continue,
        };
        assert!(lint.help.contains(cure), "{lint:?}");
    }
}

#[test]
fn a_role_that_a_matrix_names_is_read_and_else_not_known() {
    let text = GOOD.replace(ENVIRONMENT, "    strategy: {matrix: {stage: [X]}}\n");
    let text = text.replace("deploy-production", "deploy");
    let of = |values: &str, role: &str| {
        let text = text.replace("[X]", values).replace(ROLE, role);
        let lints = lint(&text).1;
        let found = lints.iter().map(|it| {
            assert_eq!(
                (it.check, it.location.line),
                ("workflow-unguarded-production", 11)
            );
            it.severity
        });
        found.collect::<Vec<_>>()
    };
    let role = "role/deploy-${{ matrix.stage }}";
    assert_eq!(of("[staging, production]", role), [Severity::High]);
    assert_eq!(of("[staging, test]", role), []);
    assert_eq!(of("'${{ fromJSON(vars.STAGES) }}'", role), [Severity::Info]);
    assert_eq!(of("[x]", "${{ inputs.role }}"), [Severity::Info]);
    assert_eq!(of("[x]", "${{ vars.ROLE }}"), []);
}

#[test]
fn a_pull_request_is_not_checked_out_beside_a_role() {
    const HEAD: &str = "${{ github.event.pull_request.head.sha }}";
    let of = |on: &str, step: &str| {
        let text = GOOD.replace("on: push", on);
        checks(&text.replace("    steps:\n", &format!("    steps:\n{step}")))
    };
    let checkout =
        |with: &str| format!("      - uses: actions/checkout@v6\n        with: {{{with}}}\n");
    let script = |line: &str| format!("      - run: |\n          set -e\n          {line}\n");
    let by_ref = checkout(&format!("ref: '{HEAD}'"));
    let wanted = |line| [("untrusted-checkout", line)];
    for on in [
        "on: pull_request_target",
        "on: [push, pull_request_target]",
        "on: {pull_request_target: {types: [opened]}}",
        "on: workflow_run",
    ] {
        assert_eq!(of(on, &by_ref), wanted(10), "{on}");
    }
    let on = "on: pull_request_target";
    for step in [
        checkout("repository: '${{ github.event.pull_request.head.repo.full_name }}'"),
        checkout("ref: 'refs/pull/${{ github.event.number }}/merge'"),
        checkout("ref: '${{ github.head_ref }}'"),
        checkout("ref: '${{ github.event.pull_request.merge_commit_sha }}'"),
    ] {
        assert_eq!(of(on, &step), wanted(10), "{step}");
    }
    for line in [
        "gh pr checkout ${{ github.event.number }}",
        "git fetch origin pull/${{ github.event.number }}/head",
        "git fetch origin pull/${{ github.event.number }}/merge",
        &format!("git checkout {HEAD}"),
    ] {
        assert_eq!(of(on, &script(line)), wanted(11), "{line}");
    }
    for (on, step) in [
        ("on: pull_request", by_ref.clone()),
        (on, checkout("ref: main")),
        (on, checkout("fetch-depth: 0")),
        (on, script("# gh pr checkout 1")),
        (on, script(&format!("echo {HEAD}"))),
    ] {
        assert_eq!(of(on, &step), [], "{on} {step}");
    }
    // What was pushed is in the repository.
    let after = |condition: &str| {
        let text = GOOD.replace("on: push", "on: workflow_run");
        let steps = format!("    if: {condition}\n    steps:\n{by_ref}");
        checks(&text.replace("    steps:\n", &steps)).len()
    };
    assert_eq!(after("github.event.workflow_run.event == 'push'"), 0);
    assert_eq!(
        after("github.event.workflow_run.event == 'push' || true"),
        1
    );
    assert_eq!(
        after("github.event.workflow_run.conclusion == 'success'"),
        1
    );
    // Without a role it is GitHub's token alone that is at stake.
    let other = format!("{GOOD}  build:\n    steps:\n{by_ref}").replace("on: push", on);
    assert_eq!(checks(&other), []);
}

#[test]
fn other_ways_to_credentials_need_no_token() {
    for more in [
        "role-chaining: true",
        "aws-access-key-id: x",
        "web-identity-token-file: /t",
    ] {
        let text = GOOD.replace("id-token", "contents");
        let text = text.replace(
            "role-to-assume",
            &format!("{more}\n          role-to-assume"),
        );
        assert_eq!(checks(&text), [], "{more}");
    }
}

#[test]
fn an_alias_is_found_where_its_anchor_stands_and_once() {
    let text = GOOD.replace("steps:", "steps: &steps").replace(NAME, "");
    let text = format!("{text}  other:\n    environment: x\n    steps: *steps\n");
    assert_eq!(
        checks(&text),
        [("missing-id-token", 9), ("constant-session-name", 9)]
    );
}

#[test]
fn hostile_and_foreign_text_is_a_problem_with_its_place() {
    let deep = format!("jobs: {}", "[".repeat(5000));
    let large = format!("jobs: {{}}\n#{}", "x".repeat(1 << 20));
    for text in [
        "",
        "- a\n",
        "jobs: 1\n",
        "a: b\n",
        "jobs: {a: *b}\n",
        "jobs: {\n",
        "\t",
        "on: push\n---\non: push\n",
        "jobs: {a: &a {b: c}, d: {<<: *a}}\n",
        &deep,
        &large,
    ] {
        let problem = Workflow::read(text).unwrap_err();
        assert!(problem.place.line > 0, "{text}: {problem}");
    }
    for text in [
        "jobs: {a: 1}\n",
        "jobs: {a: {steps: {}}}\n",
        "jobs: {a: {steps: [1, [], {uses: []}, {run: []}, {run: 1, env: x}]}}\n",
    ] {
        assert_eq!(checks(text), [], "{text}");
    }
}

#[test]
fn variables_cannot_fill_the_memory() {
    let many = "${{ env.A }}".repeat(20_000);
    let text =
        format!("{GOOD}    env: {{A: '{many}'}}\n").replace("${{ github.run_id }}", "${{ env.A }}");
    assert_eq!(checks(&text), []);
    let calls = "aws sts assume-role-with-web-identity $X ".repeat(20_000);
    let text = format!("on: push\njobs: {{a: {{steps: [{{run: '{calls}'}}]}}}}\n");
    assert_eq!(checks(&text).len(), 1);
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

/// Lines of workflows, to be put together into what nobody wrote.
const LINES: [&str; 16] = [
    "jobs:\n",
    "  a: &x\n",
    "  b: *x\n",
    "    steps:\n",
    "      - uses: aws-actions/configure-aws-credentials@v5\n",
    "        with:\n",
    "          role-to-assume: ${{ secrets.ROLE_ARN }}\n",
    "          role-duration-seconds: 99999999999999999999\n",
    "          role-session-name: '${{ env.'\n",
    "      - run: aws sts assume-role-with-web-identity $( ${ \"\n",
    "      - run: |\n          aws sts assume-role-with-web-identity --x=$é ${{ \\\n",
    "    permissions: {id-token: write}\n",
    "    environment: [\n",
    "runs:\n",
    "  <<: {}\n",
    "]\u{85}\u{2028}é: 'ü\n",
];

fn holds(text: &str) {
    let workflow = match Workflow::read(text) {
        Ok(workflow) => workflow,
        Err(problem) => {
            assert!(problem.place.line >= 1 && problem.place.column >= 1);
            return;
        }
    };
    for lint in workflow.lint(&|uses| (uses.len() % 2 == 0).then_some(&workflow)) {
        let line = text.split('\n').nth(lint.location.line - 1);
        let columns = line.unwrap_or_default().chars().count();
        assert!(lint.location.column <= columns + 1, "{lint:?}");
        assert!(WORKFLOW_CHECKS.iter().any(|check| check.id == lint.check));
    }
}

proptest! {
    #[test]
    fn any_text_is_linted_or_refused_with_a_place_in_it(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn so_is_any_order_of_lines(order in prop::collection::vec(0..LINES.len(), 0..24)) {
        holds(&order.iter().map(|at| LINES[*at]).collect::<String>());
    }

    #[test]
    fn and_what_is_nearly_good(at in 0..GOOD.len(), with in any::<char>(), gone in 0..8_usize) {
        let mut text: Vec<char> = GOOD.chars().collect();
        text.splice(at..(at + gone).min(GOOD.len()), [with]);
        holds(&text.into_iter().collect::<String>());
    }
}
