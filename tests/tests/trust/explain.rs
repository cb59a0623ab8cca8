use crate::{sample, snapshot, trust};

const BRANCH: &str = "good/static-site-branch-classic";

fn explain(policy: &str, rest: &str) -> rolewatch_tests::Run {
    trust(&format!("explain --policy {} {rest}", sample(policy))).run()
}

#[test]
fn an_allowed_token_is_told_by_which_statement() {
    let run = explain(BRANCH, "--subject repo:acme/website:ref:refs/heads/main").exits(0);
    snapshot!("explain-allowed", run.stdout);
}

#[test]
fn a_denied_one_is_told_which_condition_failed_and_why_that_happens() {
    let mut all = String::new();
    for subject in [
        "repo:acme/website:environment:production",
        "repo:acme@1/website@2:ref:refs/heads/main",
        "repo:Acme/website:ref:refs/heads/main",
        "repo:acme/website:pull_request",
        "repo:acme/other:ref:refs/heads/main",
    ] {
        let run = explain(BRANCH, &format!("--subject {subject}")).exits(1);
        all = format!("{all}$ --subject {subject}\n{}\n", run.stdout);
    }
    snapshot!("explain-denied", all);
}

#[test]
fn claims_audience_and_issuer_can_be_said() {
    let policy = "good/repository-id-and-environment";
    let subject = "--subject repo:acme/website:environment:production";
    let missing = explain(policy, subject).exits(1);
    snapshot!("explain-missing-claim", missing.stdout);
    let text = rolewatch_tests::read(&sample(policy));
    let id = text
        .split("repository_id\": \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let claim = format!("{subject} --claim repository_id={id}");
    let _allowed = explain(policy, &claim).exits(0);
    let audience = format!("{claim} --audience https://github.com/acme");
    let _denied = explain(policy, &audience).exits(1);
    let issuer = format!("{claim} --issuer https://token.actions.githubusercontent.com/acme");
    let _denied = explain(policy, &issuer).exits(1);
    let _wrong = explain(policy, &format!("{claim} --issuer https://evil.example")).exits(2);
    let _wrong = explain(policy, &format!("{claim} --claim x")).exits(2);
}

#[test]
fn an_open_allow_that_a_deny_closes() {
    let run = explain(
        "good/no-condition-closed-by-deny",
        "--subject repo:evil/evil:pull_request",
    );
    snapshot!("explain-deny", run.exits(1).stdout);
}

#[test]
fn json_is_the_contract() {
    let subject = "--subject repo:acme/website:environment:production --format json";
    let run = explain(BRANCH, subject).exits(1);
    let explanation = run.json().remove(0);
    assert_eq!(explanation["type"], "explanation");
    assert_eq!(explanation["schema"], "rolewatch.explanation/1");
    assert_eq!(explanation["allowed"], false);
    let condition = &explanation["statements"][0]["conditions"][1];
    assert_eq!(condition["operator"], "StringEquals");
    assert_eq!(
        condition["wanted"][0],
        "repo:acme/website:ref:refs/heads/main"
    );
    assert_eq!(condition["got"], "repo:acme/website:environment:production");
    assert_eq!(condition["matched"], false);
}

#[test]
fn a_record_says_who_came_and_which_role_it_was() {
    let record = "samples/records/denied-assumption/fires-access-denied.json";
    let record = if rolewatch_tests::root().join(record).exists() {
        record.to_owned()
    } else {
        let all = rolewatch_tests::files("samples/records/denied-assumption");
        all.into_iter().find(|it| it.contains("fires")).unwrap()
    };
    let run = explain(BRANCH, &format!("--record {record}")).exits(1);
    assert!(
        run.stdout.contains("this condition failed"),
        "{}",
        run.stdout
    );
    let several = explain(BRANCH, "--record samples/containers/cloudtrail.json").exits(2);
    assert!(several.stderr.contains("--event"), "{}", several.stderr);
    let _none = explain(BRANCH, "--record samples/damaged/not-cloudtrail.json").exits(2);
}

/// The cure that an error names is one.
#[test]
fn a_record_beyond_the_limit_can_be_read_with_another() {
    let record = "samples/containers/bare.json";
    let small = explain(BRANCH, &format!("--record {record}")).exits(1);
    let text = std::fs::read_to_string(rolewatch_tests::root().join(record)).unwrap();
    let large = text.replacen(
        '{',
        &format!("{{\"padding\": \"{}\",", "x".repeat(2 << 20)),
        1,
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, large).unwrap();
    let record = file.path().display();
    let refused = explain(BRANCH, &format!("--max-record 1 --record {record}")).exits(2);
    assert!(
        refused.stderr.contains("raise --max-record"),
        "{}",
        refused.stderr
    );
    let read = explain(BRANCH, &format!("--max-record 3 --record {record}")).exits(1);
    assert_eq!(read.stdout, small.stdout);
}

#[test]
fn one_role_of_several_has_to_be_named() {
    let policy = "bad/account-details";
    let subject = "--subject repo:acme/website:ref:refs/heads/main";
    let run = explain(policy, subject).exits(2);
    assert!(run.stderr.contains("--role"), "{}", run.stderr);
    let role = "arn:aws:iam::123456789012:role/deploy";
    let _allowed = explain(policy, &format!("{subject} --role {role}")).exits(0);
    let _unknown = explain(policy, &format!("{subject} --role none")).exits(2);
}

#[test]
fn who_asks_is_said_in_one_way() {
    let _nobody = explain(BRANCH, "").exits(2);
    let _both = explain(BRANCH, "--subject a --token b").exits(2);
    let _no_file = trust("explain --policy no-such-file --subject a")
        .run()
        .exits(2);
}

fn policy_with(conditions: &str, provider: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
        "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{provider}"}},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{{conditions},
        "StringLike": {{"{provider}:sub": "repo:acme/shop:*"}}}}}}}}"#
    );
    std::fs::write(file.path(), text).unwrap();
    file
}

