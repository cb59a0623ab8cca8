//! What a policy arrives in, and what is said of one that cannot be understood.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use iam_trust::{Effect, Grant, ReadError, Request, Version, evaluate, read};

const MAIN: &str = "repo:acme/website:ref:refs/heads/main";

fn sample(path: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/trust/");
    std::fs::read_to_string(format!("{folder}{path}.json")).unwrap()
}

#[test]
fn account_details_give_every_role_its_permissions() {
    let roles = read(&sample("bad/account-details")).unwrap().roles;
    let [deploy, release] = &*roles else {
        panic!("{roles:?}")
    };
    assert_eq!(
        deploy.arn.as_deref(),
        Some("arn:aws:iam::123456789012:role/deploy")
    );
    assert!(matches!(
        &*deploy.permissions.grants,
        [Grant::Administrator(_)]
    ));
    assert!(matches!(&*release.permissions.grants, [Grant::PassRole(_)]));
    assert!(evaluate(&release.policy, &Request::new(MAIN)).allowed);
}

#[test]
fn places_in_an_encoded_policy_are_places_in_the_file() {
    let text = sample("bad/account-details");
    let release = read(&text).unwrap().roles.remove(1);
    let place = &release.policy.statements[0].conditions[0].place;
    assert!(
        place
            .pointer
            .starts_with("/RoleDetailList/1/AssumeRolePolicyDocument/Statement/0/Condition/")
    );
    let line = text.lines().nth(place.line - 1).unwrap();
    assert!(
        line[place.column - 1..].starts_with("%22token.actions"),
        "{place}"
    );
}

#[test]
fn a_template_is_worked_out_as_far_as_it_can_be() {
    let roles = read(&sample("good/cloudformation-sub")).unwrap().roles;
    let subject = "repo:acme/website:environment:production";
    assert!(evaluate(&roles[0].policy, &Request::new(subject)).allowed);
    assert!(!evaluate(&roles[0].policy, &Request::new(MAIN)).allowed);
    let roles = read(&sample("bad/cloudformation-parameter")).unwrap().roles;
    let value = &roles[0].policy.statements[0].conditions[1].values[0];
    assert_eq!(value.open, ["Organisation"]);
    assert_eq!(value.text, "repo:Organisation/website:*");
}

/// A role whose template chooses one of its values by a condition.
fn choosing(operator: &str, subject: &str) -> String {
    let provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    format!(
        r#"{{"Resources":{{"Provider":{{"Type":"AWS::IAM::OIDCProvider","Properties":{{"Url":"https://token.actions.githubusercontent.com"}}}},
        "Role":{{"Type":"AWS::IAM::Role","Properties":{{"AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{
        "Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
        "Principal":{{"Federated":{{"Fn::If":["Own",{{"Ref":"Provider"}},"{provider}"]}}}},
        "Condition":{{"StringLike":{{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}},
        "{operator}":{{"token.actions.githubusercontent.com:sub":{subject}}}}}}}]}}}}}}}}}}"#
    )
}

#[test]
fn a_choice_in_a_template_is_judged_as_all_that_it_may_come_to() {
    const OTHER: &str = "repo:acme@1/website@2:ref:refs/heads/main";
    let policy = |operator: &str, subject: &str| {
        let mut roles = read(&choosing(operator, subject)).unwrap().roles;
        roles.remove(0).policy
    };
    let chosen = format!(r#"{{"Fn::If":["Immutable","{OTHER}","{MAIN}"]}}"#);
    let in_a_list = format!(r#"["x",{chosen}]"#);
    let nested = format!(r#"{{"Fn::If":["A",{{"Ref":"AWS::NoValue"}},{chosen}]}}"#);
    let of_lists = format!(r#"{{"Fn::If":["A",["{OTHER}","x"],["{MAIN}"]]}}"#);
    for subject in [&chosen, &in_a_list, &nested, &of_lists] {
        let policy = policy("StringEquals", subject);
        for subject in [MAIN, OTHER] {
            assert!(evaluate(&policy, &Request::new(subject)).allowed);
        }
        assert!(!evaluate(&policy, &Request::new("repo:acme/x:pull_request")).allowed);
        let values = &policy.statements[0].conditions[1].values;
        assert!(values.iter().all(|value| value.open.is_empty()));
    }
    let place = &policy("StringEquals", &chosen).statements[0].conditions[1].values[1].place;
    assert!(place.pointer.ends_with(":sub/Fn::If/2"), "{place:?}");
    // What each value forbids is not forbidden by the one that is deployed.
    let policy = policy("StringNotEquals", &chosen);
    assert_eq!(
        policy.statements[0].conditions[1].values[0].open,
        ["Fn::If"]
    );
}

#[test]
fn a_plan_tells_the_role_and_its_session() {
    let role = read(&sample("good/terraform-plan"))
        .unwrap()
        .roles
        .remove(0);
    assert!(role.derived);
    assert_eq!(role.max_session.unwrap().seconds, 7200);
}

#[test]
fn a_role_known_only_after_the_apply_is_a_problem() {
    let text = r#"{"terraform_version": "1.9.0", "planned_values": {"root_module": {"child_modules":
        [{"resources": [{"type": "aws_iam_role", "address": "module.a.aws_iam_role.b", "values": {}}]}]}}}"#;
    let problems = read(text).unwrap_err().problems();
    assert_eq!(
        problems[0].place.pointer,
        "/planned_values/root_module/child_modules/0/resources/0"
    );
}

#[test]
fn forms_of_one_or_many_are_read_alike() {
    let text = r#"{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": ["a", "b"]},
        "NotAction": "sts:*", "Sid": "x"}}"#;
    let role = read(text).unwrap().roles.remove(0);
    let statement = &role.policy.statements[0];
    assert_eq!(role.policy.version, Version::V2008);
    assert_eq!(statement.effect, Effect::Deny);
    assert!(statement.principals.negated && statement.actions.negated);
    assert_eq!(statement.principals.entries.len(), 2);
    assert_eq!(statement.sid.as_deref(), Some("x"));
}

