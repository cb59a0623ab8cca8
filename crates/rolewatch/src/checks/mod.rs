//! The checks: one question each, asked of every observation.
//!
//! A check is data: a [`Check`] in its own file, beside the page that explains it. To add one,
//! write `its_id.rs` and `its-id.md`, put samples into `samples/records/its-id/`, and register
//! it in [`ALL`].

mod classic_after_immutable;
mod denied_assumption;
mod expired_rule;
mod first_use;
mod outside_hours;
mod probing;
mod repository_id_mismatch;
mod repository_renamed;
mod session_too_long;
mod unexpected_audience;
mod unexpected_issuer;
mod unexpected_network;
mod unexpected_region;
mod unlisted_context;
mod unlisted_owner;
mod unlisted_repository;
mod unlisted_role;
mod unlisted_subject;
mod unreadable_record;

use std::fmt;

use crate::allowlist::{Fault, Rule};
use crate::assumption::{Assumption, Observation};
use crate::finding::Severity;
use crate::history::History;
use crate::verdict::{Nearest, Reason, Verdict};

/// Every check, in the order in which people see them: the worst first.
pub const ALL: &[&Check] = &[
    &repository_id_mismatch::CHECK,
    &unlisted_owner::CHECK,
    &unlisted_role::CHECK,
    &unlisted_repository::CHECK,
    &unlisted_context::CHECK,
    &unlisted_subject::CHECK,
    &unexpected_issuer::CHECK,
    &expired_rule::CHECK,
    &probing::CHECK,
    &session_too_long::CHECK,
    &unexpected_audience::CHECK,
    &unexpected_region::CHECK,
    &unexpected_network::CHECK,
    &outside_hours::CHECK,
    &classic_after_immutable::CHECK,
    &unreadable_record::CHECK,
    &denied_assumption::CHECK,
    &first_use::CHECK,
    &repository_renamed::CHECK,
];

/// The check with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Check> {
    ALL.iter().copied().find(|check| check.id == id)
}

/// What is found about the allowlist itself, when a version of it is loaded. No event is asked
/// about it.
pub const ABOUT_ALLOWLIST: &[Page] = &[ALLOWLIST_BROKEN, ALLOWLIST_CHANGED];

/// The allowlist cannot be read, or not be used.
pub const ALLOWLIST_BROKEN: Page = Page {
    id: "allowlist-broken",
    title: "the allowlist cannot be used; the last good version is in force",
    severity: Severity::High,
    explanation: include_str!("allowlist-broken.md"),
};

/// Another version of the allowlist is in force. High where it lets more through.
pub const ALLOWLIST_CHANGED: Page = Page {
    id: "allowlist-changed",
    title: "another version of the allowlist is in force",
    severity: Severity::Info,
    explanation: include_str!("allowlist-changed.md"),
};

/// What is found about the service itself, in what somebody does to it. No assumption is asked about it.
pub const ABOUT_SERVICE: &[Page] = &[WATCHER_TAMPERED, REGION_ENABLED, DRILL];

/// Somebody changed what watches. Info where its own deploy role did.
pub const WATCHER_TAMPERED: Page = Page {
    id: "watcher-tampered",
    title: "somebody changed rolewatch, or the trail that feeds it",
    severity: Severity::High,
    explanation: include_str!("watcher-tampered.md"),
};

/// A region came to the account. Info where canaries come from it.
pub const REGION_ENABLED: Page = Page {
    id: "region-enabled",
    title: "a region was enabled, and nothing watches it yet",
    severity: Severity::Medium,
    explanation: include_str!("region-enabled.md"),
};

/// A drill arrived that is no finding of another check.
pub const DRILL: Page = Page {
    id: "drill",
    title: "a drill arrived, of which nobody would be told",
    severity: Severity::Info,
    explanation: include_str!("drill.md"),
};

/// What people read of everything that findings can be of, the worst first.
#[must_use]
pub fn pages() -> Vec<Page> {
    let checks = ALL.iter().map(|check| Page::from(*check));
    let mut pages: Vec<Page> = checks
        .chain(ABOUT_ALLOWLIST.iter().copied())
        .chain(ABOUT_SERVICE.iter().copied())
        .collect();
    pages.sort_by_key(|page| std::cmp::Reverse(page.severity));
    pages
}

