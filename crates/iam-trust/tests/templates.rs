//! Templates and plans that are not what they look like.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use iam_trust::{Options, Problem, Severity, lint, read};

const KEY: &str = "token.actions.githubusercontent.com";
const ASSUME: &str = r#""Action": "sts:AssumeRoleWithWebIdentity""#;

fn policy(provider: &str, conditions: &str) -> String {
    let conditions = conditions.replace("{K}", KEY);
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {ASSUME},
        "Principal": {{"Federated": {provider}}}, "Condition": {{{conditions}}}}}]}}"#
    )
}

fn of_github(conditions: &str) -> String {
    let provider = format!(r#""arn:aws:iam::123456789012:oidc-provider/{KEY}""#);
    policy(&provider, conditions)
}

const PINNED: &str = r#""StringEquals": {"{K}:aud": "sts.amazonaws.com",
    "{K}:sub": "repo:acme/app:environment:production"}"#;

fn template(parameters: &str, policy: &str) -> String {
    format!(
        r#"{{"Parameters": {{{parameters}}}, "Resources": {{"R": {{"Type": "AWS::IAM::Role",
        "Properties": {{"AssumeRolePolicyDocument": {policy}}}}}}}}}"#
    )
}

fn problems(text: &str) -> Vec<Problem> {
    read(text).map_or_else(|error| error.problems(), |input| input.problems)
}

/// The checks that complain above info.
fn told(text: &str) -> Vec<&'static str> {
    let input = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(input.problems, [], "{text}");
    let lints = input
        .roles
        .iter()
        .flat_map(|role| lint(role, &Options::default()));
    let grave = lints.filter(|lint| lint.severity > Severity::Info);
    grave.map(|lint| lint.check).collect()
}

#[test]
fn a_key_that_comes_twice_on_the_way_to_a_role_is_a_problem() {
    let (closed, open) = (of_github(PINNED), of_github(""));
    let properties = format!(r#""AssumeRolePolicyDocument": {closed}"#);
    let open = format!(r#""AssumeRolePolicyDocument": {open}"#);
    let kind = r#""Type": "AWS::IAM::Role""#;
    let role = format!(r#""R": {{{kind}, "Properties": {{{properties}}}}}"#);
    let other = format!(r#""R": {{{kind}, "Properties": {{{open}}}}}"#);
    for (key, text) in [
        (
            "AssumeRolePolicyDocument",
            format!(
                r#"{{"Resources": {{"R": {{{kind}, "Properties": {{{properties}, {open}}}}}}}}}"#
            ),
        ),
        (
            "Properties",
            format!(
                r#"{{"Resources": {{"R": {{{kind}, "Properties": {{{properties}}},
                "Properties": {{{open}}}}}}}}}"#
            ),
        ),
        (
            "Type",
            format!(
                r#"{{"Resources": {{"R": {{"Type": "AWS::S3::Bucket", {kind},
                "Properties": {{{properties}}}}}}}}}"#
            ),
        ),
        ("R", format!(r#"{{"Resources": {{{role}, {other}}}}}"#)),
        (
            "Resources",
            format!(r#"{{"Resources": {{{role}}}, "Resources": {{{other}}}}}"#),
        ),
    ] {
        let problems = problems(&text);
        let [problem] = &*problems else {
            panic!("{text}: {problems:?}")
        };
        assert!(
            problem.message.starts_with(&format!("{key:?} comes twice")),
            "{problem}"
        );
    }
    let yaml = format!(
        "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      {}\n      {}\n",
        properties.replace('\n', " "),
        open.replace('\n', " ")
    );
    let problems = problems(&yaml);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].place.line, 6);
}

