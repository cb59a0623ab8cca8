//! What a token stands for: the claim `sub`, in every form that GitHub gives it.

use std::fmt;

use crate::claim::{self, Claim, CustomSubject};
use crate::context::Context;
use crate::repository::{Name, Repository, parse_id};

/// A subject, borrowed from its text. No text is lost: [`Display`](fmt::Display) gives back
/// exactly what was parsed.
///
/// The forms are those of GitHub's OIDC reference: the standard subject (classic, or
/// immutable with ids) and customised templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Exactly `repo:OWNER[@ID]/NAME[@ID]` and one standard context.
    Standard(StandardSubject<'a>),
    /// Any other list of claims.
    Custom(CustomSubject<'a>),
    /// Not a list of claims; nothing is known of it but its text.
    Unparsable(&'a str),
}

/// A subject that follows GitHub's default template.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct StandardSubject<'a> {
    /// The repository whose workflow ran.
    pub repository: Repository<'a>,
    /// What it ran for.
    pub context: Context<'a>,
}

/// The form of a subject; what a trust policy must reckon with.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Standard, without the ids of both owner and repository.
    Classic,
    /// Standard, with the ids of both.
    Immutable,
    /// Customised.
    Custom,
    /// Not understood.
    Unparsable,
}

impl<'a> Subject<'a> {
    /// Reads a subject. Every text is one, be it an [`Unparsable`](Subject::Unparsable) one.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let Some(claims) = claim::split(text) else {
            return ref_with_colons(text).map_or(Self::Unparsable(text), Self::Standard);
        };
        match standard(&claims) {
            Some(subject) => Self::Standard(subject),
            None => Self::Custom(CustomSubject { claims }),
        }
    }

    /// The repository whose workflow ran. In a custom subject the first of the claims `repo` and
    /// `repository` says it.
    #[must_use]
    pub fn repository(&self) -> Option<Repository<'a>> {
        match self {
            Self::Standard(subject) => Some(subject.repository),
            Self::Custom(subject) => subject
                .find(&["repo", "repository"])
                .and_then(|claim| claim.value)
                .and_then(Repository::parse),
            Self::Unparsable(_) => None,
        }
    }

    /// The owner of the repository whose workflow ran: the [`repository`](Subject::repository)'s,
    /// else the claim `repository_owner`. Never taken from `job_workflow_ref` or `workflow_ref`:
    /// the first names the called workflow, which anyone may call.
    #[must_use]
    pub fn owner(&self) -> Option<Name<'a>> {
        let repository = self.repository().map(|repository| repository.owner);
        repository.or_else(|| self.claim("repository_owner").and_then(Name::parse))
    }

    /// The owner's id: from the owner's name, else from the claim `repository_owner_id`.
    #[must_use]
    pub fn owner_id(&self) -> Option<u64> {
        let named = self.owner().and_then(|owner| owner.id);
        named.or_else(|| self.claim("repository_owner_id").and_then(parse_id))
    }

    /// The repository's id: from the repository's name, else from the claim `repository_id`.
    #[must_use]
    pub fn repository_id(&self) -> Option<u64> {
        let named = self.repository().and_then(|repository| repository.name.id);
        named.or_else(|| self.claim("repository_id").and_then(parse_id))
    }

    /// What the workflow ran for. Where a custom subject has several of the claims, GitHub's own
    /// precedence holds: `environment`, `pull_request`, `ref`.
    #[must_use]
    pub fn context(&self) -> Option<Context<'a>> {
        match self {
            Self::Standard(subject) => Some(subject.context),
            Self::Custom(subject) => ["environment", "pull_request", "ref"]
                .iter()
                .filter_map(|key| subject.find(&[key]))
                .find_map(|claim| Context::from_claim(claim.key, claim.value)),
            Self::Unparsable(_) => None,
        }
    }

    /// The form. A standard subject with one id only, which GitHub does not write, is classic.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Standard(StandardSubject { repository, .. }) => {
                if repository.owner.id.is_some() && repository.name.id.is_some() {
                    Form::Immutable
                } else {
                    Form::Classic
                }
            }
            Self::Custom(_) => Form::Custom,
            Self::Unparsable(_) => Form::Unparsable,
        }
    }

    fn claim(&self, key: &str) -> Option<&'a str> {
        match self {
            Self::Custom(subject) => subject.get(key),
            Self::Standard(_) | Self::Unparsable(_) => None,
        }
    }
}

/// A ref is the last field of a standard subject. GitHub escapes ':' in it and Git has none, so
/// one that stands there all the same can only be part of its name, unless claims follow; those
/// were looked for before.
fn ref_with_colons(text: &str) -> Option<StandardSubject<'_>> {
    let (repository, reference) = text.strip_prefix("repo:")?.split_once(":ref:")?;
    Some(StandardSubject {
        repository: Repository::parse(repository)?,
        context: Context::from_claim("ref", Some(reference))?,
    })
}

fn standard<'a>(claims: &[Claim<'a>]) -> Option<StandardSubject<'a>> {
    let [repo, context] = claims else {
        return None;
    };
    if repo.key != "repo" {
        return None;
    }
    Some(StandardSubject {
        repository: Repository::parse(repo.value?)?,
        context: Context::from_claim(context.key, context.value)?,
    })
}

impl fmt::Display for StandardSubject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "repo:{}:{}",
            self.repository,
            self.context.subject_suffix()
        )
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard(subject) => subject.fmt(f),
            Self::Custom(subject) => subject.fmt(f),
            Self::Unparsable(text) => f.write_str(text),
        }
    }
}
