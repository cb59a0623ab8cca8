//! What a role is needed for, as far as the rules that name it spell it out.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::matching::{ContextPattern, RepositoryPattern, SubjectPattern};
use super::rule::Who;
use super::{Allowlist, Rule};

/// What the live rules for a role need of its trust policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Every subject that a rule without wildcards means, in each form that it accepts.
    pub subjects: Vec<String>,
    /// The longest session of all these rules, in seconds; none where no rule names the role.
    pub max_session: Option<u64>,
}

impl Allowlist {
    /// What the rules that are live on `day` (UTC) need of a role: an ARN, or a role's name alone,
    /// as a template gives it.
    #[must_use]
    pub fn needs_of(&self, role: &str, day: NaiveDate) -> Needs {
        let mut subjects = BTreeSet::new();
        let mut max_session = None;
        for rule in self.live_rules(day).filter(|rule| rule.is_for(role)) {
            max_session = max_session.max(Some(rule.max_session));
            subjects.extend(rule.literal_subjects());
        }
        Needs {
            subjects: subjects.into_iter().collect(),
            max_session,
        }
    }
}

impl Rule {
    fn is_for(&self, role: &str) -> bool {
        if role.starts_with("arn:") {
            return self.names_role(role);
        }
        let named = |it: &&str| it.rsplit('/').next() == Some(role);
        self.roles.iter().any(|it| named(&it.as_str()))
    }

    fn literal_subjects(&self) -> Vec<String> {
        match &self.who {
            Who::Subjects { patterns, .. } => {
                let literal = patterns.iter().filter(|it| it.is_literal());
                literal
                    .map(SubjectPattern::as_str)
                    .map(str::to_owned)
                    .collect()
            }
            Who::Repositories {
                repositories,
                contexts,
                immutable_only,
            } => {
                let literal = repositories.iter().filter(|it| it.is_literal());
                let names = literal.flat_map(|it| forms(it, *immutable_only));
                names
                    .flat_map(|name| {
                        let contexts = contexts.iter().filter_map(ContextPattern::subject_suffix);
                        contexts.map(move |context| format!("repo:{name}:{context}"))
                    })
                    .collect()
            }
        }
    }
}

/// How subjects write a repository: with both ids, where the rule has them, and without.
fn forms(repository: &RepositoryPattern, immutable_only: bool) -> Vec<String> {
    let (owner, name) = (&repository.owner, &repository.name);
    let with_ids = owner.id.is_some() && name.id.is_some();
    let immutable = with_ids.then(|| format!("{owner}/{name}"));
    let classic = (!immutable_only).then(|| format!("{}/{}", owner.pattern, name.pattern));
    immutable.into_iter().chain(classic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/team/deploy";

    fn needs(role: &str) -> Needs {
        let allowlist = r#"
            version = 1
            [[allow]]
            name = "both forms"
            roles = ["arn:aws:iam::123456789012:role/team/deploy"]
            repositories = ["my-org@111/app@222", "my-org/*"]
            contexts = ["branch:main", "environment:a:b", "branch:*"]
            max_session = "30m"
            [[allow]]
            name = "custom"
            roles = ["arn:aws:iam::123456789012:role/team/*"]
            subjects = ["repository_owner_id:111:environment:x", "repository_owner_id:111:environment:*"]
            max_session = "2h"
            [[allow]]
            name = "past"
            roles = ["arn:aws:iam::123456789012:role/team/deploy"]
            repositories = ["my-org/old"]
            contexts = ["pull_request"]
            max_session = "12h"
            expires = 2026-01-01
        "#;
        let (allowlist, _) = super::super::compile(allowlist).unwrap();
        allowlist.needs_of(role, "2026-11-20".parse().unwrap())
    }

    #[test]
    fn what_is_spelt_out_is_needed_in_every_form() {
        let wanted = [
            "repo:my-org/app:environment:a%3Ab",
            "repo:my-org/app:ref:refs/heads/main",
            "repo:my-org@111/app@222:environment:a%3Ab",
            "repo:my-org@111/app@222:ref:refs/heads/main",
            "repository_owner_id:111:environment:x",
        ];
        let needs = needs(ROLE);
        assert_eq!(needs.subjects, wanted);
        assert_eq!(needs.max_session, Some(7200));
    }

    #[test]
    fn a_role_is_found_by_its_name_where_that_is_all_there_is() {
        assert_eq!(needs("deploy").max_session, Some(1800));
        assert_eq!(needs("other"), Needs::default());
        assert_eq!(
            needs("arn:aws:iam::123456789012:role/other"),
            Needs::default()
        );
    }
}
