//! The policies that other linters get wrong: each row of a comparison of theirs, with the right
//! answer.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use iam_trust::{Lint, Options, Policy, Role, Severity, lint};

const KEY: &str = "token.actions.githubusercontent.com";

fn lints(action: &str, condition: &str) -> Vec<Lint> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "Action": {action}, "Condition": {condition}}}]}}"#
    );
    lint(
        &Role::bare(Policy::parse(&text).unwrap()),
        &Options::default(),
    )
}

/// Conditions on the audience, and these besides, whose keys are claims.
fn condition(operator: &str, claims: &str) -> String {
    let claims = claims.replace("{K}", KEY);
    format!(r#"{{"StringEquals": {{"{KEY}:aud": "sts.amazonaws.com"}}, "{operator}": {claims}}}"#)
}

fn worst(lints: &[Lint]) -> Option<(&'static str, Severity)> {
    let above = lints.iter().filter(|lint| lint.severity > Severity::Info);
    above.map(|lint| (lint.check, lint.severity)).next()
}

const ASSUME: &str = r#""sts:AssumeRoleWithWebIdentity""#;
const MAIN: &str = "repo:acme/svc:ref:refs/heads/main";

/// Name, action, condition, and the gravest lint above info.
type Row = (
    &'static str,
    &'static str,
    String,
    Option<(&'static str, Severity)>,
);

#[test]
fn every_row_of_the_comparison_comes_out_right() {
    let sub = |value: &str| format!(r#"{{"{KEY}:sub": {value}}}"#);
    let rows: [Row; 15] = [
        (
            "no sub, a list of actions",
            r#"["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]"#,
            condition("Bool", r#"{"aws:SecureTransport": "true"}"#),
            Some(("trust-open-to-github", Severity::Critical)),
        ),
        (
            "no sub",
            ASSUME,
            condition("Bool", r#"{"aws:SecureTransport": "true"}"#),
            Some(("trust-open-to-github", Severity::Critical)),
        ),
        (
            "exact and *",
            ASSUME,
            condition("StringLike", &sub(&format!(r#"["{MAIN}", "*"]"#))),
            Some(("trust-open-to-github", Severity::Critical)),
        ),
        (
            "owner prefix",
            ASSUME,
            condition("StringLike", &sub(r#""repo:acme*""#)),
            Some(("trust-prefix-hole", Severity::High)),
        ),
        (
            "both prefixes",
            ASSUME,
            condition(
                "StringLike",
                &sub(r#""repo:acme*/svc*:ref:refs/heads/main""#),
            ),
            Some(("trust-prefix-hole", Severity::High)),
        ),
        (
            "immutable pin",
            ASSUME,
            condition(
                "StringLike",
                &sub(r#""repo:acme@1/svc@2:ref:refs/heads/main""#),
            ),
            None,
        ),
        (
            "wildcard under equals",
            ASSUME,
            format!(
                r#"{{"StringEquals": {{"{KEY}:aud": "sts.amazonaws.com", "{KEY}:sub": "repo:acme/svc:*"}}}}"#
            ),
            Some(("trust-dead-statement", Severity::Medium)),
        ),
        (
            "ForAllValues",
            ASSUME,
            condition("ForAllValues:StringLike", &sub(&format!(r#""{MAIN}""#))),
            Some(("trust-vacuous-operator", Severity::Low)),
        ),
        (
            "only not like",
            ASSUME,
            condition("StringNotLike", &sub(r#""repo:acme/svc:*""#)),
            Some(("trust-open-to-github", Severity::Critical)),
        ),
        (
            "whole organisation",
            ASSUME,
            condition("StringLike", &sub(r#""repo:acme/*""#)),
            Some(("trust-whole-organisation", Severity::High)),
        ),
        (
            "any sub",
            ASSUME,
            condition("StringLike", &sub(r#""*""#)),
            Some(("trust-open-to-github", Severity::Critical)),
        ),
        (
            "id and environment",
            ASSUME,
            condition(
                "StringEqualsIgnoreCase",
                r#"{"{K}:repository_id": "456", "{K}:environment": "production"}"#,
            ),
            None,
        ),
        (
            "another organisation",
            ASSUME,
            condition(
                "StringLike",
                &sub(r#""repo:other/tool:ref:refs/heads/main""#),
            ),
            None,
        ),
        (
            "environment",
            ASSUME,
            condition(
                "StringLike",
                &sub(r#""repo:acme/svc:environment:production""#),
            ),
            None,
        ),
        (
            "several exact values",
            ASSUME,
            condition(
                "StringLike",
                &sub(&format!(r#"["{MAIN}", "repo:acme/svc:ref:refs/tags/v1"]"#)),
            ),
            None,
        ),
    ];
    for (name, action, condition, expected) in rows {
        let found = lints(action, &condition);
        assert_eq!(worst(&found), expected, "{name}: {found:#?}");
    }
}

#[test]
fn holes_that_only_a_witness_shows() {
    for (operator, value, check) in [
        (
            "StringLike",
            "repo:*@111/*@456:environment:production",
            "trust-any-owner",
        ),
        (
            "StringLike",
            "repo:*/svc:ref:refs/heads/main",
            "trust-any-owner",
        ),
        (
            "StringLike",
            "*:ref:refs/heads/main",
            "trust-open-to-github",
        ),
        (
            "StringLike",
            "repo:*:environment:production",
            "trust-open-to-github",
        ),
        ("StringLike", "repo:acme?svc:*", "trust-prefix-hole"),
        (
            "StringEquals",
            "repository_owner:acme:environment:production",
            "trust-whole-organisation",
        ),
        ("StringLike", "repo:acme/svc", "trust-any-branch"),
        (
            "StringLike",
            "workflow:deploy:ref:refs/heads/main",
            "trust-author-controlled-subject",
        ),
    ] {
        let claims = format!(r#"{{"{KEY}:sub": "{value}"}}"#);
        let conditions = if operator == "StringEquals" {
            format!(
                r#"{{"StringEquals": {{"{KEY}:aud": "sts.amazonaws.com", "{KEY}:sub": "{value}"}}}}"#
            )
        } else {
            condition(operator, &claims)
        };
        let found = lints(ASSUME, &conditions);
        assert_eq!(
            worst(&found).map(|worst| worst.0),
            Some(check),
            "{value}: {found:#?}"
        );
        assert!(found[0].witness.is_some(), "{value}");
    }
}

#[test]
fn claims_that_pin_too_little_are_no_pins() {
    for (claims, expected) in [
        (
            r#"{"{K}:enterprise_id": "77"}"#,
            ("trust-prefix-hole", Severity::High),
        ),
        (
            r#"{"{K}:actor": "octocat"}"#,
            ("trust-open-to-github", Severity::Critical),
        ),
        (
            r#"{"{K}:ref": "refs/heads/main"}"#,
            ("trust-open-to-github", Severity::Critical),
        ),
        (
            r#"{"{K}:repository": "acme/*"}"#,
            ("trust-whole-organisation", Severity::High),
        ),
        (
            r#"{"{K}:repository": "acme/svc*"}"#,
            ("trust-prefix-hole", Severity::Medium),
        ),
        (
            r#"{"{K}:repository": "acme/svc"}"#,
            ("trust-any-branch", Severity::Medium),
        ),
        (
            r#"{"aws:SourceIp": "*"}"#,
            ("trust-open-to-github", Severity::Critical),
        ),
    ] {
        let found = lints(ASSUME, &condition("StringLike", claims));
        assert_eq!(worst(&found), Some(expected), "{claims}: {found:#?}");
    }
    let address = condition("IpAddress", r#"{"aws:SourceIp": "203.0.113.0/24"}"#);
    let found = lints(ASSUME, &address);
    assert_eq!(
        worst(&found),
        Some(("trust-open-to-github", Severity::Critical))
    );
}

#[test]
fn a_long_list_is_judged_to_its_end() {
    let mut values: Vec<String> = (0..60)
        .map(|n| format!("repo:acme/svc{n}:ref:refs/heads/*"))
        .collect();
    values.push("repo:zz*".to_owned());
    let claims = format!(r#"{{"{KEY}:sub": {values:?}}}"#);
    let found = lints(ASSUME, &condition("StringLike", &claims));
    assert_eq!(worst(&found), Some(("trust-prefix-hole", Severity::High)));
    assert_eq!(
        found
            .iter()
            .filter(|lint| lint.check == "trust-any-branch")
            .count(),
        60
    );
}

#[test]
fn a_fix_pins_to_the_listed_subjects() {
    let listed = "repo:acme/svc:environment:production";
    let text = format!(
        r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {{"Federated": "arn:aws:iam::1:oidc-provider/{KEY}"}},
        "Condition": {{"StringLike": {{"{KEY}:sub": "repo:acme/*"}}, "StringEquals":
        {{"{KEY}:aud": "sts.amazonaws.com", "{KEY}:environment": "production"}}}}}}}}"#
    );
    let options = Options {
        subjects: vec![listed.to_owned(), "repo:other/svc:pull_request".to_owned()],
        ..Options::default()
    };
    let role = Role::bare(Policy::parse(&text).unwrap());
    let found = lint(&role, &options);
    let fix = found[0].fix.as_ref().unwrap();
    assert_eq!(fix.policy, text.replace("repo:acme/*", listed));
}

#[test]
fn many_wildcards_hide_nobody() {
    use Severity::{Critical, High, Medium};
    for (pattern, least) in [
        ("*repo*acme*app*main*", Critical),
        ("repo:*/*/*:*", Critical),
        ("r*e*p*o*:*", Critical),
        ("?epo:*", Critical),
        ("*:acme/app:*", Critical),
        ("repo:ac?e/???:*:?????????", High),
        ("repo:acme*@111/*@*:*", High),
        ("repo:a*b*c*/x*:ref:refs/heads/*", High),
        ("repo:acme/*:*:*:main", High),
        ("repo:acme/a*p*p*:ref:*", Medium),
    ] {
        let claims = format!(r#"{{"{KEY}:sub": "{pattern}"}}"#);
        let found = lints(ASSUME, &condition("StringLike", &claims));
        let worst = worst(&found);
        assert!(
            worst.is_some_and(|(_, severity)| severity >= least),
            "{pattern}: {worst:?}"
        );
        let dead = found.iter().any(|it| it.check == "trust-dead-statement");
        assert!(!dead, "{pattern}");
    }
}
