//! How widely a rule casts.

use github_oidc::Subject;

use super::{Rule, Who};
use crate::allowlist::matching::{ContextPattern, RolePattern, Strictness, repository_of};

impl Rule {
    /// The roles that the rule names without wildcards, by ARN.
    pub(crate) fn literal_roles(&self) -> impl Iterator<Item = &str> {
        let literal = self.roles.iter().filter(|role| role.is_literal());
        literal.map(RolePattern::as_str)
    }

    /// Whether it takes a wildcard for the rule to cover this.
    pub(crate) fn takes_wildcard(&self, role_arn: &str, subject: &str) -> bool {
        let named = match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                ..
            } => {
                let parsed = Subject::parse(subject);
                let repository = repository_of(&parsed);
                let context = parsed.context();
                repositories.iter().any(|it| {
                    it.is_literal()
                        && repository.is_some_and(|of| it.matches(&of, Strictness::Exact))
                }) && contexts.iter().any(|it| {
                    it.subject_suffix().is_some() && context.is_some_and(|of| it.matches(of))
                })
            }
            Who::Subjects { patterns, .. } => patterns
                .iter()
                .any(|it| it.is_literal() && it.matches(subject)),
        };
        !(named && self.literal_roles().any(|role| role == role_arn))
    }

    /// The patterns of the rule that can mean several names, as the file writes them.
    pub(crate) fn wildcards(&self) -> Vec<String> {
        let roles = self.roles.iter().filter(|role| !role.is_literal());
        let mut patterns: Vec<String> = roles.map(|role| role.as_str().to_owned()).collect();
        match &self.who {
            Who::Repositories {
                repositories,
                contexts,
                ..
            } => {
                let wide = repositories.iter().filter(|it| !it.is_literal());
                patterns.extend(wide.map(|it| it.as_str().to_owned()));
                let wide = contexts.iter().filter(|it| it.subject_suffix().is_none());
                patterns.extend(wide.map(ContextPattern::to_string));
            }
            Who::Subjects {
                patterns: subjects, ..
            } => {
                let wide = subjects.iter().filter(|it| !it.is_literal());
                patterns.extend(wide.map(|it| it.as_str().to_owned()));
            }
        }
        patterns
    }
}