/// What people read of one check, or of what is found about the allowlist or the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The id, kebab-case; names what is wrong.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// How much its findings weigh, unless they say otherwise.
    pub severity: Severity,
    /// The page that explains it, Markdown.
    pub explanation: &'static str,
}

impl From<&Check> for Page {
    fn from(check: &Check) -> Self {
        Self {
            id: check.id,
            title: check.title,
            severity: check.severity,
            explanation: check.explanation,
        }
    }
}

/// One question, and how to ask it.
pub struct Check {
    /// The id, kebab-case; names what is wrong.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it cannot do without: where that is not at hand it says nothing.
    pub needs: &'static [Fact],
    /// The page that explains it, Markdown.
    pub explanation: &'static str,
    /// The complaint, where there is one.
    pub run: fn(&Facts<'_>) -> Option<Complaint>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Something that is not in the event itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What is remembered of earlier events.
    History,
}

/// What a check may look at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What happened.
    pub observation: &'a Observation,
    /// The allowlist's answer.
    pub verdict: &'a Verdict<'a>,
    /// What is remembered, where there is a memory. Checks that need it say nothing without.
    pub history: Option<&'a History>,
}

/// What a check has to say. Holds text of the record: escape it for where it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// A headline.
    pub title: String,
    /// What is wrong, in a sentence or two.
    pub message: String,
}

impl<'a> Facts<'a> {
    /// The assumption, if the record was understood.
    #[must_use]
    pub fn assumption(&self) -> Option<&'a Assumption> {
        match self.observation {
            Observation::Assumption(assumption) => Some(assumption),
            Observation::Unreadable(_) => None,
        }
    }

    /// The assumption, and why it was not expected.
    fn unexpected(&self) -> Option<(&'a Assumption, &'a Reason<'a>, Option<&'a Nearest<'a>>)> {
        match self.verdict {
            Verdict::Unexpected(unexpected) => Some((
                self.assumption()?,
                &unexpected.reason,
                unexpected.nearest.as_ref(),
            )),
            _ => None,
        }
    }

    /// The assumption, the rule that expects it, and what is remembered.
    fn expected(&self) -> Option<(&'a Assumption, &'a Rule, &'a History)> {
        match self.verdict {
            Verdict::Expected(rule) => Some((self.assumption()?, rule, self.history?)),
            _ => None,
        }
    }

    /// The assumption and the rule that it satisfies but for this fault.
    fn fault(&self, wanted: Fault) -> Option<(&'a Assumption, &'a Rule)> {
        match self.unexpected()? {
            (assumption, Reason::Parameters { rule, faults }, _) if faults.contains(&wanted) => {
                Some((assumption, rule))
            }
            _ => None,
        }
    }
}

/// What a reader is told of a pattern that differs by case alone; nothing where there is none.
fn near_miss(nearest: Option<&Nearest<'_>>) -> String {
    match nearest.and_then(|nearest| Some((nearest.but_for_case.as_deref()?, nearest.rule))) {
        Some((pattern, rule)) => format!(
            "; it differs from \"{pattern}\" of rule \"{}\" by case alone, and case counts",
            rule.name
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_check_is_complete() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
        let mut ids = HashSet::new();
        for page in pages() {
            let id = page.id;
            assert!(ids.insert(id), "{id} stands twice");
            assert!(
                id.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{id} is kebab-case"
            );
            assert!(
                find(id).is_none() || folder.join(format!("{}.rs", id.replace('-', "_"))).exists(),
                "{id}.rs"
            );
            let text = std::fs::read_to_string(folder.join(format!("{id}.md"))).unwrap();
            assert_eq!(text, page.explanation, "{id} shows its own page");
            assert!(
                text.starts_with(&format!("# {id}\n")),
                "{id}'s page begins with its id"
            );
            let headings: Vec<_> = text
                .lines()
                .filter(|line| line.starts_with("## "))
                .collect();
            let wanted = [
                "## What it does",
                "## Why it matters",
                "## Example",
                "## What to do",
            ];
            assert_eq!(headings, wanted, "{id}");
        }
        let files = std::fs::read_dir(folder).unwrap();
        let texts = files.filter(|file| {
            file.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|extension| extension == "md")
        });
        assert_eq!(texts.count(), pages().len(), "a page of nothing");
    }

    #[test]
    fn the_worst_come_first() {
        let severities: Vec<_> = ALL.iter().map(|check| check.severity).collect();
        assert!(severities.is_sorted_by(|a, b| a >= b));
    }
}
