//! What a fix may do: never let in more than the repositories that the policy names.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use iam_trust::{Fix, Input, Options, lint, read};

const KEY: &str = "token.actions.githubusercontent.com";
const PROVIDER: &str =
    "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

fn fixes(file: &str) -> Vec<Fix> {
    let Input { roles, problems } = read(file).unwrap();
    assert_eq!(problems, []);
    let lints = roles
        .iter()
        .flat_map(|role| lint(role, &Options::default()));
    lints.filter_map(|lint| lint.fix).collect()
}

fn statement(principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{{principal}}},
        "Action": {action}, "Condition": {{{condition}}}}}]}}"#
    )
}

fn of_github(action: &str, condition: &str) -> String {
    statement(&format!(r#""Federated": "{PROVIDER}""#), action, condition)
}

#[test]
fn a_closed_role_is_not_opened() {
    let aud = format!(r#""{KEY}:aud": "sts.amazonaws.com""#);
    let assume = r#""sts:AssumeRoleWithWebIdentity""#;
    for file in [
        of_github(r#""sts:AssumeRole""#, ""),
        of_github(
            r#""sts:AssumeRole""#,
            &format!(r#""StringEquals": {{{aud}}}"#),
        ),
        of_github(
            assume,
            &format!(r#""StringEquals": {{{aud}, "{KEY}:sub": "repo:acme/*"}}"#),
        ),
        of_github(
            assume,
            &format!(r#""StringLike": {{{aud}, "{KEY}:sub": "acme/*"}}"#),
        ),
        of_github(
            assume,
            r#""StringLike": {"token.actions.githubusercontent.co:sub": "repo:acme/*"}"#,
        ),
    ] {
        for fix in fixes(&file) {
            let again = read(&fix.policy).unwrap();
            let lints = lint(&again.roles[0], &Options::default());
            let grave = lints
                .iter()
                .find(|lint| lint.severity >= iam_trust::Severity::High);
            assert_eq!(grave, None, "{file}\n{}", fix.policy);
        }
    }
}

#[test]
fn what_names_a_repository_is_mended() {
    let mended = of_github(
        r#""sts:AssumeRoleWithWebIdentity""#,
        &format!(r#""StringEquals": {{"{KEY}:sub": "repo:acme/app:*"}}"#),
    );
    let fixes = fixes(&mended);
    assert!(fixes.iter().any(|fix| fix.policy.contains("StringLike")));
}

#[test]
fn another_principal_keeps_its_action() {
    let both = format!(r#""Federated": "{PROVIDER}", "AWS": "arn:aws:iam::111122223333:root""#);
    let pinned = format!(r#""StringEquals": {{"{KEY}:sub": "repo:acme/app:pull_request"}}"#);
    assert_eq!(fixes(&statement(&both, r#""sts:AssumeRole""#, &pinned)), []);
    let alone = format!(r#""Federated": "{PROVIDER}""#);
    let fixes = fixes(&statement(&alone, r#""sts:AssumeRole""#, &pinned));
    assert_eq!(fixes.len(), 1);
}

#[test]
fn a_computed_value_is_not_overwritten() {
    for value in [
        r#"[{"Fn::Sub": "repo:${Org}/app:*"}, "repo:acme/x:ref:refs/heads/*"]"#,
        r#"{"Fn::Sub": "repo:${Org}/app:*"}"#,
        r#"{"Fn::If": ["Live", "repo:acme/app:*", "repo:acme/dev:*"]}"#,
        r#"["repo:acme/x:*", {"Fn::If": ["Live", "repo:acme/app:*", "repo:acme/dev:*"]}]"#,
    ] {
        let policy = of_github(
            r#""sts:AssumeRoleWithWebIdentity""#,
            &format!(
                r#""StringLike": {{"{KEY}:sub": {value}}},
                "StringEquals": {{"{KEY}:aud": {{"Ref": "Audience"}}}}"#
            ),
        );
        let template = format!(
            r#"{{"Parameters": {{"Org": {{"Default": "octo-org"}}, "Audience": {{"Default": "*"}}}},
            "Resources": {{"R": {{"Type": "AWS::IAM::Role", "Properties":
            {{"AssumeRolePolicyDocument": {policy}}}}}}}}}"#
        );
        for fix in fixes(&template) {
            assert!(fix.policy.contains(value), "{}", fix.policy);
            assert!(
                fix.policy.contains(r#"{"Ref": "Audience"}"#),
                "{}",
                fix.policy
            );
        }
    }
}

fn under_equals(values: &str) -> String {
    of_github(
        r#""sts:AssumeRoleWithWebIdentity""#,
        &format!(r#""StringEquals": {{"{KEY}:aud": "sts.amazonaws.com", "{KEY}:sub": {values}}}"#),
    )
}

/// What was written beside a value that works was never missed.
#[test]
fn a_dead_value_among_others_goes() {
    for dead in ["repo:acme/shop:*", "*", "repo:*"] {
        let values = format!(r#"["{dead}", "repo:acme/shop:environment:production"]"#);
        let fixes = fixes(&under_equals(&values));
        let wanted = under_equals(r#"["repo:acme/shop:environment:production"]"#);
        let fixes: Vec<_> = fixes.into_iter().map(|fix| fix.policy).collect();
        assert_eq!(fixes, [wanted], "{dead}");
    }
}

#[test]
fn a_dead_value_is_not_guessed_at() {
    for (value, by) in [
        ("repo:acme/shop:production", None),
        ("acme/shop", None),
        ("*", None),
        (
            "repo:acme/shop:ref:tags/v1",
            Some("repo:acme/shop:ref:refs/tags/v1"),
        ),
        (
            "repo:acme/shop:environment=production",
            Some("repo:acme/shop:environment:production"),
        ),
    ] {
        let fixes = fixes(&under_equals(&format!("{value:?}"))).into_iter();
        let fixes: Vec<_> = fixes.map(|fix| fix.policy).collect();
        let wanted = by.map(|by| under_equals(&format!("{by:?}")));
        assert_eq!(fixes, wanted.into_iter().collect::<Vec<_>>(), "{value}");
    }
}

#[test]
fn what_it_may_mean_is_said() {
    let roles = read(&under_equals(r#""repo:acme/shop:production""#))
        .unwrap()
        .roles;
    let lints = lint(&roles[0], &Options::default());
    let meant = "\"repo:acme/shop:environment:production\" or \
                 \"repo:acme/shop:ref:refs/heads/production\" was probably meant";
    assert!(lints[0].message.ends_with(meant), "{lints:?}");
}

/// Whoever takes the advice does not open the role.
#[test]
fn no_advice_opens_a_role() {
    for values in [
        r#""*""#,
        r#"["repo:acme/shop:environment:production", "*"]"#,
    ] {
        let roles = read(&under_equals(values)).unwrap().roles;
        for lint in lint(&roles[0], &Options::default()) {
            assert!(!lint.message.contains("was probably meant"), "{lint:?}");
        }
    }
}

#[test]
fn a_statement_whose_time_is_past_does_not_keep_another_from_being_mended() {
    let mended = |until: &str, now: Option<&str>| {
        let trusting = format!(
            r#""Effect": "Allow", "Principal": {{"Federated": "{PROVIDER}"}},
            "Action": "sts:AssumeRoleWithWebIdentity""#
        );
        let aud = format!(r#""{KEY}:aud": "sts.amazonaws.com""#);
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{{trusting}, "Condition": {{
            "StringEquals": {{{aud}}}, "StringLike": {{"{KEY}:sub": "repo:*"}},
            "DateLessThan": {{"aws:CurrentTime": "{until}"}}}}}}, {{{trusting}, "Condition": {{
            "StringEquals": {{{aud}, "{KEY}:sub": "repo:acme/shop:refs/heads/main"}}}}}}]}}"#
        );
        let options = Options {
            now: now.map(str::to_owned),
            ..Options::default()
        };
        let lints = lint(&read(&policy).unwrap().roles[0], &options);
        let mut fixes = lints.into_iter().filter_map(|lint| lint.fix);
        fixes.any(|fix| fix.policy.contains("repo:acme/shop:ref:refs/heads/main"))
    };
    let now = Some("2026-07-01T00:00:00Z");
    assert!(mended("2035-01-01T00:00:00Z", now));
    assert!(mended("2020-01-01T00:00:00Z", None));
    assert!(mended("2020-01-01T00:00:00Z", now));
}
