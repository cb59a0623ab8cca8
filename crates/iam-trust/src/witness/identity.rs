//! Who could hold a token with a certain subject.

use std::collections::BTreeSet;

use github_oidc::Subject;

use super::Marker;
use super::marker::{ENTERPRISE_ID, OWNER_ID, REPOSITORY_ID};
use super::named::Named;
use super::token::Reach;

/// Names for an owner and a repository that are pinned by their ids alone.
pub(super) const OWN_OWNER: &str = "your-org";
pub(super) const OWN_REPOSITORY: &str = "your-repo";

/// Ids of owners and repositories that a statement means, where it pins none.
const MEANT_OWNER_ID: &str = "1001";
const MEANT_REPOSITORY_ID: &str = "2002";

/// The most names and ids that are tried where the subject does not say which.
const MAX_NAMES: usize = 4;

/// The repository whose workflow holds the token.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) reach: Reach,
    pub(super) owner: String,
    pub(super) repository: String,
    pub(super) owner_id: String,
    pub(super) repository_id: String,
    /// Whether an outsider shares the enterprise that a condition pins.
    pub(super) colleague: bool,
}

impl Identity {
    /// The enterprise's id where the identity is an outsider's; insiders have what is wanted.
    pub(super) fn foreign_enterprise(&self) -> Option<&'static str> {
        (self.reach >= Reach::OtherOwner && !self.colleague).then_some(ENTERPRISE_ID)
    }

    /// The stranger who belongs to the same enterprise.
    pub(super) fn as_colleague(&self) -> Option<Self> {
        (self.reach == Reach::Anyone).then(|| Self {
            reach: Reach::OtherOwner,
            colleague: true,
            ..self.clone()
        })
    }
}

/// Everybody who could hold a token with this subject, as far as it makes a difference to the
/// statement: the subject says it, or anyone may.
pub(super) fn holders(subject: &Subject<'_>, named: &Named, marker: &Marker) -> Vec<Identity> {
    let owner = subject.owner().map(|owner| owner.text.to_owned());
    let repository = subject.repository().map(|found| found.name.text.to_owned());
    let ids = (
        subject.owner_id().map(|id| id.to_string()),
        subject.repository_id().map(|id| id.to_string()),
    );
    let reaches = reaches(owner.as_deref(), repository.as_deref(), &ids, named, marker);
    let mut holders = Vec::new();
    for reach in reaches {
        let pairs = names(
            reach,
            owner.as_deref(),
            repository.as_deref(),
            named,
            marker,
        );
        for (owner, repository) in pairs {
            for owner_id in owner_ids(reach, ids.0.as_deref(), named) {
                for repository_id in repository_ids(reach, ids.1.as_deref(), named) {
                    holders.push(Identity {
                        reach,
                        owner: owner.clone(),
                        repository: repository.clone(),
                        owner_id: owner_id.clone(),
                        repository_id,
                        colleague: false,
                    });
                }
            }
        }
    }
    holders
}

/// The names that a holder may have: those of the subject, else whatever its reach allows.
fn names(
    reach: Reach,
    owner: Option<&str>,
    repository: Option<&str>,
    named: &Named,
    marker: &Marker,
) -> Vec<(String, String)> {
    let spelt = &named.spelt_repositories;
    if owner.is_none() && reach == Reach::Intended && !spelt.is_empty() {
        return spelt.iter().take(MAX_NAMES).cloned().collect();
    }
    let owners = match owner {
        Some(owner) => vec![owner.to_owned()],
        None => owners_of(reach, named, marker),
    };
    let mut pairs = Vec::new();
    for owner in owners {
        let repositories = match repository {
            Some(repository) => vec![repository.to_owned()],
            None => repositories_of(reach, &owner, named, marker),
        };
        let repositories = repositories.into_iter();
        pairs.extend(repositories.map(|repository| (owner.clone(), repository)));
    }
    if repository.is_none() && owner.is_none() {
        pairs.extend(described(reach, named, marker));
    }
    pairs
}

/// Repositories that patterns on the claim describe, of the owners within a reach.
fn described(reach: Reach, named: &Named, marker: &Marker) -> Vec<(String, String)> {
    let texts = named.described("repository");
    let pairs = texts.filter_map(|text| text.split_once('/'));
    let within = pairs.filter(|(owner, repository)| {
        let found = by_name(owner, Some(repository), false, named, marker);
        found.contains(&reach)
    });
    within
        .map(|(owner, repository)| (owner.to_owned(), repository.to_owned()))
        .take(MAX_NAMES)
        .collect()
}

