//! Whether a rule may match something that another did not: "no" is said only where it surely
//! does not, wherever wildcards may reach.

use crate::allowlist::matching::{ContextPattern, RepositoryPattern};
use crate::allowlist::rule::{Rule, Who};
use crate::pattern::Pattern;

/// A session of STS's own default length, in seconds.
const USUAL_SESSION: u64 = 3600;

impl Rule {
    /// Whether the two match the same by the same patterns; who answers for them, and why, is
    /// not compared.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.roles == other.roles
            && self.who == other.who
            && self.issuers == other.issuers
            && self.audiences == other.audiences
            && self.regions == other.regions
            && self.networks == other.networks
            && self.hours == other.hours
            && self.max_session == other.max_session
            && self.expires == other.expires
    }

    /// By what the rule is wide in itself.
    pub(super) fn wide(&self) -> Vec<&'static str> {
        let wide_role = self.roles.iter().any(|role| !role.is_literal());
        let (mut owner, mut repository, mut context, mut caller) = (false, false, false, false);
        match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                ..
            } => {
                owner = repositories.iter().any(|it| !it.owner.pattern.is_literal());
                repository = repositories.iter().any(|it| !it.name.pattern.is_literal());
                context = contexts.contains(&ContextPattern::Any);
            }
            Who::Subjects { patterns, .. } => {
                caller = patterns.iter().any(|pattern| !pattern.pins_caller());
            }
        }
        said([
            (wide_role, "a pattern of roles"),
            (owner, "a pattern of owners"),
            (repository, "a pattern of repositories"),
            (context, "any context"),
            (caller, "any caller"),
            (self.max_session > USUAL_SESSION, "sessions of over an hour"),
        ])
    }

    /// By what the rule may match something that `old` did not.
    pub(super) fn wider_than(&self, old: &Self) -> Vec<&'static str> {
        let roles = !self
            .roles
            .iter()
            .all(|new| old.roles.iter().any(|it| covers(it.as_str(), new.as_str())));
        let regions = |new: &Pattern| {
            old.regions
                .iter()
                .any(|it| covers(it.as_str(), new.as_str()))
        };
        let audiences = |new: &Pattern| {
            old.audiences
                .iter()
                .any(|it| covers(it.as_str(), new.as_str()))
        };
        let mut by = said([(roles, "more roles")]);
        by.extend(self.who.wider_than(&old.who));
        by.extend(said([
            (
                !self.issuers.iter().all(|it| old.issuers.contains(it)),
                "more issuers",
            ),
            (!self.audiences.iter().all(audiences), "more audiences"),
            (
                !old.regions.is_empty()
                    && (self.regions.is_empty() || !self.regions.iter().all(regions)),
                "more regions",
            ),
            (
                !old.networks.is_empty()
                    && (self.networks.is_empty()
                        || !self.networks.iter().all(|it| old.networks.contains(it))),
                "more networks",
            ),
            (
                old.hours.is_some() && self.hours != old.hours,
                "other hours",
            ),
            (
                self.max_session > old.max_session && self.max_session > USUAL_SESSION,
                "longer sessions",
            ),
            (old.expires.is_some() && self.expires.is_none(), "no end"),
        ]));
        by
    }
}

impl Who {
    fn wider_than(&self, old: &Self) -> Vec<&'static str> {
        match (self, old) {
            (
                Self::Repositories {
                    repositories,
                    contexts,
                    immutable_only,
                },
                Self::Repositories {
                    repositories: old_repositories,
                    contexts: old_contexts,
                    immutable_only: was_immutable_only,
                },
            ) => said([
                (
                    !repositories
                        .iter()
                        .all(|new| old_repositories.iter().any(|it| covers_repository(it, new))),
                    "more repositories",
                ),
                (
                    !contexts
                        .iter()
                        .all(|new| old_contexts.iter().any(|it| covers_context(it, new))),
                    "more contexts",
                ),
                (
                    *was_immutable_only && !immutable_only,
                    "subjects without ids",
                ),
            ]),
            (Self::Subjects { patterns, .. }, Self::Subjects { patterns: old, .. }) => {
                let all = patterns
                    .iter()
                    .all(|new| old.iter().any(|it| covers(it.as_str(), new.as_str())));
                said([(!all, "more subjects")])
            }
            _ => vec!["other subjects"],
        }
    }
}

fn said<const N: usize>(reasons: [(bool, &'static str); N]) -> Vec<&'static str> {
    let held = reasons.into_iter().filter(|(holds, _)| *holds);
    held.map(|(_, reason)| reason).collect()
}

pub(super) fn covers_repository(old: &RepositoryPattern, new: &RepositoryPattern) -> bool {
    [(&old.owner, &new.owner), (&old.name, &new.name)]
        .into_iter()
        .all(|(old, new)| {
            covers(old.pattern.as_str(), new.pattern.as_str())
                && (old.id.is_none() || old.id == new.id)
        })
}

fn covers_context(old: &ContextPattern, new: &ContextPattern) -> bool {
    use ContextPattern::{Any, Branch, Environment, Tag};
    match (old, new) {
        (Any, _) => true,
        (Branch(old), Branch(new))
        | (Tag(old), Tag(new))
        | (Environment(old), Environment(new)) => covers_field(old.as_str(), new.as_str()),
        _ => old == new,
    }
}

/// Whether all that `new` matches is plainly matched by `old`, part by part: said to be so only
/// where it surely is, wherever wildcards may reach.
pub(super) fn covers(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let parts = |text: &str| text.split([':', '/', '@']).count();
    let both = || old.split([':', '/', '@']).zip(new.split([':', '/', '@']));
    parts(old) == parts(new) && both().all(|(old, new)| covers_field(old, new))
}

/// A `*` of the old pattern takes whatever the new one has there; a `?` takes one character,
/// and so nothing that stands for many.
pub(super) fn covers_field(old: &str, new: &str) -> bool {
    old == new || Pattern::new(old).matches(new) && !(old.contains('?') && new.contains('*'))
}
