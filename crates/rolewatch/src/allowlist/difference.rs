//! What a new version of the allowlist changes, and whether it lets more through.

use chrono::NaiveDate;

use super::ignore::Ignore;
use super::matching::{ContextPattern, RepositoryPattern};
use super::rule::{Rule, Who};
use super::{Allowlist, Mode};
use crate::checks;
use crate::finding::Severity;
use crate::pattern::Pattern;

/// A session of STS's own default length, in seconds.
const USUAL_SESSION: u64 = 3600;

/// What is different between two allowlists, by the names of their rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Rules that were not there, in file order.
    pub added: Vec<String>,
    /// Rules that are gone, in the old file's order.
    pub removed: Vec<String>,
    /// Rules that match something else than before.
    pub changed: Vec<String>,
    /// Silences that were not there, or that now last longer.
    pub silences: Vec<Silence>,
    /// The new mode, where it is another.
    pub mode: Option<Mode>,
    /// Rules that may let through what no rule let through before, and by what.
    pub broader: Vec<(String, Vec<&'static str>)>,
}

/// A silence, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The silenced check's id.
    pub check: &'static str,
    /// Its last day.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
}

impl Difference {
    /// What `new` changes of `old`, on this day: a rule that has expired by then counts as none.
    ///
    /// "Broader" is decided on the safe side: a pattern that is not plainly covered by one of
    /// the old rule's counts as more. A new rule is broader where no single old rule covers it
    /// and it is wide in itself; a narrow new rule is what every change is made of.
    #[must_use]
    pub fn between(old: &Allowlist, new: &Allowlist, today: NaiveDate) -> Self {
        let mut difference = Self::of_silences(old, new);
        difference.mode = (old.mode != new.mode).then_some(new.mode);
        for rule in &new.rules {
            let before = old.rules.iter().find(|before| before.name == rule.name);
            match before {
                None => difference.added.push(rule.name.clone()),
                Some(before) if !rule.same_as(before) => difference.changed.push(rule.name.clone()),
                Some(_) => continue,
            }
            let covered = |before: &Rule| rule.wider_than(before).is_empty();
            if !rule.is_live(today) || old.live_rules(today).any(covered) {
                continue;
            }
            let by = match before.filter(|before| before.is_live(today)) {
                Some(before) => rule.wider_than(before),
                None => rule.wide(),
            };
            if !by.is_empty() {
                difference.broader.push((rule.name.clone(), by));
            }
        }
        difference.lost_pins(old, new, today);
        difference.removed = old
            .rules
            .iter()
            .filter(|before| new.rules.iter().all(|rule| rule.name != before.name))
            .map(|before| before.name.clone())
            .collect();
        difference
    }

    /// A pin holds whichever rule would match: one that is gone lets more through where some rule
    /// still takes the name.
    fn lost_pins(&mut self, old: &Allowlist, new: &Allowlist, today: NaiveDate) {
        let kept = |pin: &RepositoryPattern| {
            let mut repositories = new.live_rules(today).flat_map(Rule::repositories);
            repositories.any(|it| it.owner == pin.owner && it.name == pin.name)
        };
        let still_taken = |pin: &RepositoryPattern| {
            let mut repositories = new.live_rules(today).flat_map(Rule::repositories);
            repositories.any(|it| covers_repository(it, pin))
        };
        for rule in old.live_rules(today) {
            let mut pins = rule
                .repositories()
                .iter()
                .filter(|it| it.owner.id.is_some() || it.name.id.is_some());
            let told = self.broader.iter().any(|(name, _)| *name == rule.name);
            if !told && pins.any(|pin| !kept(pin) && still_taken(pin)) {
                self.broader
                    .push((rule.name.clone(), vec!["ids that are no longer pinned"]));
            }
        }
    }

    fn of_silences(old: &Allowlist, new: &Allowlist) -> Self {
        let is_new = |ignore: &&Ignore| !old.ignores.iter().any(|it| it.outlasts(ignore));
        let silences = new.ignores.iter().filter(is_new).map(|ignore| Silence {
            check: ignore.check,
            until: ignore.until,
            reason: ignore.reason.clone(),
        });
        Self {
            silences: silences.collect(),
            ..Self::default()
        }
    }

    /// Whether somebody should look at it today: it silences all, or something that matters, or
    /// lets more through.
    #[must_use]
    pub fn weakens(&self) -> bool {
        self.mode == Some(Mode::Audit)
            || !self.broader.is_empty()
            || self.silences.iter().any(Silence::is_grave)
    }
}

impl Silence {
    /// Whether what it silences is of severity high or critical.
    #[must_use]
    pub fn is_grave(&self) -> bool {
        checks::find(self.check).is_some_and(|check| check.severity >= Severity::High)
    }
}

impl Ignore {
    /// Whether it silences the same as another, for as long.
    fn outlasts(&self, other: &Self) -> bool {
        self.check == other.check
            && self.roles == other.roles
            && self.repositories == other.repositories
            && self.subjects == other.subjects
            && self.until >= other.until
    }
}

impl Rule {
    /// Whether the two match the same by the same patterns; who answers for them, and why, is
    /// not compared.
    fn same_as(&self, other: &Self) -> bool {
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
    fn wide(&self) -> Vec<&'static str> {
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
    fn wider_than(&self, old: &Self) -> Vec<&'static str> {
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

fn covers_repository(old: &RepositoryPattern, new: &RepositoryPattern) -> bool {
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
fn covers(old: &str, new: &str) -> bool {
    let parts =
        |text: &str| -> Vec<String> { text.split([':', '/', '@']).map(str::to_owned).collect() };
    let (old, new) = (parts(old), parts(new));
    old.len() == new.len()
        && old
            .iter()
            .zip(&new)
            .all(|(old, new)| covers_field(old, new))
}

/// A `*` of the old pattern takes whatever the new one has there; a `?` takes one character,
/// and so nothing that stands for many.
fn covers_field(old: &str, new: &str) -> bool {
    old == new || Pattern::new(old).matches(new) && !(old.contains('?') && new.contains('*'))
}

#[cfg(test)]
mod tests;