#[test]
fn resources_that_a_function_makes_are_a_problem() {
    for key in ["Fn::ForEach::Roles", "Fn::Transform"] {
        let text = format!(r#"{{"Resources": {{"{key}": ["N", ["A"], {{}}]}}}}"#);
        let problems = problems(&text);
        assert!(
            problems[0].message.contains("are not judged"),
            "{problems:?}"
        );
        assert!(problems[0].help.as_ref().unwrap().contains("get-role"));
    }
}

#[test]
fn a_provider_that_is_open_is_taken_for_githubs() {
    let audience = r#""StringEquals": {"{K}:aud": "sts.amazonaws.com"}"#;
    let parameter = r#""Prov": {"Type": "String"}, "Url": {"Type": "String"}"#;
    let whole = r#"{"Ref": "Prov"}"#;
    let url = r#"{"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/${Url}"}"#;
    for provider in [whole, url] {
        let said = told(&template(parameter, &policy(provider, "")));
        assert_eq!(said, ["trust-unresolved-value"], "{provider}");
        let said = told(&template(parameter, &policy(provider, audience)));
        assert_eq!(said, ["trust-open-to-github"], "{provider}");
        let other = r#""StringEquals": {"gitlab.com:aud": "sts.amazonaws.com"}"#;
        assert!(told(&template(parameter, &policy(provider, other))).is_empty());
    }
    let resource = format!(
        r#"{{"Parameters": {{{parameter}}}, "Resources": {{"P": {{"Type": "AWS::IAM::OIDCProvider",
        "Properties": {{"Url": {{"Ref": "Url"}}}}}}, "R": {{"Type": "AWS::IAM::Role", "Properties":
        {{"AssumeRolePolicyDocument": {}}}}}}}}}"#,
        policy(r#"{"Fn::GetAtt": ["P", "Arn"]}"#, audience)
    );
    assert_eq!(told(&resource), ["trust-open-to-github"]);
    let known = r#"{"Fn::Sub": "arn:aws:iam::${Url}:oidc-provider/gitlab.com"}"#;
    assert!(told(&template(parameter, &policy(known, ""))).is_empty());
    let saml = r#"{"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:saml-provider/${Url}"}"#;
    assert!(told(&template(parameter, &policy(saml, ""))).is_empty());
}

#[test]
fn a_list_parameter_is_each_of_its_texts() {
    let subjects = r#""StringEquals": {"{K}:aud": "sts.amazonaws.com"},
        "StringLike": {"{K}:sub": {"Ref": "Subjects"}}"#;
    for kind in ["CommaDelimitedList", "List<String>"] {
        let parameter = format!(
            r#""Subjects": {{"Type": "{kind}",
            "Default": "repo:acme/app:ref:refs/heads/main, repo:*"}}"#
        );
        let said = told(&template(&parameter, &of_github(subjects)));
        assert_eq!(said, ["trust-open-to-github"]);
    }
    let text = r#""Subjects": {"Type": "String", "Default": "repo:acme/app:environment:a,b"}"#;
    assert!(told(&template(text, &of_github(subjects))).is_empty());
    let stored = r#""Subjects": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b"}"#;
    assert_eq!(
        told(&template(stored, &of_github(subjects)))[0],
        "trust-open-to-github"
    );
}

#[test]
fn references_that_double_come_to_an_end() {
    let doubled = |next: usize| format!("${{P{next}}}").repeat(4);
    let providers = (0..20).map(|number| {
        format!(
            r#""P{number}": {{"Type": "AWS::IAM::OIDCProvider",
            "Properties": {{"Url": {{"Fn::Sub": "{}"}}}}}}"#,
            doubled(number + 1)
        )
    });
    let providers: Vec<String> = providers.collect();
    let text = format!(
        r#"{{"Resources": {{{}, "R": {{"Type": "AWS::IAM::Role", "Properties":
        {{"AssumeRolePolicyDocument": {}}}}}}}}}"#,
        providers.join(","),
        policy(r#"{"Ref": "P0"}"#, "")
    );
    let start = std::time::Instant::now();
    assert_eq!(told(&text), ["trust-unresolved-value"]);
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn a_raw_state_is_a_problem_and_an_empty_one_is_not() {
    let raw = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": []}"#;
    let problems = problems(raw);
    assert!(
        problems[0]
            .help
            .as_ref()
            .unwrap()
            .contains("terraform show -json")
    );
    assert!(
        read(r#"{"format_version": "1.0"}"#)
            .unwrap()
            .roles
            .is_empty()
    );
    let empty = r#"{"format_version": "1.2", "terraform_version": "1.9.0"}"#;
    assert!(read(empty).unwrap().roles.is_empty());
}

#[test]
fn a_key_of_a_template_in_yaml_may_look_like_a_number() {
    let yaml = "Mappings:\n  Accounts:\n    123456789012:\n      true: prod\nResources: {}\n";
    assert!(read(yaml).unwrap().problems.is_empty());
}
