//! What a rule says, for messages.

use std::fmt::Write as _;

use super::super::matching::{Hours, RepositoryPattern, RolePattern, SubjectPattern};
use super::{Rule, Who};

impl Rule {
    /// What the rule says of contexts or subjects, for messages.
    pub(crate) fn contexts_text(&self) -> String {
        match &self.who {
            Who::Repositories { contexts, .. } => join(contexts),
            Who::Subjects { patterns, .. } => join(patterns.iter().map(SubjectPattern::as_str)),
        }
    }

    /// What the rule says of repositories or subjects, for messages.
    pub(crate) fn repositories_text(&self) -> String {
        match &self.who {
            Who::Repositories {
                repositories,
                immutable_only,
                ..
            } => {
                let listed = join(repositories.iter().map(RepositoryPattern::as_str));
                if *immutable_only {
                    format!("{listed} in the immutable form")
                } else {
                    listed
                }
            }
            Who::Subjects { patterns, .. } => join(patterns.iter().map(SubjectPattern::as_str)),
        }
    }

    pub(crate) fn roles_text(&self) -> String {
        join(self.roles.iter().map(RolePattern::as_str))
    }

    pub(crate) fn audiences_text(&self) -> String {
        join(&self.audiences)
    }

    pub(crate) fn regions_text(&self) -> String {
        join(&self.regions)
    }

    pub(crate) fn networks_text(&self) -> String {
        join(self.networks.iter().map(|network| network.name.as_str()))
    }

    pub(crate) fn hours_text(&self) -> &str {
        self.hours.as_ref().map_or("any time", Hours::as_str)
    }

    pub(crate) fn issuers_text(&self) -> String {
        join(&self.issuers)
    }
}

/// A list for a message; long lists are cut.
fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 4;
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let mut text = items
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if items.len() > SHOWN {
        // Writing to a String cannot fail.
        let _ = write!(text, " and {} more", items.len() - SHOWN);
    }
    text
}
