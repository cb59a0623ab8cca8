//! What holds for every subject: nothing is lost, and a standard one gives back its parts.

use github_oidc::resembles_github;
use github_oidc::{Context, Form, Issuer, Name, Repository, StandardSubject, Subject};
use proptest::prelude::*;

/// Texts that come close to being subjects: the pieces of real ones in any order.
fn nearly_a_subject() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        ":",
        ":",
        ":",
        "/",
        "@",
        "repo",
        "repository",
        "ref",
        "environment",
        "pull_request",
        "repository_id",
        "job_workflow_ref",
        "acme",
        "acme/shop",
        "acme@1/shop@2",
        "0",
        "007",
        "18446744073709551616",
        "refs/heads/",
        "refs/tags/",
        "main",
        "%3A",
        "\u{202e}",
        "\u{1b}",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// A customised subject: claims of real templates in any order and number.
fn custom_subject() -> impl Strategy<Value = String> {
    let claim = prop_oneof![
        "(repo|repository):[A-Za-z0-9-]{1,9}(@[1-9][0-9]{0,8})?/[A-Za-z0-9._-]{1,9}",
        "(environment|actor|workflow|ref|repository_owner):[^:]{0,12}",
        "(repository_id|repository_owner_id):[0-9]{1,21}",
        Just("pull_request".to_owned()),
    ];
    prop::collection::vec(claim, 1..6).prop_map(|claims| claims.join(":"))
}

fn name() -> impl Strategy<Value = (String, Option<u64>)> {
    ("[^/:@]{1,20}", any::<Option<u64>>())
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(text in any::<String>()) {
        prop_assert_eq!(Subject::parse(&text).to_string(), text);
    }

    #[test]
    fn near_subjects_come_back_as_they_were(text in nearly_a_subject()) {
        let subject = Subject::parse(&text);
        prop_assert_eq!(subject.to_string(), &*text);
        if let Some(repository) = subject.repository() {
            prop_assert!(text.contains(&repository.to_string()));
            prop_assert_eq!(subject.owner(), Some(repository.owner));
        }
    }

    #[test]
    fn custom_subjects_come_back_as_they_were(text in custom_subject()) {
        let subject = Subject::parse(&text);
        prop_assert_ne!(subject.form(), Form::Unparsable);
        prop_assert_eq!(subject.to_string(), text);
    }

    #[test]
    fn standard_subjects_give_back_their_parts(
        owner in name(),
        repository in name(),
        kind in 0..4,
        value in "[^:]{1,40}",
    ) {
        let context = match kind {
            0 => Context::Branch(&value),
            1 => Context::Tag(&value),
            2 => Context::Environment(&value),
            _ => Context::PullRequest,
        };
        let written = StandardSubject {
            repository: Repository {
                owner: Name { text: &owner.0, id: owner.1 },
                name: Name { text: &repository.0, id: repository.1 },
            },
            context,
        };
        let text = written.to_string();
        let subject = Subject::parse(&text);
        prop_assert_eq!(&subject, &Subject::Standard(written));
        prop_assert_eq!(subject.owner_id(), owner.1);
        prop_assert_eq!(subject.repository_id(), repository.1);
        let both = owner.1.is_some() && repository.1.is_some();
        prop_assert_eq!(subject.form(), if both { Form::Immutable } else { Form::Classic });
    }

    #[test]
    fn an_issuer_that_parses_prints_as_it_was(
        text in "(https?://)?[a-zA-Z.:@]{0,6}(token\\.actions\\.)?(githubusercontent\\.com|[a-z.]{1,4}\\.ghe\\.com)?(/[a-z_/?]{0,6}|/_services/token)?",
    ) {
        if let Ok(issuer) = text.parse::<Issuer>() {
            prop_assert_eq!(issuer.url(), &*text);
            let server = matches!(issuer, Issuer::EnterpriseServer { .. });
            prop_assert_eq!(resembles_github(&text), !server);
        }
    }

    #[test]
    fn resemblance_never_panics(text in any::<String>()) {
        let _ = resembles_github(&text);
    }
}
