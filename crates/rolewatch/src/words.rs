//! How titles and messages call things. Texts of records stand in them as they are: whoever
//! shows a message escapes it for where it is shown.

use github_oidc::{Context, Issuer, Subject};

use crate::assumption::Assumption;

/// A role by its name, without account and path.
pub(crate) fn role_name(role_arn: &str) -> &str {
    role_arn.rsplit(['/', ':']).next().unwrap_or(role_arn)
}

/// An account by its number, and by what people call it where that is known.
pub(crate) fn account(number: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{name} ({number})"),
        None => number.to_owned(),
    }
}

/// Who came: the repository, else the owner, else a word for the subject's form. What an issuer
/// that cannot be GitHub's says of a repository is not taken for one.
pub(crate) fn caller(assumption: &Assumption) -> String {
    if assumption.issuer.parse::<Issuer>().is_err() {
        return token_of(&assumption.issuer);
    }
    let subject = Subject::parse(&assumption.subject);
    match (subject.repository(), subject.owner()) {
        (Some(repository), _) => repository.full_name(),
        (None, Some(owner)) => owner.text.to_owned(),
        (None, None) if matches!(subject, Subject::Unparsable(_)) => "An unreadable subject".into(),
        (None, None) => "A customised subject".into(),
    }
}

/// Who came, where just the issuer is certain.
pub(crate) fn token_of(issuer: &str) -> String {
    let provider = issuer.strip_prefix("https://").unwrap_or(issuer);
    format!("A token of {provider}")
}

/// Who came and what of it ran: `branch dev of my-org/my-repo`.
pub(crate) fn caller_in_context(assumption: &Assumption) -> String {
    let subject = Subject::parse(&assumption.subject);
    let caller = caller(assumption);
    let context = subject
        .context()
        .filter(|_| assumption.issuer.parse::<Issuer>().is_ok());
    match context {
        Some(Context::Branch(name)) => format!("{caller} on branch {name}"),
        Some(Context::Tag(name)) => format!("{caller} on tag {name}"),
        Some(Context::Environment(name)) => {
            format!("{caller} in environment {}", name.replace("%3A", ":"))
        }
        Some(Context::PullRequest) => format!("{caller} in a pull request"),
        None => caller,
    }
}

/// A title: who assumed which role, and what is wrong with it, in at most ten words where
/// names have none of their own.
pub(crate) fn assumed(caller: &str, assumption: &Assumption, why: &str) -> String {
    format!(
        "{caller} assumed {}: {why}",
        role_name(&assumption.role_arn)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_called_by_their_name() {
        assert_eq!(
            role_name("arn:aws:iam::123456789012:role/team/deploy"),
            "deploy"
        );
        assert_eq!(role_name("arn:aws:iam::123456789012:role/deploy"), "deploy");
        assert_eq!(role_name("not an arn"), "not an arn");
    }
}
