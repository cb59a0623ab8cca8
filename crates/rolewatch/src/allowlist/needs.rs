//! What a role is needed for, as far as the rules that name it spell it out.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use github_oidc::Issuer;

use super::matching::{RepositoryPattern, SubjectPattern};
use super::rule::Who;
use super::{Allowlist, Rule};
use crate::pattern::has_wildcard;

/// What the live rules for a role need of its trust policy: all of it, in subjects and patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Every subject that a rule spells out, in each form that it accepts.
    pub subjects: Vec<String>,
    /// Every other subject that a rule accepts.
    pub patterns: Vec<NeededPattern>,
    /// The longest session of all these rules, in seconds; none where no rule names the role.
    pub max_session: Option<u64>,
}

/// Subjects that a rule accepts, as `StringLike` describes them. They may be more than the rule's,
/// never fewer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededPattern {
    /// The pattern.
    pub pattern: String,
    /// Whether they are no more than the rule's, so that a trust policy may say it.
    pub exact: bool,
    /// The rule's name.
    pub rule: String,
}

impl Allowlist {
    /// What the rules that are live on `day` (UTC) need of a role: an ARN, or a role's name alone,
    /// as a template gives it.
    #[must_use]
    pub fn needs_of(&self, role: &str, day: NaiveDate) -> Needs {
        let (mut subjects, mut patterns) = (BTreeSet::new(), BTreeSet::new());
        let mut max_session = None;
        for rule in self.live_rules(day).filter(|rule| rule.is_for(role)) {
            max_session = max_session.max(Some(rule.max_session));
            for (text, exact) in rule.needed() {
                if has_wildcard(&text) {
                    patterns.insert(NeededPattern {
                        pattern: text,
                        exact,
                        rule: rule.name.clone(),
                    });
                } else {
                    subjects.insert(text);
                }
            }
        }
        Needs {
            subjects: subjects.into_iter().collect(),
            patterns: patterns.into_iter().collect(),
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

    /// What its subjects look like, and whether the pattern says no more than the rule does.
    fn needed(&self) -> Vec<(String, bool)> {
        match &self.who {
            // A policy's wildcard goes on over the end of a field, a rule's does not.
            Who::Subjects { patterns, .. } => {
                let texts = patterns.iter().map(SubjectPattern::as_str);
                texts.map(|text| (text.to_owned(), false)).collect()
            }
            Who::Repositories {
                repositories,
                contexts,
                immutable_only,
            } => {
                let signs_ids = self.issuers.iter().any(Issuer::signs_ids);
                let names = repositories
                    .iter()
                    .flat_map(|it| forms(it, *immutable_only, signs_ids));
                names
                    .flat_map(|name| {
                        let plain = !has_wildcard(&name);
                        contexts.iter().map(move |context| {
                            let context = context.subject_pattern();
                            let exact = plain && is_family(&context);
                            (format!("repo:{name}:{context}"), exact)
                        })
                    })
                    .collect()
            }
        }
    }
}

/// Whether a context's pattern has at most one wildcard, at its end.
fn is_family(context: &str) -> bool {
    let name = context.strip_suffix('*').unwrap_or(context);
    !has_wildcard(name)
}

/// How subjects write a repository: with both ids, and without. An id that the rule does not say may
/// be any.
fn forms(repository: &RepositoryPattern, immutable_only: bool, signs_ids: bool) -> Vec<String> {
    let (owner, name) = (&repository.owner, &repository.name);
    let id = |id: Option<u64>| id.map_or_else(|| "*".to_owned(), |id| id.to_string());
    let immutable = signs_ids.then(|| {
        let (owner_id, id) = (id(owner.id), id(name.id));
        format!("{}@{owner_id}/{}@{id}", owner.pattern, name.pattern)
    });
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
    fn what_is_not_spelt_out_is_needed_too() {
        let needs = needs(ROLE);
        let patterns = needs.patterns.iter();
        let patterns: Vec<_> = patterns.map(|it| (&*it.pattern, it.exact)).collect();
        let (owner, ids) = ("repo:my-org/app:", "repo:my-org@111/app@222:");
        let branches = "ref:refs/heads/*";
        for wanted in [
            (&*format!("{owner}{branches}"), true),
            (&*format!("{ids}{branches}"), true),
            ("repo:my-org/*:ref:refs/heads/main", false),
            ("repo:my-org@*/*@*:ref:refs/heads/main", false),
            ("repository_owner_id:111:environment:*", false),
        ] {
            assert!(patterns.contains(&wanted), "{wanted:?}: {patterns:?}");
        }
    }

    /// GitHub signs both ids or none: one alone says no whole subject.
    #[test]
    fn without_both_ids_the_immutable_form_is_open() {
        for (repository, immutable) in [
            ("my-org/app", "repo:my-org@*/app@*:pull_request"),
            ("my-org@111/app", "repo:my-org@111/app@*:pull_request"),
            ("my-org/app@222", "repo:my-org@*/app@222:pull_request"),
        ] {
            let allowlist = format!(
                r#"
                version = 1
                [[allow]]
                name = "one"
                roles = ["{ROLE}"]
                repositories = ["{repository}"]
                contexts = ["pull_request"]
                max_session = "1h"
                "#
            );
            let (allowlist, _) = super::super::compile(&allowlist).unwrap();
            let needs = allowlist.needs_of(ROLE, "2026-11-20".parse().unwrap());
            assert_eq!(needs.subjects, ["repo:my-org/app:pull_request"]);
            let wanted = NeededPattern {
                pattern: immutable.to_owned(),
                exact: false,
                rule: "one".to_owned(),
            };
            assert_eq!(needs.patterns, [wanted]);
        }
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
