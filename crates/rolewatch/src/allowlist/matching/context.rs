//! Contexts: what of a repository ran, as `branch:main`, `environment:production` and so on.

use github_oidc::Context;

use super::{Invalid, check_text};
use crate::pattern::{Pattern, has_wildcard};

const HELP: &str =
    "write branch:NAME, tag:NAME, environment:NAME, pull_request or any; names may use * and ?";

/// A pattern for a subject's context. A tag is never a branch, whatever its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ContextPattern {
    Branch(Pattern),
    Tag(Pattern),
    Environment(Pattern),
    PullRequest,
    Any,
}

impl ContextPattern {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        check_text(text)?;
        match text.split_once(':') {
            None if text == "pull_request" => Ok(Self::PullRequest),
            None if text == "any" => Ok(Self::Any),
            Some(("branch", name)) => plain_name(name).map(Self::Branch),
            Some(("tag", name)) => plain_name(name).map(Self::Tag),
            // GitHub writes a ':' within an environment's name as %3A.
            Some(("environment", name)) => {
                plain_name(&name.replace(':', "%3A")).map(Self::Environment)
            }
            _ => Err(Invalid::new(
                format!("`{text}` is not a context"),
                meant(text),
            )),
        }
    }

    pub(crate) fn matches(&self, context: Context<'_>) -> bool {
        self.matches_by(context, Pattern::matches)
    }

    pub(crate) fn matches_but_for_case(&self, context: Context<'_>) -> bool {
        self.matches_by(context, Pattern::matches_but_for_case)
    }

    /// How a trust policy writes it, with the wildcards of `StringLike`.
    pub(crate) fn subject_pattern(&self) -> String {
        match self {
            Self::Branch(name) => format!("ref:refs/heads/{name}"),
            Self::Tag(name) => format!("ref:refs/tags/{name}"),
            Self::Environment(name) => format!("environment:{name}"),
            Self::PullRequest => "pull_request".to_owned(),
            Self::Any => "*".to_owned(),
        }
    }

    /// How a subject writes the one context that is meant; none where wildcards mean several.
    pub(crate) fn subject_suffix(&self) -> Option<String> {
        let pattern = self.subject_pattern();
        (!has_wildcard(&pattern)).then_some(pattern)
    }

    fn matches_by(&self, context: Context<'_>, matches: fn(&Pattern, &str) -> bool) -> bool {
        match (self, context) {
            (Self::Any, _) | (Self::PullRequest, Context::PullRequest) => true,
            (Self::Branch(pattern), Context::Branch(name))
            | (Self::Tag(pattern), Context::Tag(name))
            | (Self::Environment(pattern), Context::Environment(name)) => matches(pattern, name),
            _ => false,
        }
    }
}

impl std::fmt::Display for ContextPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Branch(pattern) => write!(f, "branch:{pattern}"),
            Self::Tag(pattern) => write!(f, "tag:{pattern}"),
            Self::Environment(pattern) => write!(f, "environment:{pattern}"),
            Self::PullRequest => f.write_str("pull_request"),
            Self::Any => f.write_str("any"),
        }
    }
}

fn plain_name(name: &str) -> Result<Pattern, Invalid> {
    if name.is_empty() {
        return Err(Invalid::new("a context without a name", HELP));
    }
    if name.starts_with("refs/") {
        return Err(Invalid::new(
            format!("`{name}` is a full ref"),
            "write the short name: branch:main for refs/heads/main, tag:v1 for refs/tags/v1",
        ));
    }
    if name.contains(':') {
        return Err(Invalid::new(
            format!("`{name}` holds a ':'"),
            "no branch or tag has one",
        ));
    }
    Ok(Pattern::new(name))
}

/// The help for something that is nearly a context.
fn meant(text: &str) -> String {
    let reference = text.strip_prefix("ref:").unwrap_or(text);
    if let Some(branch) = reference.strip_prefix("refs/heads/") {
        format!("write branch:{branch}")
    } else if let Some(tag) = reference.strip_prefix("refs/tags/") {
        format!("write tag:{tag}")
    } else if text == "*" {
        "write any, if every branch, tag, environment and pull request is meant".into()
    } else {
        HELP.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, context: Context<'_>) -> bool {
        ContextPattern::parse(pattern).unwrap().matches(context)
    }

    #[test]
    fn kinds_never_mix() {
        assert!(matches("branch:release/*", Context::Branch("release/1/x")));
        assert!(!matches("branch:*", Context::Tag("main")));
        assert!(!matches("tag:v*", Context::Branch("v1")));
        assert!(!matches("environment:prod", Context::Branch("prod")));
        assert!(!matches("branch:*", Context::PullRequest));
        assert!(!matches("branch:main", Context::Branch("Main")));
        assert!(matches("any", Context::PullRequest));
    }

    #[test]
    fn a_colon_in_an_environment_is_encoded() {
        assert!(matches(
            "environment:eu:prod",
            Context::Environment("eu%3Aprod")
        ));
        assert!(matches(
            "environment:eu%3Aprod",
            Context::Environment("eu%3Aprod")
        ));
    }

    #[test]
    fn near_contexts_are_answered_with_the_right_one() {
        for (text, cure) in [
            ("ref:refs/heads/main", "branch:main"),
            ("refs/tags/v1", "tag:v1"),
            ("main", "branch:NAME"),
            ("*", "any"),
            ("branch:", "branch:NAME"),
            ("branch:refs/heads/main", "branch:main"),
            ("environment", "environment:NAME"),
            ("pull_request:1", "pull_request"),
            ("Branch:main", "branch:NAME"),
        ] {
            let invalid = ContextPattern::parse(text).unwrap_err();
            assert!(invalid.help.contains(cure), "{text}: {}", invalid.help);
        }
    }
}
