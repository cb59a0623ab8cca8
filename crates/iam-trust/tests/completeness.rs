//! No silence where a stranger gets in: random policies against every token of a few outsiders.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use iam_trust::{Options, Policy, Request, Role, Severity, evaluate, lint};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

const KEY: &str = "token.actions.githubusercontent.com";

/// A key (a claim where it has no ':'), and values that a policy may want of it.
const KEYS: &[(&str, &[&str])] = &[
    (
        "sub",
        &[
            "repo:acme/app:ref:refs/heads/main",
            "repo:acme/app:environment:production",
            "repo:acme@111/app@222:environment:production",
            "repo:acme/app:*",
            "repo:acme/*",
            "repo:Acme/*",
            "repo:acme*",
            "repo:acme@111/*",
            "repo:acme?/app*:*",
            "repo:*/app:*",
            "*/app:*",
            "*/app:ref:refs/heads/*",
            "repo:*",
            "*",
            "*:environment:production",
            "repo:*:ref:refs/tags/v*",
            "*:pull_request",
            "repo:${K:actor}/*",
            "repo:*:environment:${K:environment}",
        ],
    ),
    (
        "repository",
        &[
            "acme/app",
            "Acme/App",
            "acme/*",
            "*/app",
            "acme*/app",
            "*",
            "${K:actor}/app",
        ],
    ),
    (
        "ref",
        &[
            "refs/heads/main",
            "refs/heads/*",
            "refs/heads/release/*",
            "refs/tags/v*",
            "refs/*/v1",
            "*",
        ],
    ),
    (
        "environment",
        &["production", "prod*", "*", "p?????????", "${K:actor}"],
    ),
    ("repository_owner_id", &["111", "7*", "*"]),
    ("repository_id", &["222", "8*", "?*"]),
    ("actor", &["someone", "*[bot]", "s*", "octocat"]),
    ("workflow", &["deploy", "d*", "x"]),
    (
        "job_workflow_ref",
        &[
            "acme/ci/.github/workflows/d.yml@refs/heads/main",
            "acme/*",
            "*@refs/heads/*",
        ],
    ),
    ("aud", &["sts.amazonaws.com", "*"]),
    ("event_name", &["push"]),
    (
        "sts:RoleSessionName",
        &[
            "GitHubActions",
            "${K:actor}",
            "${K:actor}*",
            "${K:repository}",
            "*${K:ref}",
        ],
    ),
    ("aws:RequestedRegion", &["eu-west-1", "us-*", "ap-south-1"]),
    ("aws:ResourceAccount", &["123456789012"]),
    ("aws:UserAgent", &["*configure-aws*", "curl*"]),
];

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringEquals",
    "StringLike",
    "StringLike",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
];

fn conditions() -> impl Strategy<Value = Value> {
    let value = |values: &'static [&'static str]| {
        prop::collection::vec(select(values), 1..4).prop_map(|values| {
            values
                .iter()
                .map(|value| value.replace("K:", &format!("{KEY}:")))
                .collect::<Vec<_>>()
        })
    };
    let one = select(KEYS).prop_flat_map(move |(key, values)| {
        (select(OPERATORS), Just(key), value(values), any::<bool>())
    });
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let mut blocks = Map::new();
        for (operator, key, values, upper) in all {
            let claim = if upper {
                key.to_uppercase()
            } else {
                key.to_owned()
            };
            let key = if key.contains(':') {
                claim
            } else {
                format!("{KEY}:{claim}")
            };
            let block = blocks.entry(operator).or_insert_with(|| json!({}));
            let block = block.as_object_mut().unwrap();
            if !block.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
                block.insert(key, json!(values));
            }
        }
        blocks.into()
    })
}

fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    conditions().prop_map(move |conditions| {
        let principal = match effect {
            "Allow" => json!({"Federated": format!("arn:aws:iam::1:oidc-provider/{KEY}")}),
            _ => json!("*"),
        };
        json!({"Effect": effect, "Principal": principal,
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions})
    })
}

fn policy() -> impl Strategy<Value = Value> {
    let allows = prop::collection::vec(statement("Allow"), 1..3);
    let denies = prop::collection::vec(statement("Deny"), 0..3);
    (allows, denies).prop_map(|(allows, denies)| {
        let statements: Vec<Value> = allows.into_iter().chain(denies).collect();
        json!({"Version": "2012-10-17", "Statement": statements})
    })
}

/// Every token that a stranger, and a neighbour of the named organisation, could come with, as far
/// as these policies tell them apart.
fn outsiders() -> Vec<Request> {
    tokens(&["stranger", "acme-two"], ("700", "800"))
}

/// The same of the organisation that these policies name.
fn insiders() -> Vec<Request> {
    tokens(&["acme", "Acme"], ("111", "222"))
}

