//! What a fix may do to a value that lets in too much: let in fewer, and shut out nobody whom it
//! names.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use iam_trust::{Expected, Lint, Options, Policy, Request, Role, evaluate, lint};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const KEY: &str = "token.actions.githubusercontent.com";

/// The checks whose fixes open on purpose: what was written can never match.
const OPENING: [&str; 2] = ["trust-dead-statement", "trust-unknown-claim"];

fn policy(operator: &str, subjects: &Value, audience: (&str, &str)) -> Policy {
    let mut conditions = json!({operator: {format!("{KEY}:sub"): subjects}});
    conditions[audience.0][format!("{KEY}:aud")] = json!(audience.1);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{KEY}")},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }]});
    Policy::parse(&policy.to_string()).unwrap()
}

fn like(subjects: &Value) -> Policy {
    policy(
        "StringLike",
        subjects,
        ("StringEquals", "sts.amazonaws.com"),
    )
}

fn grave(policy: &Policy, options: &Options) -> Vec<Lint> {
    let mut lints = lint(&Role::bare(policy.clone()), options);
    lints.retain(|lint| lint.severity > iam_trust::Severity::Info);
    lints
}

/// The policy with one fix after the other, as `trust fix` makes them.
fn fixed(policy: &Policy, options: &Options) -> Policy {
    let mut policy = policy.clone();
    for _ in 0..50 {
        let lints = grave(&policy, options).into_iter();
        let mut fixes = lints.filter(|lint| !OPENING.contains(&lint.check));
        let Some(fix) = fixes.find_map(|lint| lint.fix) else {
            return policy;
        };
        policy = Policy::parse(&fix.policy).unwrap();
    }
    panic!("no end: {}", policy.text);
}

/// The subjects that a policy wants.
fn wanted(policy: &Policy) -> Value {
    let text: Value = serde_json::from_str(&policy.text).unwrap();
    let blocks = text["Statement"][0]["Condition"].as_object().unwrap();
    let key = format!("{KEY}:sub");
    let found = blocks.values().find_map(|block| block.get(&key));
    found.cloned().unwrap_or_default()
}

const CALLED: &str = "job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main";

#[test]
fn what_would_be_a_guess_is_left_alone() {
    for subject in [
        // Fields follow the context.
        &*format!("repo:acme/shop:environment:*:{CALLED}"),
        &*format!("repo:acme/shop:ref:refs/heads/*:{CALLED}"),
        "repo:acme/shop:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@*",
        &*format!("repo:acme*:environment:production:{CALLED}"),
        // The name goes on.
        "repo:acme/service-*:environment:production",
        "repo:acme/team-*",
        "repo:acme-*/shop:environment:prod",
        "repo:acme/shop*main",
        "repo:acme/shop:ref:refs/pull/*",
        "repo:acme/shop:environment:prod-*",
        "repo:acme/shop:environment:*-prod",
        "repo:acme/shop:environment:production/*",
        "repo:acme/shop:ref:refs/heads/*/main",
        "repo:acme/shop:*main",
        // Any one character.
        "repo:acme/sho?:environment:production",
        "repo:acme/shop:environment:p?od",
        "repo:acme?/shop:ref:refs/heads/main",
        // An id.
        "repo:my-org@111/my-repo@4567*:environment:production",
        "repo:my-org@11*/my-repo@456789:ref:refs/heads/main",
        "repo:my-org@111/my-repo*:environment:production",
    ] {
        let policy = like(&json!(subject));
        let fixed = fixed(&policy, &Options::default());
        assert_eq!(wanted(&fixed), json!(subject));
    }
}

#[test]
fn what_follows_from_the_value_is_made_narrower() {
    for (subject, narrower) in [
        (
            "repo:acme/shop*",
            json!("repo:acme/shop:ref:refs/heads/main"),
        ),
        (
            "repo:acme/shop:*",
            json!("repo:acme/shop:ref:refs/heads/main"),
        ),
        (
            "repo:acme*/shop:pull_request",
            json!("repo:acme/shop:pull_request"),
        ),
        (
            "repo:acme/shop:ref:refs/heads/*main",
            json!("repo:acme/shop:ref:refs/heads/main"),
        ),
        (
            "repo:my-org@111/my-repo@4567*",
            json!("repo:my-org@111/my-repo@4567*:ref:refs/heads/main"),
        ),
        (
            "repo:acme/shop:environment:prod*",
            json!("repo:acme/shop:environment:prod"),
        ),
    ] {
        let fixed = fixed(&like(&json!(subject)), &Options::default());
        assert_eq!(wanted(&fixed), narrower, "{subject}");
    }
}

