//! Policies and requests that often come close to each other.

use iam_trust::Request;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ARN: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";

const SUBJECTS: &[&str] = &[
    "repo:acme/app:ref:refs/heads/main",
    "repo:acme/app:pull_request",
    "repo:acme/app:environment:production",
    "repo:acme@1/app@2:environment:production",
    "repo:acme-evil/app:ref:refs/heads/main",
    "repo:Acme/app:ref:refs/heads/main",
    "repo:beta/tool:ref:refs/tags/v1",
    "",
];

const SUBJECT_VALUES: &[&str] = &[
    "repo:acme/app:ref:refs/heads/main",
    "repo:acme/app:environment:production",
    "repo:acme@1/app@2:environment:production",
    "repo:acme/*",
    "repo:acme*",
    "repo:acme/app:*",
    "repo:acme/app*",
    "repo:acme?app:*",
    "repo:*/app:ref:refs/heads/*",
    "repo:*",
    "*",
    "repo:${token.actions.githubusercontent.com:repository}:*",
    "repo:acme/app:environment:${token.actions.githubusercontent.com:environment, 'none'}",
    "repo:acme/${*}",
    "repo:a:b:c:d:*",
    "${aws:missing}*",
];

const OTHER_VALUES: &[&str] = &[
    "acme/app",
    "acme/*",
    "production",
    "prod*",
    "staging",
    "2",
    "1",
    "7",
    "true",
    "false",
    "refs/heads/main",
    "refs/heads/*",
    "203.0.113.0/24",
    "203.0.113.7",
    "2026-01-01T00:00:00Z",
    "2027-01-01",
    "sts.amazonaws.com",
    "*",
    "GitHubActions",
    "arn:aws:iam::*:role/x",
    "",
];

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringEquals",
    "StringLike",
    "StringLike",
    "StringNotEquals",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ArnLike",
    "ArnEquals",
    "ArnNotLike",
    "Bool",
    "Null",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateLessThan",
    "DateGreaterThan",
    "DateNotEquals",
    "IpAddress",
    "NotIpAddress",
    "BinaryEquals",
];

const KEYS: &[&str] = &[
    "token.actions.githubusercontent.com:sub",
    "token.actions.githubusercontent.com:sub",
    "token.actions.githubusercontent.com:sub",
    "Token.Actions.GitHubUserContent.com:SUB",
    "token.actions.githubusercontent.com:aud",
    "token.actions.githubusercontent.com:repository",
    "token.actions.githubusercontent.com:repository_id",
    "token.actions.githubusercontent.com:environment",
    "token.actions.githubusercontent.com:ref",
    "token.actions.githubusercontent.com:repository_owner",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "sts:RoleSessionName",
];

fn any(texts: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(texts).prop_map(str::to_owned)
}

fn operator() -> impl Strategy<Value = String> {
    let set = prop_oneof![
        6 => Just(""),
        1 => Just("ForAllValues:"),
        1 => Just("ForAnyValue:"),
    ];
    (set, any(OPERATORS), prop::bool::weighted(0.15)).prop_map(|(set, base, if_exists)| {
        let suffix = if if_exists && base != "Null" {
            "IfExists"
        } else {
            ""
        };
        format!("{set}{base}{suffix}")
    })
}

fn values(key: &str) -> BoxedStrategy<Value> {
    let one = if key.to_lowercase().ends_with(":sub") {
        any(SUBJECT_VALUES).boxed()
    } else {
        any(OTHER_VALUES).boxed()
    };
    prop_oneof![
        2 => one.clone().prop_map(Value::from),
        1 => prop::collection::vec(one, 0..3).prop_map(Value::from),
    ]
    .boxed()
}

fn condition() -> impl Strategy<Value = Value> {
    let pair = any(KEYS).prop_flat_map(|key| (operator(), Just(key.clone()), values(&key)));
    prop::collection::vec(pair, 0..3).prop_map(|pairs| {
        let mut blocks: Map<String, Value> = Map::new();
        for (operator, key, values) in pairs {
            let block = blocks.entry(operator).or_insert_with(|| json!({}));
            let Value::Object(block) = block else {
                unreachable!("every block is an object");
            };
            if !block.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
                block.insert(key, values);
            }
        }
        blocks.into()
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let principal = prop_oneof![
        8 => Just(("Principal", json!({ "Federated": ARN }))),
        2 => Just(("Principal", json!({ "Federated": [ARN, "cognito-identity.amazonaws.com"] }))),
        1 => Just(("Principal", json!("*"))),
        1 => Just(("Principal", json!({ "AWS": "*" }))),
        1 => Just(("Principal", json!({ "AWS": "123456789012" }))),
        1 => Just(("NotPrincipal", json!({ "AWS": "123456789012" }))),
        1 => Just(("NotPrincipal", json!({ "Federated": ARN }))),
    ];
    let action = prop_oneof![
        8 => Just(("Action", json!("sts:AssumeRoleWithWebIdentity"))),
        2 => Just(("Action", json!(["sts:TagSession", "STS:assumerolewith*"]))),
        1 => Just(("Action", json!("sts:*"))),
        1 => Just(("Action", json!("sts:AssumeRole"))),
        1 => Just(("NotAction", json!("sts:TagSession"))),
        1 => Just(("NotAction", json!(["sts:*"]))),
    ];
    let condition = prop::option::weighted(0.9, condition());
    (effect, principal, action, condition).prop_map(|(effect, principal, action, condition)| {
        let mut statement = json!({ "Effect": effect });
        statement[principal.0] = principal.1;
        statement[action.0] = action.1;
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    })
}

pub(crate) fn policy() -> impl Strategy<Value = Value> {
    let version =
        prop_oneof![4 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    let several = prop::collection::vec(statement(), 1..4).prop_map(Value::from);
    let statements = prop_oneof![statement(), several];
    (version, statements).prop_map(|(version, statements)| {
        let mut policy = json!({ "Statement": statements });
        if let Some(version) = version {
            policy["Version"] = version.into();
        }
        policy
    })
}

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let optional = |texts: &'static [&'static str]| prop::option::of(any(texts));
    let claims = (
        optional(&["acme/app", "acme/other"]),
        optional(&["2", "7", "18446744073709551616"]),
        optional(&["production", "staging", "a*"]),
        optional(&["refs/heads/main", "refs/tags/v1"]),
        optional(&["acme"]),
        prop::collection::vec(
            any(&["sts.amazonaws.com", "https://github.com/acme", ""]),
            0..3,
        ),
    );
    let context = (
        optional(&["203.0.113.7", "198.51.100.1", "2001:db8::1", "AWS Internal"]),
        optional(&["2026-06-01T12:00:00Z", "1767225600", "never"]),
        optional(&["GitHubActions", "x"]),
    );
    (any(SUBJECTS), claims, context).prop_map(|(subject, claims, context)| {
        let mut request = Request::new(&subject);
        let (repository, id, environment, git_ref, owner, audiences) = claims;
        let named = [
            ("repository", repository),
            ("repository_id", id),
            ("environment", environment),
            ("ref", git_ref),
            ("repository_owner", owner),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                request = request.with_claim(name, &value);
            }
        }
        request.claims.insert("aud".to_owned(), audiences);
        let (address, time, session) = context;
        let named = [
            ("aws:SourceIp", address),
            ("aws:CurrentTime", time),
            ("sts:RoleSessionName", session),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                request.context.insert(name.to_owned(), vec![value]);
            }
        }
        request
    })
}
