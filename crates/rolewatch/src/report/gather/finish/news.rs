//! What was not there before.

use std::collections::HashSet;

use super::super::memory::pin;
use super::super::{Gatherer, hash};
use crate::history::Ids;
use crate::report::model::{Listed, NewContext, NewId, NewRepository, News, Renamed};

pub(super) fn news(of: &Gatherer<'_>) -> News {
    let since = of.looked_back_to().filter(|since| *since < of.period.first);
    if since.is_none() {
        return News::default();
    }
    let known = &of.memory.known;
    let candidates = &of.memory.candidates;
    let renamed = renamed(of);
    let to: HashSet<&str> = renamed.iter().map(|it| &*it.to).collect();
    let roles = of.current.roles.iter().filter(|(_, sums)| sums.granted > 0);
    let issuers = candidates.issuers.iter();
    let ids = candidates
        .ids
        .iter()
        .filter(|(server, _, _, id)| !known.ids.contains(&hash(&(server, id))));
    News {
        since,
        repositories: Listed::of(repositories(of, &to)),
        roles: Listed::of(
            roles
                .map(|(arn, _)| arn.clone())
                .filter(|arn| !known.roles.contains(&hash(arn)))
                .collect(),
        ),
        contexts: Listed::of(contexts(of)),
        ids: Listed::of(
            ids.map(|(_, name, owner, repository)| NewId {
                repository: pin(
                    name,
                    Ids {
                        owner: *owner,
                        repository: *repository,
                    },
                ),
            })
            .collect(),
        ),
        providers: Listed::of(
            issuers
                .filter(|it| !known.issuers.contains(&hash(it)))
                .cloned()
                .collect(),
        ),
        renamed: Listed::of(renamed),
    }
}

fn repositories(of: &Gatherer<'_>, renamed: &HashSet<&str>) -> Vec<NewRepository> {
    let repositories = of.current.repositories.iter();
    repositories
        .filter(|(name, _)| !name.is_empty() && !renamed.contains(name.as_str()))
        .filter(|(name, _)| !of.memory.known.repositories.contains(&hash(name)))
        .map(|(name, sums)| NewRepository {
            repository: name.clone(),
            expected: sums.expected,
            assumptions: sums.granted,
        })
        .collect()
}

/// Of repositories that are known; those of a new one are new, too, and say no more.
fn contexts(of: &Gatherer<'_>) -> Vec<NewContext> {
    let known = &of.memory.known;
    let candidates = of.memory.candidates.contexts.iter();
    candidates
        .filter(|(names, _)| !known.contexts.contains(&hash(names)))
        .filter(|((repository, ..), _)| known.repositories.contains(&hash(repository)))
        .map(|((repository, context, role_arn), expected)| NewContext {
            repository: repository.clone(),
            context: context.clone(),
            role_arn: role_arn.clone(),
            expected: *expected,
        })
        .collect()
}

fn renamed(of: &Gatherer<'_>) -> Vec<Renamed> {
    let candidates = of.memory.candidates.ids.iter();
    candidates
        .filter_map(|(server, name, _, id)| {
            let (_, before) = of.memory.names.get(&(server.clone(), *id))?;
            (before != name).then(|| Renamed {
                id: *id,
                from: before.clone(),
                to: name.clone(),
            })
        })
        .collect()
}