#[test]
fn the_immutable_form_stays_where_it_got_in() {
    let policy = like(&json!("repo:my-org*/my-repo*:environment:production"));
    let fixed = fixed(&policy, &Options::default());
    for subject in [
        "repo:my-org/my-repo:environment:production",
        "repo:my-org@111/my-repo@456789:environment:production",
    ] {
        assert!(
            evaluate(&fixed, &Request::new(subject)).allowed,
            "{}",
            fixed.text
        );
    }
    let stranger = Request::new("repo:my-org-evil/my-repo:environment:production");
    assert!(!evaluate(&fixed, &stranger).allowed, "{}", fixed.text);
}

#[test]
fn a_value_that_names_an_owner_is_not_dropped() {
    for subjects in [
        json!(["repo:acme/*", "repo:acme@*/*"]),
        json!(["repo:acme/team-*", "repo:acme/shop:environment:production"]),
    ] {
        let fixed = fixed(&like(&subjects), &Options::default());
        assert_eq!(wanted(&fixed), subjects);
    }
}

#[test]
fn an_audience_is_pinned_where_it_got_in() {
    let subject = json!("repo:acme/shop:environment:production");
    for (operator, audience, fixes) in [
        ("StringLike", "*", true),
        ("StringLike", "https://*", false),
        ("StringLike", "https://github.com/*", false),
    ] {
        let policy = policy("StringEquals", &subject, (operator, audience));
        let fixed = fixed(&policy, &Options::default());
        assert_eq!(
            fixed.text != policy.text,
            fixes,
            "{audience}: {}",
            fixed.text
        );
    }
}

fn expecting(subjects: &[&str], patterns: &[(&str, bool)]) -> Options {
    Options {
        subjects: subjects.iter().map(|it| (*it).to_owned()).collect(),
        patterns: patterns
            .iter()
            .map(|(pattern, exact)| Expected {
                pattern: (*pattern).to_owned(),
                exact: *exact,
            })
            .collect(),
        ..Options::default()
    }
}

#[test]
fn what_is_expected_is_not_shut_out() {
    let main = "repo:acme/web:ref:refs/heads/main";
    let releases = "repo:acme/web:ref:refs/heads/release/*";
    for (value, options, narrower) in [
        // A pattern is written where it says no more than is meant.
        (
            "repo:acme/web:*",
            expecting(&[main], &[(releases, true)]),
            json!([main, releases]),
        ),
        (
            "repo:acme/web:*",
            expecting(&[], &[(releases, true)]),
            json!(releases),
        ),
        // Else nothing is.
        (
            "repo:acme/web:*",
            expecting(&[main], &[("repo:acme/web:environment:*-eu", false)]),
            json!("repo:acme/web:*"),
        ),
        // Somebody who never got in is no reason.
        (
            "repo:acme/web:*",
            expecting(&[main], &[("repo:acme@*/web@*:ref:refs/heads/main", false)]),
            json!(main),
        ),
        (
            "repo:acme*/web*",
            expecting(&[main], &[("repo:acme@*/web@*:ref:refs/heads/main", false)]),
            json!([main, "repo:acme@*/web@*:*"]),
        ),
    ] {
        let fixed = fixed(&like(&json!(value)), &options);
        assert_eq!(wanted(&fixed), narrower, "{value} {options:?}");
    }
    let open = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::1:oidc-provider/{KEY}")},
        "Condition": {"StringEquals": {format!("{KEY}:aud"): "sts.amazonaws.com"}}
    }]});
    let open = Policy::parse(&open.to_string()).unwrap();
    let options = expecting(&[main], &[(releases, true)]);
    assert_eq!(wanted(&fixed(&open, &options)), json!([main, releases]));
    let options = expecting(&[main], &[("repo:acme@*/web@*:pull_request", false)]);
    assert_eq!(fixed(&open, &options).text, open.text);
}

