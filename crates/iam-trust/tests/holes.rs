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

fn deny(conditions: &str) -> String {
    let conditions = conditions.replace("{K}", KEY);
    format!(
        r#"{{"Effect": "Deny", "Principal": "*", "Action": "sts:*",
        "Condition": {{{conditions}}}}}"#
    )
}

/// The checks that complain above info.
fn told(lints: &[Lint]) -> Vec<&'static str> {
    let grave = lints.iter().filter(|lint| lint.severity > Severity::Info);
    grave.map(|lint| lint.check).collect()
}

#[track_caller]
fn assert_told(statements: &str, expected: &[&str]) {
    let found = lints_of(statements);
    assert_eq!(told(&found), expected, "{statements}\n{found:#?}");
}

const OPEN: &str = "trust-open-to-github";
const OWNER: &str = "trust-any-owner";
const WHOLE: &str = "trust-whole-organisation";
const PREFIX: &str = "trust-prefix-hole";

#[test]
fn a_deny_on_what_the_caller_chooses_closes_nothing() {
    let audience = r#""StringEquals": {{aud}}"#;
    let of_acme = r#""StringEquals": {{aud}}, "StringLike": {"{K}:sub": "repo:acme/*"}"#;
    let anyone = r#""StringEquals": {{aud}}, "StringLike": {"{K}:sub": "repo:*"}"#;
    let bots = r#""StringLike": {"{K}:actor": "*[bot]"}"#;
    let regions =
        r#""StringEquals": {"aws:RequestedRegion": ["ap-east-1", "me-south-1", "af-south-1"]}"#;
    let addresses = r#""IpAddress": {"aws:SourceIp":
        ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]}"#;
    for (conditions, denied, expected) in [
        (audience, vec![bots], OPEN),
        (of_acme, vec![bots], WHOLE),
        (anyone, vec![regions], OPEN),
        (audience, vec![addresses], OPEN),
        (
            audience,
            vec![
                r#""StringEquals": {"{K}:actor": ["a", "b"]}"#,
                r#""StringEquals": {"{K}:workflow": ["x", "y"]}"#,
                addresses,
                regions,
            ],
            OPEN,
        ),
        (
            audience,
            vec![r#""StringNotEquals": {"{K}:actor": ["a", "b"]}"#],
            OPEN,
        ),
        (
            r#""StringEquals": {{aud}, "{K}:environment": "production"}"#,
            vec![r#""StringLike": {"{K}:ref": ["refs/heads/main", "refs/heads/dev*"]}"#],
            OPEN,
        ),
        (
            audience,
            vec![
                r#""NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:SecureTransport": "true"}"#,
            ],
            OPEN,
        ),
    ] {
        let mut statements = allow(conditions);
        for one in denied {
            statements = format!("{statements}, {}", deny(one));
        }
        assert_told(&statements, &[expected]);
    }
    let no_audience = allow(r#""StringLike": {"{K}:sub": "repo:*"}"#);
    let actors = deny(r#""StringEquals": {"{K}:actor": ["a", "b"]}"#);
    let workflows = deny(r#""StringEquals": {"{K}:workflow": ["x", "y"]}"#);
    assert_told(
        &format!("{no_audience}, {actors}, {workflows}"),
        &[OPEN, "trust-missing-audience"],
    );
}

#[test]
fn patterns_on_other_claims_than_the_subject_are_followed() {
    for (conditions, expected) in [
        (r#""{K}:ref": "refs/tags/v*""#, OPEN),
        (r#""{K}:ref": "refs/heads/release/*""#, OPEN),
        (r#""{K}:environment": "prod*""#, OPEN),
        (r#""{K}:environment": "*""#, OPEN),
        (
            r#""{K}:sub": "repo:acme/*", "{K}:ref": "refs/heads/release/*""#,
            WHOLE,
        ),
        (
            r#""{K}:sub": "repo:acme@111/*", "{K}:ref": "refs/tags/v?.?""#,
            WHOLE,
        ),
        (r#""{K}:sub": "repo:*", "{K}:environment": "prod*""#, OPEN),
        (r#""{K}:repository_id": "99*""#, OPEN),
    ] {
        let conditions = format!(r#""StringEquals": {{{{aud}}}}, "StringLike": {{{conditions}}}"#);
        assert_told(&allow(&conditions), &[expected]);
    }
    let of_ids = r#""StringEquals": {{aud}}, "NumericLessThan": {"{K}:repository_id": "5000"}"#;
    assert_told(&allow(of_ids), &[OPEN]);
}

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
        (
            "job_workflow_ref:acme/ci/*",
            "trust-author-controlled-subject",
        ),
        (
            "*:job_workflow_ref:acme/ci/*",
            "trust-author-controlled-subject",
        ),
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

#[test]
fn keys_that_are_not_listed_are_as_the_policy_wants_them() {
    for (key, value) in [
        ("aws:ResourceAccount", "123456789012"),
        ("aws:ResourceTag/team", "payments"),
        ("iam:ResourceTag/team", "payments"),
        ("aws:VpcSourceIp", "10.0.0.1"),
        ("sts:RoleSessionName", "deploy"),
    ] {
        let conditions = format!(r#""StringEquals": {{{{aud}}, "{key}": "{value}"}}"#);
        assert_told(&allow(&conditions), &[OPEN]);
    }
}

#[test]
fn keys_of_principals_close_a_statement() {
    for key in ["aws:PrincipalOrgID", "aws:SourceArn", "aws:userid"] {
        let conditions = format!(r#""StringEquals": {{{{aud}}, "{key}": "o-1"}}"#);
        assert_told(&allow(&conditions), &["trust-dead-statement"]);
    }
}

#[test]
fn variables_are_filled_in() {
    for conditions in [
        r#""StringEquals": {{aud}}, "StringLike": {"sts:RoleSessionName": "${{K}:actor}*"}"#,
        r#""StringEquals": {{aud}, "sts:RoleSessionName": "${{K}:actor}"}"#,
        r#""StringEquals": {{aud}, "sts:RoleSessionName": "${{K}:repository}"}"#,
        r#""StringEquals": {{aud}, "aws:RequestTag/a": "${sts:RoleSessionName}",
            "sts:RoleSessionName": "x-${{K}:actor}"}"#,
        r#""StringEquals": {{aud}}, "StringLike": {"{K}:sub": "repo:${{K}:actor}/*"}"#,
        r#""StringEquals": {{aud}, "{K}:environment": "${{K}:actor}"}"#,
    ] {
        assert_told(&allow(conditions), &[OPEN]);
    }
}

#[test]
fn two_conditions_on_the_subject_are_met_together() {
    let tags = r#""StringEquals": {{aud}}, "StringLike": {"{K}:sub": "repo:*:ref:refs/tags/v*"}"#;
    let both = format!(r#"{tags}, "StringLikeIfExists": {{"{{K}}:sub": "repo:*/app:*"}}"#);
    let found = lints_of(&allow(&both));
    assert!(told(&found).contains(&OWNER), "{found:#?}");
    let denied = deny(r#""StringNotLike": {"{K}:sub": "repo:*/app:*"}"#);
    assert_told(&format!("{}, {denied}", allow(tags)), &[OWNER]);
    let of_session = deny(
        r#""StringNotLike": {"sts:RoleSessionName": "${{K}:actor}"},
        "StringNotEquals": {"{K}:environment": "production"}"#,
    );
    assert_told(&format!("{}, {of_session}", allow(tags)), &[OPEN]);
}

#[test]
fn what_a_variable_reads_and_what_it_has_to_equal_are_met_together() {
    let named = r#""StringLike": {"{K}:actor": "s*"}, "StringEquals": {{aud},
        "{K}:repository": ["acme/app", "${{K}:actor}/app"], "{K}:environment": "p"}"#;
    assert_told(&allow(named), &[PREFIX]);
    let subject = r#""StringEquals": {{aud}}, "StringLike": {"{K}:actor": "s*",
        "{K}:sub": "repo:${{K}:actor}/*"}"#;
    assert_told(&allow(subject), &[PREFIX]);
    let environment = r#""StringEquals": {{aud}, "{K}:environment": "${{K}:actor}"},
        "StringLike": {"sts:RoleSessionName": ["a*", "b*", "c*"], "{K}:workflow": ["d*", "e*"]}"#;
    assert_told(&allow(environment), &[OPEN]);
}

#[test]
fn a_repository_with_its_tags_is_pinned() {
    let tags = r#""StringEquals": {{aud}, "{K}:repository_id": "123"},
        "StringLike": {"{K}:ref": "refs/tags/v*", "{K}:sub": "*"}"#;
    assert_told(&allow(tags), &[]);
    let environment = tags.replace(
        r#""{K}:ref": "refs/tags/v*""#,
        r#""{K}:environment": "prod*""#,
    );
    assert_told(&allow(&environment), &[PREFIX]);
}

#[test]
fn numbers_name_ids() {
    let owner = r#""StringEquals": {{aud}}, "NumericEquals": {"{K}:repository_owner_id": 111}"#;
    assert_told(&allow(owner), &[WHOLE]);
    let repository = r#""StringEquals": {{aud}, "{K}:environment": "p"},
        "NumericEquals": {"{K}:repository_id": "222"}"#;
    assert_told(&allow(repository), &[]);
}

#[test]
fn repositories_are_tried_in_the_contexts_that_are_asked_for() {
    for (patterns, exact, expected) in [
        ("*/app", r#""{K}:environment": "production""#, vec![OWNER]),
        ("*/app", r#""{K}:ref": "refs/tags/v1""#, vec![OWNER]),
        (
            "acme*/app",
            r#""{K}:environment": "production""#,
            vec![PREFIX],
        ),
        ("acme/*", r#""{K}:environment": "production""#, vec![WHOLE]),
        ("Acme/App", r#""{K}:environment": "production""#, vec![]),
    ] {
        let conditions = format!(
            r#""StringEquals": {{{{aud}}, {exact}}}, "StringLike": {{"{{K}}:repository": "{patterns}"}}"#
        );
        assert_told(&allow(&conditions), &expected);
    }
}

#[test]
fn names_keep_the_case_in_which_they_are_written() {
    for claims in [
        r#""{K}:repository": "Acme/App", "{K}:environment": "production""#,
        r#""{K}:repository": "Acme/App", "{K}:ref": "refs/heads/release""#,
        r#""{K}:repository": "Acme/App", "{K}:sub": "repository_id:123:environment:production""#,
        r#""{K}:repository": "Acme/App",
            "{K}:sub": "repository_owner:Acme:environment:production""#,
        r#""{K}:repository": ["Acme/App", "Beta/Tool"], "{K}:environment": "production",
            "{K}:sub": "repository_id:123:environment:production""#,
        r#""{K}:sub": "repo:acme/app:pull_request", "{K}:ref": "refs/pull/12/merge""#,
    ] {
        let found = lints_of(&allow(&format!(r#""StringEquals": {{{{aud}}, {claims}}}"#)));
        let quiet = told(&found)
            .iter()
            .all(|check| *check == "trust-any-pull-request");
        assert!(quiet, "{claims}: {found:#?}");
    }
}

#[test]
fn an_at_sign_is_no_id() {
    let host = "ghes.example.com/_services/token";
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{host}"}},
        "Condition": {{"StringEquals": {{"{host}:aud": "sts.amazonaws.com"}}, "StringLike":
        {{"{host}:sub": "job_workflow_ref:acme/ci/.github/workflows/deploy.yml@*"}}}}}}"#
    );
    assert_told(&statement, &["trust-author-controlled-subject"]);
}

#[test]
fn no_witness_repeats_a_claim() {
    let conditions = r#""StringEquals": {{aud}},
        "StringLike": {"{K}:sub": "repo:acme@*/app@*:ref:refs/heads/main"}"#;
    for lint in lints_of(&allow(conditions)) {
        let subject = lint.witness.map(|witness| witness.subject().to_owned());
        let subject = subject.unwrap_or_default();
        assert!(subject.matches("repo:").count() < 2, "{subject}");
        assert!(subject.matches(":ref:").count() < 2, "{subject}");
    }
}

#[test]
fn what_could_not_be_judged_is_said() {
    for conditions in [
        r#""StringEquals": {{aud}, "{K}:repository_owner_id": "${aws:PrincipalTag/owner}"}"#,
        r#""StringEquals": {{aud}}, "BinaryEquals": {"{K}:environment": "cHJvZA=="},
            "StringLike": {"{K}:environment": "dev*"}"#,
        r#""StringEquals": {{aud}}, "NumericEquals": {"aws:EpochTime": "${{K}:actor_id}"}"#,
    ] {
        assert_told(&allow(conditions), &["trust-not-judged"]);
    }
}

#[test]
fn more_than_can_be_tried_is_said_and_does_not_take_for_ever() {
    let many = |pattern: &str| {
        let values: Vec<String> = (0..60)
            .map(|n| pattern.replace('#', &n.to_string()))
            .collect();
        format!("{values:?}")
    };
    let conditions = format!(
        r#""StringEquals": {{{{aud}}}}, "StringLike": {{"{{K}}:repository": {},
        "{{K}}:environment": {}, "{{K}}:ref": {}}}"#,
        many("acme#/*"),
        many("prod#*"),
        many("refs/heads/r#/*")
    );
    let found = lints_of(&allow(&conditions));
    let unjudged = found.iter().find(|lint| lint.check == "trust-not-judged");
    let message = &unjudged.unwrap().message;
    assert!(message.starts_with("judged in part"), "{message}");
    assert!(told(&found).contains(&WHOLE));
}

#[test]
fn what_is_known_to_be_closed_is_no_doubt() {
    let open = allow(r#""StringEquals": {{aud}}"#);
    let shut = r#"{"Effect": "Deny", "Principal": "*", "Action": "sts:*"}"#;
    assert_told(&format!("{open}, {shut}"), &[]);
    let organisation = r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}"#;
    assert_told(organisation, &[]);
    let dead = r#""StringEquals": {{aud}, "{K}:repository": "acme/*"}"#;
    assert_told(&allow(dead), &["trust-dead-statement"]);
}
