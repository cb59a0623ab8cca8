//! Subjects as GitHub writes them, and as an attacker would.

use github_oidc::{Context, Form, Subject};

fn full_name(subject: &Subject<'_>) -> Option<String> {
    subject
        .repository()
        .map(|repository| repository.full_name())
}

#[test]
fn standard_subjects_give_their_parts() {
    let cases = [
        (
            "repo:acme/shop:environment:prod",
            Context::Environment("prod"),
        ),
        (
            "repo:acme/shop:environment:eu%3Aprod",
            Context::Environment("eu%3Aprod"),
        ),
        ("repo:acme/shop:pull_request", Context::PullRequest),
        (
            "repo:acme/shop:ref:refs/heads/feature/a@b",
            Context::Branch("feature/a@b"),
        ),
        (
            "repo:acme/shop:ref:refs/heads/<!channel>",
            Context::Branch("<!channel>"),
        ),
        (
            "repo:acme/shop:ref:refs/heads/\u{1b}[2J",
            Context::Branch("\u{1b}[2J"),
        ),
        (
            "repo:acme/shop:ref:refs/heads/\u{202e}niam",
            Context::Branch("\u{202e}niam"),
        ),
        (
            "repo:acme/shop:ref:refs/heads/refs/tags/v1",
            Context::Branch("refs/tags/v1"),
        ),
        ("repo:acme/shop:ref:refs/tags/v1.0", Context::Tag("v1.0")),
    ];
    for (text, context) in cases {
        let subject = Subject::parse(text);
        assert!(matches!(subject, Subject::Standard(_)), "{text}");
        assert_eq!(subject.form(), Form::Classic);
        assert_eq!(full_name(&subject).as_deref(), Some("acme/shop"));
        assert_eq!(subject.context(), Some(context));
        assert_eq!(subject.owner_id(), None);
        assert_eq!(subject.repository_id(), None);
        assert_eq!(subject.to_string(), text);
    }
}

#[test]
fn only_both_ids_make_a_subject_immutable() {
    for (text, form, owner_id, repository_id) in [
        (
            "repo:Acme@1/Shop@2:pull_request",
            Form::Immutable,
            Some(1),
            Some(2),
        ),
        (
            "repo:Acme@1/Shop:pull_request",
            Form::Classic,
            Some(1),
            None,
        ),
        (
            "repo:Acme/Shop@2:pull_request",
            Form::Classic,
            None,
            Some(2),
        ),
    ] {
        let subject = Subject::parse(text);
        assert_eq!(subject.form(), form);
        assert_eq!(full_name(&subject).as_deref(), Some("Acme/Shop"));
        assert_eq!(subject.owner_id(), owner_id);
        assert_eq!(subject.repository_id(), repository_id);
        assert_eq!(subject.to_string(), text);
    }
}

#[test]
fn near_misses_of_a_standard_subject_are_custom() {
    for text in [
        "repo:",
        "repo:acme/shop",
        "repository:acme/shop:pull_request",
        "pull_request",
        "pull_request:repo:acme/shop",
        "repo:acme/shop:environment:",
        "repo:acme/shop:ref:refs/heads/",
        "repo:acme/shop:ref:refs/pull/1/merge",
        "repo:acme/shop:pull_request:pull_request",
        "repo:acme/shop:ref:refs/heads/main:x:y",
        "repo:acme/shop:environment:prod:job_workflow_ref:a/b/.github/workflows/w.yml@refs/tags/v1",
    ] {
        let subject = Subject::parse(text);
        assert_eq!(subject.form(), Form::Custom, "{text}");
        assert_eq!(subject.to_string(), text);
    }
}

#[test]
fn a_malformed_repository_is_no_repository() {
    for text in [
        "repo:",
        "repo:/x:pull_request",
        "repo:a/:pull_request",
        "repo:a/b/c:pull_request",
        "repo:a@007/b@1:pull_request",
        "repo:a@1/b@99999999999999999999:pull_request",
        "repo:a@1@2/b@1:pull_request",
        "repo:a/b/c:repository:d/e",
    ] {
        let subject = Subject::parse(text);
        assert_eq!(subject.form(), Form::Custom, "{text}");
        assert_eq!(subject.repository(), None, "{text}");
        assert_eq!(subject.owner_id(), None, "{text}");
        assert_eq!(subject.to_string(), text);
    }
}

#[test]
fn custom_subjects_answer_from_their_claims() {
    let subject = Subject::parse(
        "repository_owner:acme:repository_owner_id:1:repository_id:2:ref:refs/heads/main:environment:prod",
    );
    assert_eq!(subject.repository(), None);
    assert_eq!(subject.owner().map(|owner| owner.text), Some("acme"));
    assert_eq!(subject.owner_id(), Some(1));
    assert_eq!(subject.repository_id(), Some(2));
    assert_eq!(subject.context(), Some(Context::Environment("prod")));

    let subject = Subject::parse("repo:acme@1/shop@2:repository_owner_id:8:repository_id:9");
    assert_eq!(
        (subject.owner_id(), subject.repository_id()),
        (Some(1), Some(2))
    );

    let subject = Subject::parse("actor:x:repository:acme/shop:pull_request:ref:refs/pull/1/merge");
    assert_eq!(full_name(&subject).as_deref(), Some("acme/shop"));
    assert_eq!(subject.context(), Some(Context::PullRequest));

    let subject = Subject::parse("repository_id:007:environment::ref:refs/tags/v1");
    assert_eq!(subject.repository_id(), None);
    assert_eq!(subject.context(), Some(Context::Tag("v1")));
}

#[test]
fn a_called_workflow_says_nothing_of_the_caller() {
    let subject = Subject::parse(
        "job_workflow_ref:acme/ci/.github/workflows/w.yml@refs/heads/main:workflow_ref:acme/x/w.yml@refs/heads/main",
    );
    assert_eq!(subject.form(), Form::Custom);
    assert_eq!(subject.owner(), None);
    assert_eq!(subject.repository(), None);
    assert_eq!(subject.context(), None);
}

#[test]
fn another_issuers_subject_may_look_custom_but_names_nobody() {
    let subject = Subject::parse("system:serviceaccount:payments:api");
    assert_eq!(subject.form(), Form::Custom);
    assert_eq!(subject.owner(), None);
    assert_eq!(subject.context(), None);
}

#[test]
fn what_is_not_made_of_claims_says_nothing() {
    let long = "a".repeat(4096);
    let colons = ":".repeat(4096);
    for text in [
        "",
        "*",
        "repo",
        "repo:acme/shop:",
        "repo:acme/shop:environment",
        "repo:acme/shop:environment:eu:prod",
        "repo:acme/shop:pull_request:x",
        "REPO:acme/shop:pull_request",
        "\u{feff}repo:acme/shop:pull_request",
        &long,
        &colons,
    ] {
        let subject = Subject::parse(text);
        assert_eq!(subject, Subject::Unparsable(text));
        assert_eq!(subject.form(), Form::Unparsable);
        assert_eq!(subject.owner(), None);
        assert_eq!(subject.owner_id(), None);
        assert_eq!(subject.repository_id(), None);
        assert_eq!(subject.context(), None);
        assert_eq!(subject.to_string(), text);
    }
}

#[test]
fn length_is_no_obstacle() {
    let text = format!("repo:acme/shop:ref:refs/heads/{}", "\u{e9}/".repeat(4096));
    assert_eq!(Subject::parse(&text).form(), Form::Classic);
    assert_eq!(Subject::parse(&text).to_string(), text);
}