/// Pieces that values are made of, and subjects.
const OWNERS: &[&str] = &[
    "acme", "acme*", "acme-*", "*", "acm?", "acme@111", "acme@1*", "acme@*", "*acme",
];
const NAMES: &[&str] = &[
    "shop", "shop*", "shop-*", "*", "sh?p", "shop@222", "shop@2*", "shop@*", "*shop", "team-*",
];
const CONTEXTS: &[&str] = &[
    "",
    ":*",
    "*",
    "*main",
    ":ref:refs/heads/main",
    ":ref:refs/heads/*",
    ":ref:refs/heads/*main",
    ":ref:refs/heads/release*",
    ":ref:refs/heads/release/*",
    ":ref:refs/tags/*",
    ":ref:refs/pull/*",
    ":ref:*",
    ":environment:production",
    ":environment:prod*",
    ":environment:prod-*",
    ":environment:*",
    ":environment:*:job_workflow_ref:acme/ci/w.yml@refs/heads/main",
    ":ref:refs/heads/*:job_workflow_ref:acme/ci/w.yml@refs/heads/main",
    ":job_workflow_ref:acme/ci/w.yml@*",
    ":environment:p?oduction",
    ":pull_request",
    ":*:environment:production",
];

fn values() -> impl Strategy<Value = Vec<String>> {
    let value = (select(OWNERS), select(NAMES), select(CONTEXTS))
        .prop_map(|(owner, name, context)| format!("repo:{owner}/{name}{context}"));
    let short = select(OWNERS).prop_map(|owner| format!("repo:{owner}"));
    let value = prop_oneof![6 => value, 1 => short];
    prop::collection::vec(value, 1..4)
}

/// Every subject of a few repositories, in both forms and in custom ones.
fn pool() -> Vec<String> {
    let mut pool = Vec::new();
    for (owner, id) in [
        ("acme", "111"),
        ("acme-evil", "112"),
        ("acmee", "11"),
        ("evil", "9"),
    ] {
        for (name, number) in [
            ("shop", "222"),
            ("shop-two", "22"),
            ("shopmain", "2"),
            ("team", "8"),
        ] {
            for repository in [
                format!("{owner}/{name}"),
                format!("{owner}@{id}/{name}@{number}"),
            ] {
                for context in [
                    "",
                    ":ref:refs/heads/main",
                    ":ref:refs/heads/a/main",
                    ":ref:refs/heads/release",
                    ":ref:refs/heads/release/1",
                    ":ref:refs/tags/v1",
                    ":ref:refs/tags/x",
                    ":ref:refs/pull/1/merge",
                    ":environment:production",
                    ":environment:prod",
                    ":environment:prod-eu",
                    ":pull_request",
                    ":ref:refs/heads/main:environment:production",
                    ":environment:x:job_workflow_ref:acme/ci/w.yml@refs/heads/main",
                    ":ref:refs/heads/x:job_workflow_ref:acme/ci/w.yml@refs/heads/main",
                    ":job_workflow_ref:acme/ci/w.yml@refs/heads/x",
                ] {
                    pool.push(format!("repo:{repository}{context}"));
                }
            }
        }
    }
    pool
}

proptest! {
    #![proptest_config(common::config(60))]

    #[test]
    fn nobody_gets_in_by_a_fix_who_was_refused(
        subjects in values(),
        exact in any::<bool>(),
        audience in select(&["*", "sts.amazonaws.com", "https://*"][..]),
        listed in prop::collection::vec(select(pool()), 0..3),
    ) {
        let operator = if exact { "StringEquals" } else { "StringLike" };
        let policy = policy(operator, &json!(subjects), ("StringLikeIfExists", audience));
        let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
        let options = expecting(&listed, &[]);
        let fixed = fixed(&policy, &options);
        for subject in pool() {
            for audience in ["sts.amazonaws.com", "https://github.com/evil"] {
                let request = Request::new(&subject).with_claim("aud", audience);
                let (before, after) = (evaluate(&policy, &request), evaluate(&fixed, &request));
                prop_assert!(before.allowed || !after.allowed, "{subject}\n{}", fixed.text);
                let expected = listed.contains(&&*subject) && audience.starts_with("sts");
                prop_assert!(!expected || before.allowed == after.allowed,
                    "{subject}\n{}", fixed.text);
            }
        }
    }
}
