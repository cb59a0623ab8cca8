use rolewatch_tests::{ALLOWLIST, Run, rolewatch};
use serde_json::json;

use crate::keys::{endpoint, good_token, key_file, key_set, sign, token};
use crate::{assert_fit_to_print, sample, snapshot};

fn verify(token: &str, rest: &str) -> Run {
    let keys = key_file();
    rolewatch(&format!("token verify - {rest} --jwks"))
        .arg(keys.path())
        .stdin(token)
        .run()
}

/// The output without what changes from run to run.
fn steady(output: &str) -> String {
    let times = ["  issued ", "  not before ", "  expires "];
    let steady = |line: &str| match times.iter().find(|label| line.starts_with(**label)) {
        Some(label) => format!("{label:<14}[TIME]"),
        None => line.to_owned(),
    };
    output.lines().map(steady).collect::<Vec<_>>().join("\n")
}

#[test]
fn inspecting_shows_the_claims_and_says_that_they_are_unverified() {
    let run = rolewatch("token inspect -").stdin(good_token()).run();
    let output = run.success();
    assert!(output.starts_with("UNVERIFIED"));
    snapshot!("token-inspect", steady(&output));
    let argument = rolewatch(&format!("token inspect {}", good_token())).run();
    assert!(argument.success().starts_with("UNVERIFIED"));
    let json = rolewatch("token inspect --format json -")
        .stdin(good_token())
        .run();
    let json = json.json().remove(0);
    assert_eq!(json["schema"], "rolewatch.token/1");
    assert_eq!(json["verified"], false);
    assert_eq!(json["claims"]["aud"], "sts.amazonaws.com");
}

#[test]
fn a_verified_token_is_told_who_takes_it() {
    let policies = format!(
        "--policy {} --policy {}",
        sample("good/static-site-branch-classic"),
        sample("bad/any-subject")
    );
    let run = verify(
        &good_token(),
        &format!("--quiet --allowlist {ALLOWLIST} {policies}"),
    );
    let output = run.exits(0).stdout;
    snapshot!("token-verify", steady(&output));
    let json = verify(&good_token(), &format!("{policies} --format json"))
        .exits(0)
        .json();
    assert_eq!(json[0]["verified"], true);
    assert_eq!(json[0]["policies"][0]["allowed"], false);
    assert_eq!(json[0]["policies"][1]["allowed"], true);
}

/// One token and one policy have one answer, whoever is asked.
#[test]
fn a_policy_says_the_same_to_verify_and_explain() {
    let policy = |condition: &str| {
        let provider = "token.actions.githubusercontent.com";
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Principal": {{"Federated": "arn:aws:iam::123456789012:oidc-provider/{provider}"}},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {{{condition},
            "StringLike": {{"{provider}:sub": "repo:my-org@*"}}}}}}}}"#
        );
        std::fs::write(file.path(), text).unwrap();
        file
    };
    let past = r#""DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}"#;
    let since = r#""DateGreaterThan": {"aws:EpochTime": "1577836800"}"#;
    let office = r#""IpAddress": {"aws:SourceIp": "203.0.113.0/24"}"#;
    let no_address = r#""Null": {"aws:SourceIp": "true"}"#;
    let id = r#""StringEquals": {"token.actions.githubusercontent.com:repository_id": "456789"}"#;
    for (condition, exit) in [(past, 1), (since, 0), (office, 2), (no_address, 1), (id, 1)] {
        let file = policy(condition);
        let path = file.path().display();
        let json = format!("--policy {path} --format json");
        let verified = verify(&good_token(), &json).exits(exit).json().remove(0);
        let explained = rolewatch(&format!("trust explain --token - {json}"))
            .stdin(good_token())
            .run();
        let explained = explained.exits(exit).json().remove(0);
        let answer = &verified["policies"][0];
        assert_eq!(answer["allowed"], explained["allowed"], "{condition}");
        let reason = answer["reason"].as_str().unwrap();
        let fuller = explained["reason"].as_str().unwrap();
        assert!(fuller.starts_with(reason), "{reason}\n{fuller}");
        assert_eq!(reason.starts_with("not known"), exit == 2, "{reason}");
        let hangs_on = answer["hangs_on"].as_array().unwrap();
        assert_eq!(hangs_on.len(), usize::from(exit == 2), "{answer}");
    }
    let file = policy(office);
    let office = format!("--policy {}", file.path().display());
    let text = verify(&good_token(), &office).exits(2).stdout;
    assert!(text.contains("\n  not known  "), "{text}");
    let refused = format!(
        "{office} --policy {}",
        sample("good/static-site-branch-classic")
    );
    let _not_known = verify(&good_token(), &refused).exits(2);
    let taken = format!("{office} --policy {}", sample("bad/any-subject"));
    let _taken = verify(&good_token(), &taken).exits(0);
}

