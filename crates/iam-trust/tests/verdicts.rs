//! How grave a policy is, which value is to blame, and by which witness.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use github_oidc::Subject;
use iam_trust::{Lint, Options, Policy, Role, Severity, lint};

const KEY: &str = "token.actions.githubusercontent.com";

/// The lints of an Allow with the usual audience.
fn lints(conditions: &str) -> Vec<Lint> {
    let conditions = conditions.replace("{K}", KEY);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {{{conditions}, "StringEqualsIfExists": {{"{KEY}:aud": "sts.amazonaws.com"}}}}}}]}}"#
    );
    let policy = Policy::parse(&text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    let mut lints = lint(&Role::bare(policy), &Options::default());
    lints.retain(|lint| lint.check != "trust-vacuous-operator");
    lints
}

fn of(operator: &str, subject: &str) -> Vec<Lint> {
    lints(&format!(r#""{operator}": {{"{{K}}:sub": "{subject}"}}"#))
}

/// The gravest lint, and what it says; `None` where all is advice.
fn worst(lints: &[Lint]) -> Option<(&'static str, Severity)> {
    let worst = lints.first().filter(|lint| lint.severity > Severity::Info);
    worst.map(|lint| (lint.check, lint.severity))
}

const HOLE: &str = "trust-prefix-hole";

#[test]
fn a_wildcard_in_a_context_is_a_hole_unless_a_family_is_meant() {
    for context in [
        "ref:refs/heads/*main",
        "*main",
        "environment:prod-*",
        "environment:*-prod",
        "environment:production/*",
        "environment:?rod",
        "ref:refs/heads/*/main",
        "ref:refs/heads/release*",
        "ref:refs/heads/v?",
        "*refs/heads/main",
    ] {
        let found = of("StringLike", &format!("repo:acme/shop:{context}"));
        let low = Some((HOLE, Severity::Low));
        assert_eq!(worst(&found), low, "{context}: {found:#?}");
    }
    for context in [
        "ref:refs/heads/release/*",
        "ref:refs/heads/release-*",
        "ref:refs/tags/v*",
        "ref:refs/heads/main",
    ] {
        let found = of("StringLike", &format!("repo:acme/shop:{context}"));
        assert_eq!(worst(&found), None, "{context}: {found:#?}");
    }
    for (claim, value, hole) in [
        ("ref", "refs/heads/*main", true),
        ("ref", "refs/heads/release/*", false),
        ("environment", "prod-*", true),
    ] {
        let found = lints(&format!(
            r#""StringEquals": {{"{{K}}:repository_id": "123"}},
            "StringLike": {{"{{K}}:{claim}": "{value}", "{{K}}:sub": "*"}}"#
        ));
        assert_eq!(worst(&found).is_some(), hole, "{value}: {found:#?}");
    }
}

/// Another repository of the owner has its subjects signed with a claim that swallows the name.
#[test]
fn an_open_id_is_judged_in_every_context() {
    let medium = Some((HOLE, Severity::Medium));
    for (subject, expected) in [
        ("repo:my-org@*/my-repo@*:ref:refs/heads/main", medium),
        ("repo:my-org@*/my-repo@*:environment:production", medium),
        ("repo:acme@111/*@222:ref:refs/heads/main", medium),
        ("repo:my-org@11*/my-repo@456789:ref:refs/heads/main", medium),
        // Nothing but digits can follow the '@' before the next claim.
        ("repo:acme@111/shop@*:environment:production", None),
    ] {
        let found = of("StringLike", subject);
        assert_eq!(worst(&found), expected, "{subject}: {found:#?}");
        let renamed = found
            .iter()
            .any(|lint| lint.check == "trust-name-without-id");
        let open = subject.contains("@*:");
        assert_eq!(renamed, open, "{subject}: {found:#?}");
    }
}

#[test]
fn a_template_may_name_its_repository_anywhere() {
    let found = of("StringEquals", "environment:production:repo:acme/shop");
    assert_eq!(worst(&found), None, "{found:#?}");
}

#[test]
fn a_witness_tells_of_one_repository() {
    for (subject, expected) in [
        ("*:repository_id:456789", None),
        ("repository_owner:acme*", Some((HOLE, Severity::High))),
        (
            "*:repository_owner_id:111",
            Some(("trust-whole-organisation", Severity::High)),
        ),
    ] {
        let found = of("StringLike", subject);
        let worst = worst(&found).filter(|(_, severity)| *severity > Severity::Medium);
        assert_eq!(worst, expected, "{subject}: {found:#?}");
        for lint in found {
            let Some(witness) = lint.witness else {
                continue;
            };
            let parsed = Subject::parse(witness.subject());
            let Subject::Custom(custom) = &parsed else {
                continue;
            };
            let claimed = custom.get("repository_id");
            let named = parsed.repository_id().map(|id| id.to_string());
            let one = claimed.is_none() || named.as_deref() == claimed;
            assert!(one, "{}", witness.subject());
        }
    }
}

#[test]
fn what_is_complained_of_is_the_value_that_says_it() {
    for (conditions, value) in [
        (
            r#""StringLike": {"{K}:repository": "acme/s*", "{K}:environment": "production-of-the-shop"}"#,
            "acme/s*",
        ),
        (
            r#""StringLike": {"{K}:sub": "repo:ac*:ref:refs/heads/main", "{K}:ref": "refs/heads/main"}"#,
            "repo:ac*:ref:refs/heads/main",
        ),
        (
            r#""StringLike": {"{K}:sub": "repo:*", "{K}:repository": "acme/shop", "{K}:environment": "p*"}"#,
            "p*",
        ),
    ] {
        let found = lints(conditions);
        let message = &found.first().unwrap().message;
        assert!(message.starts_with(&format!("{value:?}")), "{found:#?}");
    }
    let named = lints(
        r#""StringEquals": {"{K}:repository": "acme/shop",
        "{K}:environment": "production-of-the-shop"}"#,
    );
    let name = named
        .iter()
        .find(|lint| lint.check == "trust-name-without-id");
    assert!(name.unwrap().message.contains("acme/shop"), "{named:#?}");
}

/// The cure of a whole organisation is one.
#[test]
fn one_workflow_of_a_whole_organisation_is_little() {
    const WHOLE: &str = "trust-whole-organisation";
    let workflow = "acme/ci/.github/workflows/deploy.yml";
    let (low, high) = (Some((WHOLE, Severity::Low)), Some((WHOLE, Severity::High)));
    for (conditions, expected) in [
        (
            format!(
                r#""StringEquals": {{"{{K}}:sub": "repository_owner_id:111:job_workflow_ref:{workflow}@refs/heads/main"}}"#
            ),
            low,
        ),
        (
            format!(
                r#""StringLike": {{"{{K}}:sub": "repository_owner_id:111:job_workflow_ref:{workflow}@*"}}"#
            ),
            high,
        ),
        (
            format!(
                r#""StringLike": {{"{{K}}:sub": "repo:acme/*", "{{K}}:job_workflow_ref": "{workflow}@refs/heads/main"}}"#
            ),
            low,
        ),
        (
            format!(
                r#""StringLike": {{"{{K}}:sub": "repo:acme/*", "{{K}}:job_workflow_ref": "{workflow}@*"}}"#
            ),
            high,
        ),
        (
            format!(
                r#""StringLike": {{"{{K}}:sub": "repo:acme/*"}}, "StringLikeIfExists": {{"{{K}}:job_workflow_ref": "{workflow}@refs/heads/main"}}"#
            ),
            high,
        ),
    ] {
        let found = lints(&conditions);
        assert_eq!(worst(&found), expected, "{conditions}: {found:#?}");
    }
}

#[test]
fn what_never_matches_is_said_as_it_is() {
    let external = lints(
        r#""StringEquals": {"{K}:sub": "repo:acme/shop:environment:production",
        "sts:ExternalId": "x"}"#,
    );
    let told: Vec<_> = external.iter().map(|lint| lint.check).collect();
    assert_eq!(told, ["trust-dead-statement"], "{external:#?}");
    let negated = of("StringNotEquals", "repo:acme/*");
    let dead = negated
        .iter()
        .find(|lint| lint.check == "trust-dead-statement");
    let message = &dead.unwrap().message;
    assert!(message.contains("StringNotEquals never fails"), "{message}");
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "NotAction": "sts:AssumeRoleWithWebIdentity"}}]}}"#
    );
    let found = lint(
        &Role::bare(Policy::parse(&text).unwrap()),
        &Options::default(),
    );
    let message = &found.first().unwrap().message;
    assert!(message.starts_with("NotAction leaves out"), "{message}");
}