const GITHUB: &str = "token.actions.githubusercontent.com";

/// What every request has and nobody said is not taken for missing.
#[test]
fn what_nobody_said_is_not_known() {
    let asked = |conditions: &str, subject: &str, rest: &str| {
        let policy = policy_with(conditions, GITHUB);
        let path = policy.path().display().to_string();
        let run = format!("explain --policy {path} --subject {subject} {rest}");
        trust(&run).run()
    };
    let main = "repo:acme/shop:ref:refs/heads/main";
    let office = r#""IpAddress": {"aws:SourceIp": "203.0.113.0/24"}"#;
    for (conditions, key) in [
        (office, "aws:SourceIp"),
        (
            r#""NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}"#,
            "aws:SourceIp",
        ),
        (
            r#""StringLike": {"sts:RoleSessionName": "ci-*"}"#,
            "sts:RoleSessionName",
        ),
        (
            r#""Bool": {"aws:ViaAWSService": "false"}"#,
            "aws:ViaAWSService",
        ),
    ] {
        let conditions = conditions.replace("StringLike", "StringLikeIfExists");
        let run = asked(&conditions, main, "").exits(2);
        assert!(run.stdout.starts_with("not known\n"), "{}", run.stdout);
        let option = format!("--claim {key}=…");
        assert!(run.stdout.contains(&option), "{}", run.stdout);
        // Whatever it is, this subject does not get in.
        let _denied = asked(&conditions, "repo:evil/shop:pull_request", "").exits(1);
    }
    let json = asked(office, main, "--format json")
        .exits(2)
        .json()
        .remove(0);
    assert_eq!(json["allowed"], false);
    assert!(
        json["reason"].as_str().unwrap().starts_with("not known"),
        "{json}"
    );
    let _allowed = asked(office, main, "--claim aws:SourceIp=203.0.113.9").exits(0);
    let _allowed = asked(office, main, "--claim AWS:sourceip=203.0.113.9").exits(0);
    let _denied = asked(office, main, "--claim aws:SourceIp=198.51.100.7").exits(1);
    let until = r#""DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}"#;
    let _denied = asked(until, main, "").exits(1);
    let _allowed = asked(until, main, "--claim aws:CurrentTime=2019-12-31T00:00:00Z").exits(0);
    let since = r#""DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}"#;
    let _allowed = asked(since, main, "").exits(0);
}