fn reaches(
    owner: Option<&str>,
    repository: Option<&str>,
    ids: &(Option<String>, Option<String>),
    named: &Named,
    marker: &Marker,
) -> Vec<Reach> {
    let has = |set: &BTreeSet<String>, id: &Option<String>| {
        id.as_ref().is_some_and(|id| set.contains(id))
    };
    if has(&named.repository_ids, &ids.1) {
        return vec![Reach::Intended];
    }
    let mut reaches = match owner {
        Some(owner) => by_name(
            owner,
            repository,
            has(&named.owner_ids, &ids.0),
            named,
            marker,
        ),
        None if has(&named.owner_ids, &ids.0) => insiders(named),
        None => insiders(named).into_iter().chain([Reach::Anyone]).collect(),
    };
    // An owner or repository that is pinned by its id may have any name.
    let foreign = reaches.iter().all(|reach| *reach >= Reach::OtherOwner);
    if foreign && ids.0.is_none() && !named.owner_ids.is_empty() {
        reaches.push(Reach::OtherRepository);
    }
    if ids.1.is_none() && !named.repository_ids.is_empty() {
        reaches.push(Reach::Intended);
    }
    reaches.sort();
    reaches.dedup();
    reaches
}

fn by_name(
    owner: &str,
    repository: Option<&str>,
    id_is_named: bool,
    named: &Named,
    marker: &Marker,
) -> Vec<Reach> {
    let lower = owner.to_ascii_lowercase();
    let own = named.owners.is_empty() && owner == OWN_OWNER;
    if !named.owners.contains(&lower) && !id_is_named && !own {
        let stranger = owner == marker.owner();
        return vec![if stranger {
            Reach::Anyone
        } else {
            Reach::OtherOwner
        }];
    }
    let Some(repository) = repository else {
        return insiders(named);
    };
    let pair = (lower, repository.to_ascii_lowercase());
    let own = named.repositories.is_empty() && repository == OWN_REPOSITORY;
    if named.repositories.contains(&pair) || own {
        vec![Reach::Intended]
    } else {
        vec![Reach::OtherRepository]
    }
}

/// Those whom the statement names in any way.
fn insiders(named: &Named) -> Vec<Reach> {
    let mut insiders = Vec::new();
    if !named.repositories.is_empty() || !named.repository_ids.is_empty() {
        insiders.push(Reach::Intended);
    }
    if !named.owners.is_empty() || !named.owner_ids.is_empty() {
        insiders.push(Reach::OtherRepository);
    }
    insiders
}

fn owners_of(reach: Reach, named: &Named, marker: &Marker) -> Vec<String> {
    if reach >= Reach::OtherOwner {
        return vec![marker.owner()];
    }
    if named.spelt_owners.is_empty() {
        return vec![OWN_OWNER.to_owned()];
    }
    named.spelt_owners.iter().take(MAX_NAMES).cloned().collect()
}

fn repositories_of(reach: Reach, owner: &str, named: &Named, marker: &Marker) -> Vec<String> {
    if reach > Reach::Intended {
        return vec![marker.repository()];
    }
    let known = named.spelt_repositories.iter();
    let known: Vec<String> = known
        .filter(|(of, _)| of.eq_ignore_ascii_case(owner))
        .map(|(_, name)| name.clone())
        .take(MAX_NAMES)
        .collect();
    if known.is_empty() {
        return vec![OWN_REPOSITORY.to_owned()];
    }
    known
}

fn owner_ids(reach: Reach, known: Option<&str>, named: &Named) -> Vec<String> {
    match known {
        Some(id) => vec![id.to_owned()],
        None if reach >= Reach::OtherOwner => foreign("repository_owner_id", OWNER_ID, named),
        None => wanted(&named.owner_ids, MEANT_OWNER_ID),
    }
}

fn repository_ids(reach: Reach, known: Option<&str>, named: &Named) -> Vec<String> {
    match known {
        Some(id) => vec![id.to_owned()],
        None if reach > Reach::Intended => foreign("repository_id", REPOSITORY_ID, named),
        None => wanted(&named.repository_ids, MEANT_REPOSITORY_ID),
    }
}

/// An outsider's id, and those that patterns and comparisons describe.
fn foreign(claim: &str, id: &str, named: &Named) -> Vec<String> {
    let described = named.described(claim).take(MAX_NAMES).cloned();
    [id.to_owned()].into_iter().chain(described).collect()
}

fn wanted(ids: &BTreeSet<String>, default: &str) -> Vec<String> {
    if ids.is_empty() {
        return vec![default.to_owned()];
    }
    ids.iter().take(3).cloned().collect()
}