#[test]
fn a_deny_on_an_unknown_claim_says_why_nobody_gets_in() {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{"StringEquals":
        {{"{KEY}:aud": "sts.amazonaws.com", "{KEY}:sub": "repo:acme/shop:pull_request"}}}}}},
        {{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {{"StringNotEquals": {{"{KEY}:event_name": "push"}}}}}}]}}"#
    );
    let found = lint(
        &Role::bare(Policy::parse(&text).unwrap()),
        &Options::default(),
    );
    let told: Vec<_> = found.iter().map(|lint| lint.check).collect();
    assert_eq!(told, ["trust-unknown-claim"], "{found:#?}");
}

/// An Allow for anyone until some time.
fn until(times: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{
        "StringEquals": {{"{KEY}:aud": "sts.amazonaws.com"}},
        "DateLessThan": {{"aws:CurrentTime": {times}}}}}}}]}}"#
    )
}

#[test]
fn what_is_past_is_dead_and_no_longer_open() {
    let text = until(r#""2026-06-01T00:00:00Z""#);
    for (now, expected) in [
        (Some("2026-07-01T00:00:00Z"), "trust-dead-statement"),
        (Some("2026-05-01T00:00:00Z"), "trust-open-to-github"),
        (None, "trust-open-to-github"),
    ] {
        let options = Options {
            now: now.map(str::to_owned),
            ..Options::default()
        };
        let found = lint(&Role::bare(Policy::parse(&text).unwrap()), &options);
        let told: Vec<_> = found.iter().map(|lint| lint.check).collect();
        assert_eq!(told, [expected], "{found:#?}");
    }
}

/// Nobody knows what IAM makes of one: all is as it is while the time is not known.
#[test]
fn a_time_that_cannot_be_read_is_not_past() {
    for time in [
        "2030-01-01T00:00:00",
        "20300101T000000Z",
        "2030-01-01T00:00:00z",
        "2020-01-01T00:00:00Z\", \"2030-01-01T00:00:00",
    ] {
        let text = until(&format!("[\"{time}\"]"));
        let found = |now: Option<&str>| {
            let options = Options {
                now: now.map(str::to_owned),
                ..Options::default()
            };
            lint(&Role::bare(Policy::parse(&text).unwrap()), &options)
        };
        let known = found(Some("2026-07-01T00:00:00Z"));
        assert_eq!(known, found(None), "{time}");
        let mut told = known.iter().map(|lint| lint.check);
        assert!(!told.any(|check| check == "trust-dead-statement"), "{time}");
    }
}