#[test]
fn nobody_taking_it_is_a_finding() {
    let stranger = token("sub", "repo:evil@6/evil@7:pull_request".into());
    let _verified = verify(&stranger, "").exits(0);
    let _no_rule = verify(&stranger, &format!("--quiet --allowlist {ALLOWLIST}")).exits(1);
    let policy = sample("good/static-site-branch-classic");
    let _no_policy = verify(&stranger, &format!("--policy {policy}")).exits(1);
    let broken = verify(&stranger, "--policy Makefile").exits(2);
    assert!(broken.stderr.contains("Makefile"), "{}", broken.stderr);
}

#[test]
fn what_is_not_verified_exits_with_1_and_says_why() {
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid});
    let claims = json!({"iss": "https://token.actions.githubusercontent.com"});
    let mut tampered = good_token();
    let middle = tampered.find('.').unwrap() + 20;
    let other = if &tampered[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    tampered.replace_range(middle..=middle, other);
    let cases = [
        (
            token("aud", "https://github.com/my-org".into()),
            "another audience",
        ),
        (token("exp", 1_700_000_000.into()), "expired"),
        (token("nbf", 4_000_000_000_u64.into()), "not valid before"),
        (token("iat", 4_000_000_000_u64.into()), "issued"),
        (
            token("iss", "https://evil.example".into()),
            "another issuer",
        ),
        (sign(&header("none", "test-key-1"), &claims), "RS256"),
        (sign(&header("HS256", "test-key-1"), &claims), "RS256"),
        (sign(&header("RS256", "other"), &claims), "no key"),
        (
            token("actor", "x".repeat(30_000).into()),
            "more than the 20000",
        ),
        (tampered, ""),
        ("not a token".to_owned(), "three parts"),
    ];
    for (token, why) in cases {
        let run = verify(&token, "").exits(1);
        assert!(run.stdout.starts_with("NOT VERIFIED\n"), "{}", run.stdout);
        let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{said}");
        let json = verify(&token, "--format json").exits(1).json().remove(0);
        assert_eq!(json["verified"], false);
        assert!(json["claims"].is_null() && json["reason"].is_string());
    }
}

