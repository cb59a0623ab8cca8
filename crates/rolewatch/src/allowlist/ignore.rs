//! One `[[ignore]]`: a reasoned, dated silence for one check.

use std::ops::Range;

use chrono::NaiveDate;
use github_oidc::Subject;

use super::matching::{RepositoryPattern, RolePattern, Strictness, SubjectPattern, repository_of};

/// A compiled silence. It covers an assumption when every list that it has matches.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The id of the silenced check.
    pub check: &'static str,
    /// Why.
    pub reason: String,
    /// The last day (UTC) on which it holds.
    pub until: NaiveDate,
    pub(super) roles: Vec<RolePattern>,
    pub(super) repositories: Vec<RepositoryPattern>,
    pub(super) subjects: Vec<SubjectPattern>,
    /// Where the file says how long it holds.
    pub(super) until_span: Range<usize>,
}

impl Ignore {
    /// What it covers, as the file writes it.
    pub(crate) fn about(&self) -> String {
        let roles = self.roles.iter().map(RolePattern::as_str);
        let repositories = self.repositories.iter().map(RepositoryPattern::as_str);
        let subjects = self.subjects.iter().map(SubjectPattern::as_str);
        let all: Vec<&str> = roles.chain(repositories).chain(subjects).collect();
        all.join(", ")
    }

    /// Whether a finding of `check` about this role and subject, on `day`, is silenced.
    pub(crate) fn covers(
        &self,
        check: &str,
        role_arn: &str,
        subject: &str,
        day: NaiveDate,
    ) -> bool {
        let repository = repository_of(&Subject::parse(subject));
        self.check == check
            && day <= self.until
            && any_or_none(&self.roles, |role| role.matches(role_arn))
            && any_or_none(&self.repositories, |pattern| {
                repository.is_some_and(|it| pattern.matches(&it, Strictness::Exact))
            })
            && any_or_none(&self.subjects, |pattern| pattern.matches(subject))
    }
}

fn any_or_none<T>(patterns: &[T], matches: impl Fn(&T) -> bool) -> bool {
    patterns.is_empty() || patterns.iter().any(matches)
}