/// Text, and for each problem: line, pointer, part of the message.
type Case = (&'static str, &'static [(usize, &'static str, &'static str)]);

const CASES: &[Case] = &[
    (
        "{\"Statement\": [{}]}",
        &[
            (1, "/Statement/0", "no Effect"),
            (1, "/Statement/0", "no Principal"),
            (1, "/Statement/0", "no Action"),
        ],
    ),
    ("{\"Statement\": []}", &[(1, "/Statement", "no statement")]),
    (
        "{\n\"Statement\": {\"Effect\": \"allow\", \"Principal\": \"*\", \"Action\": \"*\"}}",
        &[(2, "/Statement/Effect", "neither")],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"x\", \"Action\": \"*\"}}",
        &[(1, "/Statement/Principal", "neither")],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\",\n\"Resource\": \"*\"}}",
        &[(2, "/Statement/Resource", "unknown element")],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Action\": \"*\"}}",
        &[(1, "/Statement/Action", "comes twice")],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"NotAction\": \"*\"}}",
        &[(1, "/Statement", "exclude")],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Condition\": {\"StringMatches\": {}}}}",
        &[(
            1,
            "/Statement/Condition/StringMatches",
            "no condition operator",
        )],
    ),
    (
        "{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\", \"Condition\": {\"StringLike\": {\"a/b\": null, \"A/b\": \"x\"}}}}",
        &[
            (1, "/Statement/Condition/StringLike/a~1b", "null"),
            (1, "/Statement/Condition/StringLike/A~1b", "again"),
        ],
    ),
    (
        "{\"Version\": \"2013-01-01\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"Foo\": \"x\"}, \"Action\": 1.5}}",
        &[
            (1, "/Version", "versions"),
            (1, "/Statement/Principal/Foo", "no principal"),
        ],
    ),
];

#[test]
fn every_problem_is_told_with_its_place() {
    for (text, expected) in CASES {
        let Err(ReadError::Policy(problems)) = read(text) else {
            panic!("{text} was understood");
        };
        let found: Vec<_> = problems
            .iter()
            .map(|problem| {
                (
                    problem.place.line,
                    &*problem.place.pointer,
                    &*problem.message,
                )
            })
            .collect();
        assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        for ((line, pointer, message), (l, p, m)) in expected.iter().zip(found) {
            assert_eq!((*line, *pointer), (l, p), "{text}: {m}");
            assert!(m.contains(message), "{m}");
        }
    }
}

#[test]
fn other_documents_are_never_fine() {
    assert!(matches!(read("{}"), Err(ReadError::Unknown)));
    assert!(matches!(read("[]"), Err(ReadError::Unknown)));
    let Err(ReadError::Syntax(problem)) = read("{\n  \"Statement\": [\n    {,}\n") else {
        panic!("broken JSON was taken");
    };
    assert_eq!((problem.place.line, problem.place.column), (3, 6));
}

