//! The evaluator against a second one that is slow and plainly right: no shared code, no shared
//! order of evaluation, every rule of IAM spelt out over JSON values.

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
        cases: 400,
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