fn of_statements(statements: &[(&str, &str)]) -> tempfile::NamedTempFile {
    let statements = statements.iter().map(|(effect, conditions)| {
        format!(
            r#"{{"Effect": "{effect}", "Principal":
            {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{GITHUB}"}},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{{conditions}}}}}"#
        )
    });
    let statements = statements.collect::<Vec<_>>().join(", ");
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    std::fs::write(file.path(), text.replace("{K}", GITHUB)).unwrap();
    file
}

const ANY: &str = r#""StringLike": {"{K}:sub": "repo:*"}"#;

/// A value may read what nobody said.
#[test]
fn what_nobody_said_is_not_known_inside_a_value_either() {
    let region = "repo:a/b:ref:refs/heads/${aws:RequestedRegion}";
    let equals = format!(r#""StringEquals": {{"{{K}}:sub": "{region}"}}"#);
    let defaulted = equals.replace("Region}", "Region, 'main'}");
    let or_main = equals.replace("\"repo", "[\"repo:a/b:ref:refs/heads/main\", \"repo");
    let or_main = or_main.replace("Region}\"", "Region}\"]");
    let other = equals.replace("Equals", "NotEquals");
    let asked = |statements: &[(&str, &str)], subject: &str, rest: &str| {
        let policy = of_statements(statements);
        let path = policy.path().display().to_string();
        let run = format!("explain --policy {path} --subject {subject} {rest}");
        trust(&run).run()
    };
    let (main, evil) = ("repo:a/b:ref:refs/heads/main", "repo:evil/b:pull_request");
    let there = "--claim aws:RequestedRegion=main";
    for statements in [
        &[("Allow", &*equals)][..],
        &[("Allow", &*defaulted)],
        &[("Allow", &*other)],
        &[("Allow", ANY), ("Deny", &*equals)],
        &[("Allow", ANY), ("Deny", &*other)],
    ] {
        let run = asked(statements, main, "").exits(2);
        assert!(run.stdout.starts_with("not known\n"), "{}", run.stdout);
        let option = "nobody said aws:RequestedRegion; --claim aws:RequestedRegion=…";
        assert!(run.stdout.contains(option), "{}", run.stdout);
        assert!(!asked(statements, main, there).stdout.contains("not known"));
    }
    // Whatever it is, these come out as they do.
    let _denied = asked(&[("Allow", &equals)], evil, "").exits(1);
    let _allowed = asked(&[("Allow", &other)], evil, "").exits(0);
    let _allowed = asked(&[("Allow", ANY), ("Deny", &equals)], evil, "").exits(0);
    let _denied = asked(&[("Allow", ANY), ("Deny", &other)], evil, "").exits(1);
    let _allowed = asked(&[("Allow", &or_main)], main, "").exits(0);
}

/// What every request has is there, whatever it is.
#[test]
fn what_nobody_said_is_not_missing() {
    let asked = |wanted: &str| {
        let policy = policy_with(&format!(r#""Null": {{"aws:SourceIp": {wanted}}}"#), GITHUB);
        let path = policy.path().display().to_string();
        let subject = "repo:acme/shop:ref:refs/heads/main";
        trust(&format!("explain --policy {path} --subject {subject}")).run()
    };
    let denied = asked(r#""true""#).exits(1);
    assert!(
        denied.stdout.contains("a value that nobody said"),
        "{}",
        denied.stdout
    );
    let _allowed = asked(r#""false""#).exits(0);
}

/// A call has its time under two keys, whichever of them is said.
#[test]
fn a_time_is_said_for_both_keys() {
    let asked = |conditions: &str, rest: &str| {
        let policy = policy_with(conditions, GITHUB);
        let path = policy.path().display().to_string();
        let subject = "repo:acme/shop:ref:refs/heads/main";
        trust(&format!(
            "explain --policy {path} --subject {subject} {rest}"
        ))
        .run()
    };
    let epoch = r#""DateGreaterThan": {"aws:EpochTime": "1900000000"}"#;
    let number = r#""NumericGreaterThan": {"aws:EpochTime": "1900000000"}"#;
    let current = r#""DateGreaterThan": {"aws:CurrentTime": "2030-03-17T17:46:40Z"}"#;
    for conditions in [epoch, number, current] {
        for (later, earlier) in [
            (
                "aws:CurrentTime=2031-01-01T00:00:00Z",
                "aws:CurrentTime=2029-01-01",
            ),
            ("aws:currenttime=1900000001", "AWS:CurrentTime=1900000000"),
            ("aws:EpochTime=1900000001", "aws:epochtime=1900000000"),
        ] {
            let _allowed = asked(conditions, &format!("--claim {later}")).exits(0);
            let _denied = asked(conditions, &format!("--claim {earlier}")).exits(1);
        }
    }
    let apart = "--claim aws:EpochTime=1 --claim aws:CurrentTime=2031-01-01T00:00:00Z";
    let _denied = asked(epoch, apart).exits(1);
    let _allowed = asked(current, apart).exits(0);
    let wrong = asked(epoch, "--claim aws:CurrentTime=tomorrow").exits(2);
    let cure = "aws:CurrentTime=tomorrow is no time; write it as aws:CurrentTime=";
    assert!(wrong.stderr.contains(cure), "{}", wrong.stderr);
}

#[test]
fn another_issuer_is_named() {
    let provider = "token.actions.acme.ghe.com";
    let audience = format!(r#""StringEquals": {{"{provider}:aud": "sts.amazonaws.com"}}"#);
    let policy = policy_with(&audience, provider);
    let subject = "--subject repo:acme/shop:ref:refs/heads/main";
    let run = format!("explain --policy {} {subject}", policy.path().display());
    let denied = trust(&run).run().exits(1);
    let said = denied
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let cure = format!("this policy trusts {provider}: say --issuer https://{provider}");
    assert!(said.contains(&cure), "{}", denied.stdout);
    let _allowed = trust(&format!("{run} --issuer https://{provider}"))
        .run()
        .exits(0);
}
