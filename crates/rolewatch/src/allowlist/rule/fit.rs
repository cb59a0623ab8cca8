//! Which parts of a rule's identity an assumption satisfies.

use github_oidc::{Form, Issuer, Subject};

use super::super::matching::{
    ContextPattern, RepositoryPattern, Strictness, SubjectPattern, owner_of, repository_of,
};
use super::{Rule, Who};

/// Who came, as far as rules ask: parsed once, put to every rule.
#[derive(Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) role_arn: &'a str,
    /// None for an issuer that is not known.
    pub(crate) issuer: Option<&'a Issuer>,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) subject_text: &'a str,
}

/// A part of an identity that can be the one that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Role,
    Owner,
    Repository,
    Context,
    Subject,
}

/// Which parts of a rule's identity an assumption satisfies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each field of the rule"
)]
pub struct Fit {
    /// The role is one of the rule's.
    pub role: bool,
    /// The issuer is one of the rule's.
    pub issuer: bool,
    /// The owner, as far as the rule names one.
    pub owner: bool,
    /// The repository, ids and demanded form included.
    pub repository: bool,
    /// The repository is the rule's, but the rule demands ids and the subject carries none.
    pub lacks_ids: bool,
    /// The context.
    pub context: bool,
    /// Repository and context together, or the whole subject for a `subjects` rule.
    pub subject: bool,
}

impl Fit {
    /// Whether everything but the issuer fits.
    #[must_use]
    pub fn but_for_issuer(self) -> bool {
        self.role && self.subject
    }

    /// Whether the whole identity fits.
    #[must_use]
    pub fn identity(self) -> bool {
        self.issuer && self.but_for_issuer()
    }

    /// How near the rule is, for naming the nearest: each part outweighs all that follow.
    pub(crate) fn nearness(self) -> u32 {
        [
            self.role,
            self.repository,
            self.lacks_ids,
            self.owner,
            self.context,
            self.issuer,
        ]
        .into_iter()
        .fold(0, |nearness, fits| nearness * 2 + u32::from(fits))
    }
}

impl Rule {
    /// Whether the rule knows the owner with this id, be it by a pin.
    pub(crate) fn names_owner_id(&self, id: u64) -> bool {
        let pinned = |it: &RepositoryPattern| it.owner.id == Some(id);
        let claimed = match &self.who {
            Who::Repositories { .. } => false,
            Who::Subjects { patterns, .. } => {
                patterns.iter().any(|it| it.names_owner(None, Some(id)))
            }
        };
        claimed || self.repositories().iter().any(pinned)
    }

    pub(crate) fn fit(&self, who: &Identity<'_>) -> Fit {
        let subject = match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                immutable_only,
            } => fit_repositories(who, repositories, contexts, *immutable_only),
            Who::Subjects { patterns, .. } => fit_subjects(who, patterns),
        };
        Fit {
            role: self.names_role(who.role_arn),
            issuer: who.issuer.is_some_and(|issuer| self.accepts_issuer(issuer)),
            ..subject
        }
    }
}

/// A customised subject is never satisfied, whatever its claims say.
fn fit_repositories(
    who: &Identity<'_>,
    repositories: &[RepositoryPattern],
    contexts: &[ContextPattern],
    immutable_only: bool,
) -> Fit {
    let (owner, repository) = (owner_of(who.subject), repository_of(who.subject));
    let form = who.subject.form();
    let named = repository.is_some_and(|repository| {
        let matches = |it: &RepositoryPattern| it.matches(&repository, Strictness::Exact);
        repositories.iter().any(matches)
    });
    let lacks_ids = named && immutable_only && form != Form::Immutable;
    let context = who
        .subject
        .context()
        .is_some_and(|context| contexts.iter().any(|pattern| pattern.matches(context)));
    let standard = matches!(form, Form::Classic | Form::Immutable);
    Fit {
        owner: owner.is_some_and(|owner| {
            let matches = |it: &RepositoryPattern| it.owner.matches(&owner, Strictness::Exact);
            repositories.iter().any(matches)
        }),
        repository: named && !lacks_ids,
        lacks_ids,
        context,
        subject: standard && named && !lacks_ids && context,
        ..Fit::default()
    }
}

fn fit_subjects(who: &Identity<'_>, patterns: &[SubjectPattern]) -> Fit {
    let owner = who.subject.owner().map(|owner| owner.text);
    let repository = who.subject.repository().map(|it| it.to_string());
    let any = |matches: &dyn Fn(&SubjectPattern) -> bool| patterns.iter().any(matches);
    let whole = any(&|it| it.matches(who.subject_text));
    let names_repository = |it: &SubjectPattern| {
        repository
            .as_ref()
            .is_some_and(|name| it.names_repository(name))
    };
    Fit {
        owner: whole || any(&|it| it.names_owner(owner, who.subject.owner_id())),
        repository: whole || any(&names_repository),
        context: whole,
        subject: whole,
        ..Fit::default()
    }
}