#[test]
fn keys_come_over_the_network_and_their_absence_is_no_verdict() {
    let run = |url: &str| {
        rolewatch(&format!("token verify - --jwks {url}"))
            .stdin(good_token())
            .run()
    };
    let _verified = run(&endpoint("200 OK", key_set())).exits(0);
    let none = run(&endpoint("404 Not Found", String::new())).exits(1);
    assert!(none.stdout.contains("no keys"), "{}", none.stdout);
    for (status, body) in [
        ("500 Oops", String::new()),
        ("302 Found\r\nLocation: http://127.0.0.1:9/", String::new()),
        ("200 OK", "<html>".to_owned()),
        ("200 OK", " ".repeat(1 << 20)),
    ] {
        let run = run(&endpoint(status, body)).exits(2);
        assert!(run.stderr.contains("keys cannot be had"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    let _down = run("http://127.0.0.1:9/jwks").exits(2);
    let plain = run("http://issuer.example/jwks").exits(2);
    assert!(plain.stderr.contains("https://"), "{}", plain.stderr);
    let _no_file = run("no-such-file").exits(2);
}

#[test]
fn an_issuer_has_to_be_known_first() {
    let enterprise = "https://token.actions.githubusercontent.com/acme";
    let theirs = token("iss", enterprise.into());
    let _unknown = verify(&theirs, "").exits(1);
    let _said = verify(&theirs, &format!("--issuer {enterprise}")).exits(0);
    let _nonsense = verify(&theirs, "--issuer https://evil.example").exits(2);
    let allowlist = tempfile::NamedTempFile::new().unwrap();
    let text = format!("version = 1\n[[issuer]]\nurl = \"{enterprise}\"\n");
    std::fs::write(allowlist.path(), text).unwrap();
    let listed = format!("--allowlist {}", allowlist.path().display());
    // Known, and verified; but no rule takes it.
    let run = verify(&theirs, &listed).exits(1);
    assert!(run.stdout.starts_with("VERIFIED"), "{}", run.stdout);
}

#[test]
fn a_token_explains_a_policy_unverified() {
    let policy = sample("bad/any-subject");
    let run = rolewatch(&format!("trust explain --policy {policy} --token -"))
        .stdin(good_token())
        .run()
        .exits(0);
    assert!(run.stderr.contains("not verified"), "{}", run.stderr);
}

#[test]
fn a_token_is_never_repeated() {
    let token = good_token();
    let hostile = crate::keys::token("actor", "\u{1b}[2J\u{202e}".into());
    assert_fit_to_print(&rolewatch(&format!("token inspect {hostile}")).run().stdout);
    for arguments in [
        format!("token {token}"),
        format!("token inspect {token} {token}"),
        format!("token inspect --token={token}"),
        format!("token verify {token} --jwks no-such-file"),
        format!("token verify {token} --jwks http://127.0.0.1:9/"),
        format!("trust explain --token {token} --policy no-such-file"),
        format!("trust explain --token={token}x --policy no-such-file"),
        token.clone(),
    ] {
        let run = rolewatch(&arguments).run().exits(2);
        let signature = token.rsplit('.').next().unwrap();
        assert!(
            !run.stderr.contains(signature) && !run.stdout.contains(signature),
            "{arguments}"
        );
    }
}

#[test]
fn a_token_is_taken_as_it_is_copied_and_what_is_none_is_said() {
    let token = good_token();
    for text in [
        format!("Bearer {token}\n"),
        format!("\"{token}\""),
        format!("TOKEN={token}"),
        json!({"count": 1, "value": &*token}).to_string(),
    ] {
        let _ = verify(&text, "").exits(0);
    }
    for command in ["inspect", "verify"] {
        let empty = rolewatch(&format!("token {command} -")).stdin("\n").run();
        assert!(empty.exits(2).stderr.contains("standard input is empty"));
        let file = rolewatch(&format!("token {command} Makefile")).run();
        assert!(file.exits(2).stderr.contains("- < FILE"));
    }
}

#[test]
fn another_audience_or_issuer_is_named() {
    let reason = |token: &str| {
        let run = verify(token, "--format json").exits(1);
        assert!(!run.stdout.contains("eyJ") && !run.stderr.contains("eyJ"));
        run.json().remove(0)["reason"].as_str().unwrap().to_owned()
    };
    let audience = reason(&token("aud", "sigstore".into()));
    assert!(
        audience.contains("sigstore") && audience.contains("--audience"),
        "{audience}"
    );
    let issuer = reason(&token("iss", "https://evil.example".into()));
    assert!(
        issuer.contains("https://evil.example") && issuer.contains("--issuer"),
        "{issuer}"
    );
}

/// The command that explains and the one that verifies say the same.
#[test]
fn hours_are_judged_and_where_it_is_called_from_is_a_condition() {
    let rule = |name: &str, more: &str| {
        format!(
            "[[allow]]\nname = \"{name}\"\nroles = [\"arn:aws:iam::123456789012:role/{name}\"]\n\
             repositories = [\"my-org/*\"]\ncontexts = [\"any\"]\n{more}\n"
        )
    };
    // Of the hours of the day one is now, and one is not.
    let now = hour_of_the_day();
    let text = format!(
        "version = 1\n[[network]]\nname = \"office\"\ncidrs = [\"203.0.113.0/24\"]\n{}{}",
        rule(
            "closed",
            &format!(
                "hours = \"Mon-Sun {:02}:00-{:02}:00 UTC\"",
                (now + 6) % 24,
                (now + 8) % 24
            )
        ),
        rule("office", "networks = [\"office\"]"),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let with = format!("-q --allowlist {}", file.path().display());
    let json = verify(&good_token(), &format!("{with} --format json"))
        .exits(0)
        .json();
    assert_eq!(json[0]["rules"].as_array().unwrap().len(), 1, "{json:?}");
    assert_eq!(json[0]["rules"][0]["name"], "office");
    assert_eq!(
        json[0]["rules"][0]["conditions"],
        json!(["from the network office", "with a session of at most 1h"])
    );
    assert_eq!(json[0]["rules_outside_hours"][0]["name"], "closed");
    let text = verify(&good_token(), &with).exits(0).stdout;
    assert!(text.contains("not now: closed (only Mon-Sun"), "{text}");
    assert!(text.contains("if called from the network office"), "{text}");
}

/// The hour of the day, in UTC.
fn hour_of_the_day() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    since.as_secs() / 3600 % 24
}
