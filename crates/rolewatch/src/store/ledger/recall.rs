//! What is remembered of uses, ids and refusals, and what is learnt: only from what was
//! expected, so that nobody can teach it.

use github_oidc::{Issuer, Subject};
use serde::{Deserialize, Serialize};

use super::{Terms, keys, sighting, watch};
use crate::assumption::{Assumption, Observation};
use crate::detect::{Decision, Outcome, decide};
use crate::history::{History, Ids};
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;

/// Subjects of one role and repository that are remembered as used. A rule for `branch:*` lets
/// others choose as many as they like.
const MOST_USES: u64 = 1000;

#[derive(Debug, Serialize, Deserialize)]
struct Use {
    first: i64,
    last: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Named {
    owner: u64,
    repository: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Identified {
    name: String,
}

/// A repository in a subject, as far as it is remembered.
struct Repository {
    name: Key,
    full_name: String,
    /// The ids, and the items under the repository's.
    ids: Option<(Ids, ById)>,
}

/// The items under a repository's id.
struct ById {
    /// Its name.
    name: Key,
    /// That the name changed not long ago.
    renamed: Key,
}

impl Repository {
    fn of(assumption: &Assumption) -> Option<Self> {
        let issuer: Issuer = assumption.issuer.parse().ok()?;
        let server = issuer.web_url();
        let subject = Subject::parse(&assumption.subject);
        let full_name = subject.repository()?.full_name();
        let ids = subject.owner_id().zip(subject.repository_id());
        let ids = ids.map(|(owner, repository)| {
            let by_id = ById {
                name: keys::id(&server, repository),
                renamed: keys::renamed(&server, repository),
            };
            (Ids { owner, repository }, by_id)
        });
        Some(Self {
            name: keys::name(&server, &full_name),
            full_name,
            ids,
        })
    }
}

/// The item that has to be absent for a repository, expected earlier that day, to be no surprise:
/// ids that a classic subject lacks, or a change of name since.
pub(super) fn surprise(assumption: &Assumption) -> Option<Key> {
    let repository = Repository::of(assumption)?;
    Some(match repository.ids {
        Some((_, by_id)) => by_id.renamed,
        None => repository.name,
    })
}

/// Asks for the items that [`recall`] and [`learn`] surely need.
pub(super) fn want(draft: &mut Draft, observation: &Observation, decision: &Decision) {
    let Observation::Assumption(assumption) = observation else {
        return;
    };
    match decision.outcome {
        Outcome::Other | Outcome::Unreadable => {}
        Outcome::Denied | Outcome::Ignored | Outcome::Unexpected | Outcome::Expected => {
            draft.want(keys::use_of(assumption));
            if decision.outcome == Outcome::Unexpected {
                sighting::want(draft, assumption);
            }
            if let Some(repository) = Repository::of(assumption) {
                draft.want(repository.name);
                if let Some((_, by_id)) = repository.ids {
                    draft.want(by_id.name);
                }
            }
        }
    }
}

/// What is remembered about an observation.
pub(super) fn recall(
    draft: &mut Draft,
    observation: &Observation,
    terms: Terms<'_>,
) -> Result<History, NotRead> {
    let Observation::Assumption(assumption) = observation else {
        return Ok(History::default());
    };
    let outcome = decide(observation, terms.allowlist).outcome;
    if outcome == Outcome::Other {
        return Ok(History::default());
    }
    let mut history = History {
        known_use: draft.exists(&keys::use_of(assumption))?,
        refusals: watch::refusals(draft, assumption, terms)?,
        ..History::default()
    };
    if outcome == Outcome::Unexpected {
        history.sightings = sighting::recall(draft, assumption)?;
    }
    if !history.known_use {
        history.known_use = uses(draft, assumption)? >= MOST_USES;
    }
    if let Some(repository) = Repository::of(assumption) {
        let named = draft.get::<Named>(&repository.name)?;
        history.ids = named.map(|it| Ids {
            owner: it.owner,
            repository: it.repository,
        });
        if let Some((_, by_id)) = repository.ids {
            let identified = draft.get::<Identified>(&by_id.name)?;
            history.former_name = identified
                .map(|it| it.name)
                .filter(|name| *name != repository.full_name);
        }
    }
    Ok(history)
}

/// Learns from an expected assumption.
pub(super) fn learn(
    draft: &mut Draft,
    observation: &Observation,
    decision: &Decision,
    terms: Terms<'_>,
) -> Result<(), NotRead> {
    let (Observation::Assumption(assumption), Outcome::Expected) = (observation, decision.outcome)
    else {
        return Ok(());
    };
    learn_use(draft, assumption)?;
    match Repository::of(assumption) {
        Some(repository) => learn_ids(draft, repository, terms.now),
        None => Ok(()),
    }
}

fn learn_ids(draft: &mut Draft, repository: Repository, now: i64) -> Result<(), NotRead> {
    let Some((ids, by_id)) = repository.ids else {
        return Ok(());
    };
    if !draft.exists(&repository.name)? {
        draft.put(
            &repository.name,
            &Named {
                owner: ids.owner,
                repository: ids.repository,
            },
            None,
        )?;
    }
    let name = repository.full_name;
    match draft.get::<Identified>(&by_id.name)? {
        Some(known) if known.name == name => return Ok(()),
        // Rows of today know of the old name; see fast.rs.
        Some(_) => draft.put(&by_id.renamed, &(), Some(now + keys::RENAMED_LIFE))?,
        None => {}
    }
    draft.put(&by_id.name, &Identified { name }, None)
}

fn learn_use(draft: &mut Draft, assumption: &Assumption) -> Result<(), NotRead> {
    let key = keys::use_of(assumption);
    let at = assumption.time.timestamp();
    if let Some(known) = draft.get::<Use>(&key)? {
        let known = Use {
            first: known.first.min(at),
            last: known.last.max(at),
        };
        return draft.put(&key, &known, None);
    }
    let remembered = uses(draft, assumption)?;
    if remembered >= MOST_USES {
        return Ok(());
    }
    let first = Use {
        first: at,
        last: at,
    };
    draft.put(&use_cap(assumption), &(remembered + 1), None)?;
    draft.put(&key, &first, None)
}

fn uses(draft: &mut Draft, assumption: &Assumption) -> Result<u64, NotRead> {
    Ok(draft.get::<u64>(&use_cap(assumption))?.unwrap_or_default())
}

fn use_cap(assumption: &Assumption) -> Key {
    let repository = Repository::of(assumption)
        .map(|it| it.full_name)
        .unwrap_or_default();
    keys::use_cap(&assumption.role_arn, &repository)
}

#[cfg(test)]
mod tests;
