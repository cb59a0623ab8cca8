//! Repositories found by what they name, so that one of thousands is held against few.

use std::collections::{HashMap, HashSet};

use super::wider::covers_repository;
use crate::allowlist::matching::RepositoryPattern;

/// Repositories by their names.
#[derive(Default)]
pub(super) struct Names<'a> {
    all: HashSet<&'a str>,
    literal: HashMap<(&'a str, &'a str), Vec<&'a RepositoryPattern>>,
    patterns: Vec<&'a RepositoryPattern>,
}

impl<'a> Names<'a> {
    pub(super) fn of(repositories: impl Iterator<Item = &'a RepositoryPattern>) -> Self {
        let mut found = Self::default();
        for repository in repositories {
            found.all.insert(repository.as_str());
            if repository.is_literal() {
                let alike = found.literal.entry(names_of(repository)).or_default();
                alike.push(repository);
            } else {
                found.patterns.push(repository);
            }
        }
        found
    }

    /// Whether this very one is among them, ids and all.
    pub(super) fn have(&self, repository: &RepositoryPattern) -> bool {
        self.all.contains(repository.as_str())
    }

    /// Whether one of them takes whatever this one does.
    pub(super) fn take(&self, repository: &RepositoryPattern) -> bool {
        let literal = self.literal.get(&names_of(repository));
        let mut others = literal.into_iter().flatten().chain(&self.patterns);
        others.any(|it| covers_repository(it, repository))
    }
}

fn names_of(repository: &RepositoryPattern) -> (&str, &str) {
    let (owner, name) = (&repository.owner.pattern, &repository.name.pattern);
    (owner.as_str(), name.as_str())
}
