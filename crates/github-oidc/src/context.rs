//! What a workflow ran for: a branch, a tag, an environment or a pull request.

use std::fmt;

/// The standard context of a subject, in the forms of GitHub's "Example subject claims".
///
/// [`Display`](fmt::Display) is how an allowlist spells it (`branch:main`);
/// [`subject_suffix`](Context::subject_suffix) is how the subject does (`ref:refs/heads/main`).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Context<'a> {
    /// A branch, without `refs/heads/`. It may contain `/`, and much that a shell or a chat takes
    /// for markup. A run on `pull_request_target` has the base branch here.
    Branch(&'a str),
    /// A tag, without `refs/tags/`.
    Tag(&'a str),
    /// A deployment environment as the subject spells it: a `:` of its name is still `%3A`.
    Environment(&'a str),
    /// A pull request; which one, the subject does not say.
    PullRequest,
}

impl<'a> Context<'a> {
    /// How the context ends a standard subject.
    #[must_use]
    pub fn subject_suffix(&self) -> String {
        match self {
            Self::Branch(name) => format!("ref:refs/heads/{name}"),
            Self::Tag(name) => format!("ref:refs/tags/{name}"),
            Self::Environment(name) => format!("environment:{name}"),
            Self::PullRequest => "pull_request".to_owned(),
        }
    }

    /// The context that one claim of a subject states; nothing for other claims, empty names and
    /// refs that are neither branch nor tag.
    pub(crate) fn from_claim(key: &str, value: Option<&'a str>) -> Option<Self> {
        match (key, value) {
            ("pull_request", None) => Some(Self::PullRequest),
            ("environment", Some(name)) if !name.is_empty() => Some(Self::Environment(name)),
            ("ref", Some(name)) => Self::from_ref(name),
            _ => None,
        }
    }

    fn from_ref(name: &'a str) -> Option<Self> {
        let branch = name.strip_prefix("refs/heads/").map(Self::Branch);
        let tag = || name.strip_prefix("refs/tags/").map(Self::Tag);
        branch
            .or_else(tag)
            .filter(|context| !matches!(context, Self::Branch("") | Self::Tag("")))
    }
}

impl fmt::Display for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "branch:{name}"),
            Self::Tag(name) => write!(f, "tag:{name}"),
            Self::Environment(name) => write!(f, "environment:{name}"),
            Self::PullRequest => f.write_str("pull_request"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_context_has_an_allowlist_spelling_and_a_subject_spelling() {
        for (key, value, display, suffix) in [
            (
                "ref",
                Some("refs/heads/release/1.x"),
                "branch:release/1.x",
                "ref:refs/heads/release/1.x",
            ),
            ("ref", Some("refs/tags/v1"), "tag:v1", "ref:refs/tags/v1"),
            (
                "environment",
                Some("eu%3Aprod"),
                "environment:eu%3Aprod",
                "environment:eu%3Aprod",
            ),
            ("pull_request", None, "pull_request", "pull_request"),
        ] {
            let context = Context::from_claim(key, value).unwrap();
            assert_eq!(context.to_string(), display);
            assert_eq!(context.subject_suffix(), suffix);
        }
    }

    #[test]
    fn other_refs_empty_names_and_other_claims_are_no_context() {
        for (key, value) in [
            ("ref", Some("")),
            ("ref", Some("main")),
            ("ref", Some("refs/heads/")),
            ("ref", Some("refs/tags/")),
            ("ref", Some("refs/pull/1/merge")),
            ("ref", Some("Refs/heads/main")),
            ("environment", Some("")),
            ("Environment", Some("prod")),
            ("base_ref", Some("refs/heads/main")),
        ] {
            assert_eq!(Context::from_claim(key, value), None, "{key} {value:?}");
        }
    }
}