fn tokens(owners: &[&str], ids: (&str, &str)) -> Vec<Request> {
    let mut tokens = Vec::new();
    for owner in owners {
        for name in ["thing", "app", "App"] {
            for context in [
                "ref:refs/heads/main",
                "ref:refs/heads/release/1",
                "ref:refs/tags/v1",
                "environment:production",
                "environment:prod-eu",
                "environment:stranger",
                "pull_request",
            ] {
                tokens.extend(runs(
                    (owner, name, ids),
                    &format!("repo:{owner}/{name}:{context}"),
                ));
                let (owner_id, id) = ids;
                tokens.extend(runs(
                    (owner, name, ids),
                    &format!("repo:{owner}@{owner_id}/{name}@{id}:{context}"),
                ));
            }
        }
    }
    tokens
}

fn runs((owner, name, (owner_id, id)): (&str, &str, (&str, &str)), subject: &str) -> Vec<Request> {
    let git_ref = subject.split_once(":ref:").map(|(_, git_ref)| git_ref);
    let git_ref = git_ref.unwrap_or("refs/heads/main");
    let mut runs = Vec::new();
    for actor in ["someone", "stranger", "deploy[bot]"] {
        for workflow in ["deploy", "other"] {
            for (session, region) in [("GitHubActions", "eu-west-1"), (actor, "us-east-1")] {
                let mut run = Request::new(subject);
                for (claim, value) in [
                    ("repository", &*format!("{owner}/{name}")),
                    ("repository_owner_id", owner_id),
                    ("repository_id", id),
                    ("ref", git_ref),
                    ("actor", actor),
                    ("workflow", workflow),
                    (
                        "job_workflow_ref",
                        "acme/ci/.github/workflows/d.yml@refs/heads/main",
                    ),
                ] {
                    run = run.with_claim(claim, value);
                }
                for (key, value) in [
                    ("sts:RoleSessionName", session),
                    ("aws:RequestedRegion", region),
                    ("aws:ResourceAccount", "123456789012"),
                    ("aws:UserAgent", "curl/8"),
                ] {
                    run.context.insert(key.to_owned(), vec![value.to_owned()]);
                }
                runs.push(run);
            }
        }
    }
    runs
}

#[test]
fn whoever_lets_a_stranger_in_is_told() {
    let mut runner = TestRunner::new(common::config(120));
    let outsiders = outsiders();
    let open = std::cell::Cell::new(0_u32);
    runner
        .run(&policy(), |policy| {
            let text = serde_json::to_string_pretty(&policy).unwrap();
            let parsed = Policy::parse(&text).unwrap();
            let mut tokens = outsiders.iter();
            let Some(stranger) = tokens.find(|token| evaluate(&parsed, token).allowed) else {
                return Ok(());
            };
            open.set(open.get() + 1);
            let lints = lint(&Role::bare(parsed), &Options::default());
            let told = lints
                .iter()
                .any(|lint| lint.severity >= Severity::High || lint.check == "trust-not-judged");
            prop_assert!(told, "{text}\nlets in {stranger:#?}\n{lints:#?}");
            Ok(())
        })
        .unwrap();
    // The test is worth something only where many are open.
    assert!(open.get() > 20, "{}", open.get());
}

#[test]
fn what_lets_somebody_in_is_judged_and_not_called_dead() {
    let mut runner = TestRunner::new(common::config(120));
    let tokens: Vec<Request> = insiders().into_iter().chain(outsiders()).collect();
    let denies = prop::collection::vec(statement("Deny"), 0..2);
    let (open, unjudged) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    runner
        .run(&(statement("Allow"), denies), |(allow, denies)| {
            let statements: Vec<Value> = std::iter::once(allow).chain(denies).collect();
            let policy = json!({"Version": "2012-10-17", "Statement": statements});
            let text = serde_json::to_string_pretty(&policy).unwrap();
            let parsed = Policy::parse(&text).unwrap();
            let mut tokens = tokens.iter();
            let Some(token) = tokens.find(|token| evaluate(&parsed, token).allowed) else {
                return Ok(());
            };
            open.set(open.get() + 1);
            let lints = lint(&Role::bare(parsed), &Options::default());
            let dead = lints.iter().any(|lint| lint.message.contains("together"));
            prop_assert!(!dead, "{text}\nlets in {token:#?}\n{lints:#?}");
            let doubtful = lints.iter().any(|lint| lint.check == "trust-not-judged");
            unjudged.set(unjudged.get() + u32::from(doubtful));
            Ok(())
        })
        .unwrap();
    // A doubt is no fault, but has to be rare.
    assert!(unjudged.get() * 20 < open.get(), "{unjudged:?} of {open:?}");
}
