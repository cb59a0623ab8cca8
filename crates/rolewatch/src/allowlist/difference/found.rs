//! Rules and repositories found by what they name, so that one of thousands is held against few.

use std::collections::{HashMap, HashSet};

use super::wider::covers_repository;
use crate::allowlist::matching::RepositoryPattern;
use crate::allowlist::rule::Rule;
use crate::pattern::has_wildcard;

/// Rules by the roles that they name.
#[derive(Default)]
pub(super) struct Roles<'a> {
    /// A role that is written out covers itself alone.
    literal: HashMap<&'a str, Vec<&'a Rule>>,
    patterns: Vec<&'a Rule>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(rules: impl Iterator<Item = &'a Rule>) -> Self {
        let mut found = Self::default();
        for rule in rules {
            if rule.roles().any(has_wildcard) {
                found.patterns.push(rule);
            } else {
                for role in rule.roles() {
                    found.literal.entry(role).or_default().push(rule);
                }
            }
        }
        found
    }

    /// Whether one of them covers all of this rule.
    pub(super) fn cover(&self, rule: &Rule) -> bool {
        let first = rule.roles().next();
        let literal = first.and_then(|role| self.literal.get(role));
        let mut rules = literal.into_iter().flatten().chain(&self.patterns);
        rules.any(|before| rule.wider_than(before).is_empty())
    }
}

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
