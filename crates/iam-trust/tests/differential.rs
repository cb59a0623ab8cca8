//! The evaluator against a second one that is slow and plainly right: no shared code, no shared
//! order of evaluation, every rule of IAM spelt out over JSON values.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod generate;
mod oracle;

use iam_trust::{Options, Policy, Role, evaluate, lint};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

#[test]
fn both_evaluators_agree() {
    let mut runner = TestRunner::new(Config {
        cases: 40_000,
        failure_persistence: None,
        ..Config::default()
    });
    let inputs = (generate::policy(), generate::request());
    let admitted = std::cell::Cell::new(0_u32);
    runner
        .run(&inputs, |(policy, request)| {
            let text = serde_json::to_string_pretty(&policy).unwrap();
            let parsed = Policy::parse(&text).unwrap();
            let ours = evaluate(&parsed, &request);
            let theirs = oracle::allows(&policy, &request);
            prop_assert_eq!(ours.allowed, theirs, "{}\n{:#?}", text, ours);
            admitted.set(admitted.get() + u32::from(theirs));
            Ok(())
        })
        .unwrap();
    // The test is worth something only where both verdicts are common.
    assert!(
        (4_000..36_000).contains(&admitted.get()),
        "{}",
        admitted.get()
    );
}

#[test]
fn every_witness_over_generated_policies_verifies() {
    let mut runner = TestRunner::new(Config {
        cases: 1_500,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&generate::policy(), |policy| {
            let text = serde_json::to_string_pretty(&policy).unwrap();
            let role = Role::bare(Policy::parse(&text).unwrap());
            let options = Options {
                subjects: vec!["repo:acme/app:ref:refs/heads/main".to_owned()],
                ..Options::default()
            };
            for lint in lint(&role, &options) {
                let Some(witness) = &lint.witness else {
                    continue;
                };
                let theirs = oracle::allows(&policy, &witness.request);
                prop_assert_eq!(witness.admitted, theirs, "{}\n{:#?}", text, lint);
                let Some(fix) = &lint.fix else { continue };
                let fixed: serde_json::Value = serde_json::from_str(&fix.policy).unwrap();
                Policy::parse(&fix.policy).unwrap();
                if lint.check != "trust-unknown-claim" {
                    let cured = oracle::allows(&fixed, &witness.request);
                    prop_assert_ne!(witness.admitted, cured, "{}\n{:#?}", text, lint);
                }
            }
            Ok(())
        })
        .unwrap();
}

/// Exact pins, in any of the ways in which a careful author writes them.
fn careful() -> impl Strategy<Value = serde_json::Value> {
    let subject = prop_oneof![
        Just("repo:acme/app:ref:refs/heads/main"),
        Just("repo:acme@1/app@2:environment:production"),
        Just("repo:Acme/App.js:ref:refs/tags/v1.0"),
        Just("repo:acme/app:environment:eu%3Aprod"),
        Just("repo:acme_ent/app:ref:refs/heads/a/b"),
    ];
    let operator = prop_oneof![
        Just("StringEquals"),
        Just("StringLike"),
        Just("StringEqualsIgnoreCase"),
        Just("ForAnyValue:StringEquals"),
    ];
    let key = prop_oneof![
        Just("token.actions.githubusercontent.com:sub"),
        Just("Token.Actions.githubusercontent.com:SUB"),
    ];
    let subjects = prop::collection::vec(subject, 1..4);
    (operator, key, subjects, any::<bool>(), any::<bool>()).prop_map(
        |(operator, key, subjects, closed, list)| {
            let sub = if list || subjects.len() > 1 {
                serde_json::json!(subjects)
            } else {
                serde_json::json!(subjects[0])
            };
            let provider = "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com";
            let aud = "token.actions.githubusercontent.com:aud";
            let mut allow = serde_json::json!({
                "Effect": "Allow", "Principal": {"Federated": provider},
                "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
                "Condition": {"StringEquals": {aud: "sts.amazonaws.com"}}
            });
            if closed {
                let deny = serde_json::json!({
                    "Effect": "Deny", "Principal": "*", "Action": "sts:*",
                    "Condition": {"StringNotEquals": {key: sub}}
                });
                return serde_json::json!({"Statement": [allow, deny]});
            }
            allow["Condition"][operator][key] = sub;
            serde_json::json!({"Version": "2012-10-17", "Statement": [allow]})
        },
    )
}

#[test]
fn careful_policies_are_quiet() {
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&careful(), |policy| {
            let text = serde_json::to_string_pretty(&policy).unwrap();
            let role = Role::bare(Policy::parse(&text).unwrap());
            for lint in lint(&role, &Options::default()) {
                prop_assert_eq!(
                    lint.severity,
                    iam_trust::Severity::Info,
                    "{}\n{:#?}",
                    text,
                    lint
                );
            }
            Ok(())
        })
        .unwrap();
}
