//! Policies that are open, or could not be judged, and look closed: what each must be told.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use iam_trust::{Lint, Options, Policy, Role, Severity, lint};

const KEY: &str = "token.actions.githubusercontent.com";
const AUD: &str = r#""{K}:aud": "sts.amazonaws.com""#;

fn lints_of(statements: &str) -> Vec<Lint> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let policy = Policy::parse(&text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    lint(&Role::bare(policy), &Options::default())
}

/// An Allow for GitHub's provider; `{aud}` is the usual condition on the audience.
fn allow(conditions: &str) -> String {
    let conditions = conditions.replace("{aud}", AUD).replace("{K}", KEY);
    format!(
        r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{KEY}"}},
        "Condition": {{{conditions}}}}}"#
    )
}

const OPEN: &str = "trust-open-to-github";
const OWNER: &str = "trust-any-owner";

#[test]
fn whoever_may_be_anyone_is_complained_of() {
    for (pattern, expected) in [
        ("*/app:ref:refs/heads/main", OWNER),
        ("*/app:*", OWNER),
        ("*/app*", OPEN),
        ("?epo:*/app:pull_request", OWNER),
        ("repo:*/app:*", OWNER),
        ("*", OPEN),
        ("repo:*", OPEN),
        ("*:ref:refs/heads/main", OPEN),
    ] {
        let conditions =
            format!(r#""StringEquals": {{{{aud}}}}, "StringLike": {{"{{K}}:sub": "{pattern}"}}"#);
        let found = lints_of(&allow(&conditions));
        let critical = found
            .iter()
            .filter(|lint| lint.severity == Severity::Critical);
        let critical: Vec<_> = critical.map(|lint| lint.check).collect();
        assert_eq!(critical, [expected], "{pattern}: {found:#?}");
    }
}