#[test]
fn a_template_in_yaml_keeps_its_places() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../samples/trust/bad/cloudformation-yaml.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let input = read(&text).unwrap();
    assert_eq!(input.problems, []);
    let [role] = &*input.roles else {
        panic!("{:#?}", input.roles);
    };
    assert_eq!(role.name.as_deref(), Some("deploy"));
    let subject = &role.policy.statements[0].conditions[1];
    assert_eq!(subject.values[0].text, "repo:acme/*");
    let (index, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(":sub:"))
        .unwrap();
    let place = &subject.values[0].place;
    assert_eq!(place.line, index + 1);
    assert_eq!(place.column, line.find("!Sub").unwrap_or_default() + 1);
    assert!(!role.can_be_edited());
    assert_eq!(role.replace_policy(&text, "{}"), None);
}

#[test]
fn broken_yaml_is_told_at_its_place() {
    let text = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n   Properties: x\n";
    let Err(ReadError::Syntax(problem)) = read(text) else {
        panic!("broken YAML was taken");
    };
    assert!(problem.message.starts_with("not YAML"), "{problem}");
    assert_eq!(problem.place.line, 4);
    let text = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      A: &a b\n      B: *a\n";
    let problem = read(text).unwrap_err().problems().remove(0);
    assert!(problem.message.contains("aliases"), "{problem}");
    assert_eq!((problem.place.line, problem.place.column), (6, 10));
    assert!(matches!(read("a: b\n"), Err(ReadError::Unknown)));
}

#[test]
fn one_broken_role_does_not_hide_the_others() {
    let text =
        sample("bad/account-details").replacen("\"Effect\": \"Allow\"", "\"Effect\": \"Maybe\"", 1);
    let found = read(&text).unwrap();
    assert_eq!(found.roles.len(), 1);
    assert_eq!(found.problems.len(), 1);
}

#[test]
fn a_policy_is_replaced_where_it_stands() {
    for path in [
        "good/terraform-plan",
        "bad/account-details",
        "good/cloudformation-sub",
        "good/several-actions",
    ] {
        let text = sample(path);
        for role in read(&text).unwrap().roles {
            let same = role.replace_policy(&text, &role.policy.text).unwrap();
            let again = read(&same).unwrap();
            assert!(
                again
                    .roles
                    .iter()
                    .any(|other| other.policy.text == role.policy.text),
                "{path}"
            );
        }
    }
}

#[test]
fn the_explanation_has_the_agreed_shape() {
    let role = read(&sample("good/static-site-branch-classic"))
        .unwrap()
        .roles
        .remove(0);
    let trace = evaluate(
        &role.policy,
        &Request::new("repo:acme/website:pull_request"),
    );
    let json = serde_json::to_value(&trace).unwrap();
    assert_eq!(json["allowed"], false);
    assert_eq!(json["statements"][0]["effect"], "Allow");
    assert_eq!(json["statements"][0]["sid"], serde_json::Value::Null);
    let failed = &json["statements"][0]["conditions"][1];
    assert_eq!(failed["operator"], "StringEquals");
    assert_eq!(failed["key"], "token.actions.githubusercontent.com:sub");
    assert_eq!(failed["wanted"], serde_json::json!([MAIN]));
    assert_eq!(failed["got"], "repo:acme/website:pull_request");
    assert_eq!(failed["matched"], false);
    assert!(trace.reason.contains("wants"), "{}", trace.reason);
}

proptest::proptest! {
    /// Broken, cut and spliced samples are read or refused, never a panic; what was read is linted.
    #[test]
    fn damaged_files_never_panic(
        index in 0..5_usize,
        cut in proptest::prelude::any::<proptest::sample::Index>(),
        patch in "[\\[\\]{}\",:*?$%\\\\a-z0-9é]{0,6}",
    ) {
        let names = ["good/both-forms", "bad/account-details", "good/cloudformation-join",
            "bad/terraform-plan-prefix", "bad/pinned-and-star"];
        let text = sample(names[index]);
        let mut at = cut.index(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let damaged = format!("{}{patch}{}", &text[..at], &text[at..]);
        for damaged in [&damaged, &text[..at]] {
            if let Ok(input) = read(damaged) {
                for role in input.roles {
                    let _ = iam_trust::lint(&role, &iam_trust::Options::default());
                }
            }
        }
    }
}

#[test]
fn a_policy_far_above_the_limit_of_iam_is_a_problem() {
    let policy = |count: usize| {
        let values: Vec<String> = (0..count).map(|n| format!("repo:acme/svc{n}:*")).collect();
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "sts:*",
            "Condition": {{"StringLike": {{"aws:UserAgent": {values:?}}}}}}}}}"#
        )
    };
    assert_eq!(read(&policy(400)).unwrap().roles.len(), 1);
    let problems = read(&policy(2000)).unwrap_err().problems();
    assert!(problems[0].message.contains("8,192"), "{problems:?}");
}
