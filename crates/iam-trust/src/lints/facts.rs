//! What all checks see.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use github_oidc::Issuer;

use crate::claims::STS_AUDIENCE;
use crate::fix::Fix;
use crate::input::Role;
use crate::json::quote;
use crate::policy::{Condition, Effect, Policy, Statement};
use crate::request::Request;
use crate::witness::{ContextKind, Reach, Survey, Token, Witness, survey_at};

use super::scope::{Scope, example, scopes};
use super::{Options, Severity};

/// How many tokens of each value a fix must let in.
const KEPT: usize = 3;

/// A role, what is asked of it, and what was found out about its policy.
pub(crate) struct Facts<'a> {
    pub(super) role: &'a Role,
    pub(super) policy: &'a Policy,
    pub(super) options: &'a Options,
    pub(super) surveys: Vec<Survey<'a>>,
    pub(super) scopes: Vec<Scope<'a>>,
    /// What fixes must not lock out, by survey; found when it is asked for.
    kept: Vec<OnceCell<Vec<Request>>>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(role: &'a Role, options: &'a Options) -> Self {
        let policy = &role.policy;
        let surveys = survey_at(policy, options.now.as_deref());
        let numbered = surveys.iter().enumerate();
        let scopes = numbered.flat_map(|(index, survey)| scopes(index, survey));
        Self {
            role,
            policy,
            options,
            scopes: scopes.collect(),
            kept: surveys.iter().map(|_| OnceCell::new()).collect(),
            surveys,
        }
    }

    /// The survey of a scope.
    pub(super) fn survey(&self, scope: &Scope<'_>) -> Option<&Survey<'a>> {
        self.surveys.get(scope.survey)
    }

    /// Conditions of all statements that concern a GitHub issuer, with their statements.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&'a Statement, &'a Condition)> {
        let statements: Vec<&Statement> = self.policy.statements.iter().collect();
        let relevant = !self.surveys.is_empty();
        statements
            .into_iter()
            .filter(move |statement| {
                relevant
                    && (statement.effect == Effect::Deny
                        || self
                            .surveys
                            .iter()
                            .any(|s| s.statement.index == statement.index))
            })
            .flat_map(|statement| statement.conditions.iter().map(move |one| (statement, one)))
    }

    /// The least telling of the tokens that get in: somebody whom the policy means.
    pub(super) fn intended(&self) -> Option<&Token> {
        Self::plainest(self.surveys.iter().flat_map(|survey| &survey.admitted))
    }

    /// The one of some tokens that an insider would most probably hold.
    pub(super) fn plainest<'t>(tokens: impl IntoIterator<Item = &'t Token>) -> Option<&'t Token> {
        tokens.into_iter().min_by_key(|token| {
            let length = token.subject().len();
            (token.reach, token.kind, token.custom, length)
        })
    }

    /// How grave it is that anyone gets in: everybody on GitHub, or everybody of an enterprise.
    pub(super) fn stranger_severity(&self, scope: &Scope<'_>) -> Severity {
        match self.survey(scope).map(|survey| &survey.issuer) {
            Some(Issuer::GitHub) | None => Severity::Critical,
            Some(_) => Severity::High,
        }
    }

    /// Whether the worst holder's name is a stranger's, bound to no form.
    pub(super) fn is_stranger(&self, scope: &Scope<'_>) -> bool {
        self.survey(scope)
            .is_some_and(|survey| survey.marker.owner() == scope.worst.owner)
    }

    /// Who "anyone" is to a scope.
    pub(super) fn everybody(&self, scope: &Scope<'_>) -> String {
        match self.survey(scope).map(|survey| &survey.issuer) {
            Some(Issuer::GitHub) | None => "on GitHub".to_owned(),
            Some(issuer) => format!("that {issuer} signs for"),
        }
    }

    /// A request that a statement was probably written for.
    pub(super) fn example(survey: &Survey<'_>) -> Request {
        let conditions = survey.on_claim("sub");
        let mut values = conditions.iter().flat_map(|condition| &condition.values);
        let subject = values.find_map(|value| example(&value.text));
        let subject =
            subject.unwrap_or_else(|| "repo:your-org/your-repo:ref:refs/heads/main".to_owned());
        let mut request = Request::new(&subject);
        request.issuer = survey.issuer.clone();
        request
    }

    /// An edit that lets in who is refused now, if it is a fix.
    pub(super) fn opening(
        &self,
        edited: String,
        witness: Option<&Witness>,
        keep: &[Request],
    ) -> Option<Fix> {
        let now = self.options.now.as_deref();
        let fix = Fix::verified(self.policy, edited, witness, keep)?;
        fix.opens_no_more(self.policy, &self.surveys, now)
    }

    /// Tokens of a survey that a fix must not lock out: those of named repositories.
    pub(super) fn keep(&self, survey: &Survey<'_>) -> Vec<Request> {
        let mut surveys = self.surveys.iter().zip(&self.kept);
        let kept = surveys.find(|(one, _)| std::ptr::eq(*one, survey));
        kept.map(|(_, kept)| kept.get_or_init(|| self.worth_keeping(survey)).clone())
            .unwrap_or_default()
    }

    fn worth_keeping(&self, survey: &Survey<'_>) -> Vec<Request> {
        let meant = survey.admitted.iter().filter(|token| {
            let audience = token.request.claims.get("aud").and_then(|all| all.first());
            let spelt_out = !token.custom || self.policy.text.contains(&quote(token.subject()));
            token.reach == Reach::Intended
                && spelt_out
                && token.kind == ContextKind::Pinned
                && audience.is_some_and(|audience| audience == STS_AUDIENCE)
        });
        let mut kept: BTreeMap<_, Vec<Request>> = BTreeMap::new();
        for token in meant {
            let of_value = kept.entry((token.blamed, token.named_by)).or_default();
            if of_value.len() < KEPT {
                of_value.push(token.request.clone());
            }
        }
        kept.into_values().flatten().collect()
    }
}
