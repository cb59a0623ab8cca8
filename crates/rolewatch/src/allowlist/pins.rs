//! The ids that rules pin names to, and the pin that a subject breaks.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use github_oidc::{Issuer, Subject};

use super::matching::RepositoryPattern;
use super::{Allowlist, Rule};
use crate::history::Ids;

/// A name of the file with the ids it is pinned to, and the id that a subject came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenPin {
    /// The owner's name, or `owner/name` for a repository.
    pub name: String,
    /// The ids that rules pin this name to.
    pub pinned: Vec<u64>,
    /// The id in the subject.
    pub found: u64,
    /// Whether no rule pins the name, and the ids are those that it came with before.
    pub remembered: bool,
}

/// Where the file pins which name. Only names that are written out can be pinned, so that a file
/// of thousands of rules is asked by the name and not rule by rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Pins {
    owners: HashMap<String, Vec<Place>>,
    /// By the name alone: the owner beside it may be a pattern.
    repositories: HashMap<String, Vec<Place>>,
}

/// A repository of a rule, by their numbers.
#[derive(Clone, Copy, Debug)]
struct Place {
    rule: usize,
    repository: usize,
}

impl Pins {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut pins = Self::default();
        let repositories = rules.iter().enumerate().flat_map(|(rule, it)| {
            let numbered = it.repositories().iter().enumerate();
            numbered.map(move |(repository, it)| (Place { rule, repository }, it))
        });
        for (place, repository) in repositories {
            for (names, part) in [
                (&mut pins.owners, &repository.owner),
                (&mut pins.repositories, &repository.name),
            ] {
                if part.id.is_some() {
                    let name = part.pattern.as_str().to_owned();
                    names.entry(name).or_default().push(place);
                }
            }
        }
        pins
    }
}

impl Allowlist {
    /// The pin that the subject breaks, if it does: some live rule for its issuer's server pins the id of
    /// its owner or repository, and none pins the id that it carries. A name is looked up among
    /// the pins of its own kind only, and a subject without ids breaks none. A name that no rule
    /// pins is pinned to the ids that are `remembered` of it.
    pub(crate) fn broken_pin(
        &self,
        issuer: &Issuer,
        subject: &Subject<'_>,
        day: NaiveDate,
        remembered: Option<Ids>,
    ) -> Option<BrokenPin> {
        self.broken_by(issuer, subject, remembered, |rule, _, _| rule.is_live(day))
    }

    /// Whether some rule, be it expired, pins a name of the subject to another id, and none that lasts pins it to the one that
    /// it carries: a rule with that id would let through what is a broken pin on some day.
    pub(crate) fn is_disputed(&self, issuer: &Issuer, subject: &Subject<'_>) -> bool {
        let lasts = |rule: &Rule, pinned, found| pinned != found || rule.expires.is_none();
        self.broken_by(issuer, subject, None, lasts).is_some()
    }

    /// The pin that the subject breaks, of those that `count`: asked for the rule, the id that it pins, and the one that was
    /// found.
    fn broken_by(
        &self,
        issuer: &Issuer,
        subject: &Subject<'_>,
        remembered: Option<Ids>,
        counts: impl Fn(&Rule, u64, u64) -> bool,
    ) -> Option<BrokenPin> {
        let counts = &counts;
        let owner = subject.owner();
        let broken_owner = subject.owner_id().and_then(|found| {
            let name = owner?.text;
            let pins = self.pins(self.pins.owners.get(name), issuer);
            let pinned = pins.filter_map(|(rule, pin)| {
                let id = pin.owner.id?;
                counts(rule, id, found).then_some(id)
            });
            let remembered = remembered.map(|ids| ids.owner);
            broken(name.to_owned(), pinned, remembered, found)
        });
        broken_owner.or_else(|| {
            let (repository, found) = (subject.repository()?, subject.repository_id()?);
            let pins = self.pins(self.pins.repositories.get(repository.name.text), issuer);
            let pinned = pins.filter_map(|(rule, pin)| {
                let id = pin.name.id?;
                let of_owner = pin.owner.pattern.matches(owner?.text);
                (of_owner && counts(rule, id, found)).then_some(id)
            });
            let remembered = remembered.map(|ids| ids.repository);
            broken(repository.full_name(), pinned, remembered, found)
        })
    }

    /// What stands in these places, as far as it holds for the issuer's server, each with its rule.
    fn pins(
        &self,
        places: Option<&Vec<Place>>,
        issuer: &Issuer,
    ) -> impl Iterator<Item = (&Rule, &RepositoryPattern)> {
        places.into_iter().flatten().filter_map(move |place| {
            let rule = self.rules.get(place.rule)?;
            let pattern = rule.repositories().get(place.repository)?;
            rule.shares_ids_with(issuer).then_some((rule, pattern))
        })
    }
}

/// The first pin that holds settles it: an owner may be pinned by thousands of rules, all to one id.
fn broken(
    name: String,
    pins: impl Iterator<Item = u64>,
    remembered: Option<u64>,
    found: u64,
) -> Option<BrokenPin> {
    let mut pinned = BTreeSet::new();
    for id in pins {
        if id == found {
            return None;
        }
        pinned.insert(id);
    }
    let by_memory = pinned.is_empty();
    if by_memory {
        pinned.extend(remembered.filter(|id| *id != found));
    }
    (!pinned.is_empty()).then(|| BrokenPin {
        name,
        pinned: pinned.into_iter().collect(),
        found,
        remembered: by_memory,
    })
}
