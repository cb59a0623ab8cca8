//! What a policy admits, statement by statement: the tokens that make a point, and the value of the
//! policy that lets each in.

mod constraints;
mod issuers;
mod subjects;
mod tokens;

use std::collections::HashMap;

use github_oidc::Issuer;

use crate::evaluate::{admits, condition_holds, date_millis, matches_statement};
use crate::policy::{Base, Comparison, Condition, Effect, Policy, Statement, Text, Version};
use crate::request::Request;

use super::fill::{claim_of, is_of_principal, pattern_of};
use super::token::{Reach, Token};
use super::{Marker, is_mintable};
use constraints::{Constraint, Matter, constraints, denying};
use issuers::issuers;

/// The most tokens that are kept of one value that reach as far for as much.
const MAX_ALIKE: usize = 400;

/// What became known of one Allow and one of GitHub's issuers that it trusts.
pub(crate) struct Survey<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) issuer: Issuer,
    pub(crate) marker: Marker,
    /// Tokens that the whole policy admits by this statement, as GitHub could sign them.
    pub(crate) admitted: Vec<Token>,
    /// Whether any token that was tried matches the statement, a Deny left aside.
    pub(crate) matched: bool,
    /// Whether all tokens were tried that came to mind; there may be too many.
    pub(crate) complete: bool,
    /// The conditions that say whose tokens get in.
    constraints: Vec<Constraint<'a>>,
    version: Version,
}

/// The value that lets a token in.
#[derive(Copy, Clone)]
pub(crate) struct Blame<'a> {
    pub(crate) condition: &'a Condition,
    pub(crate) value: &'a Text,
}

/// Surveys every Allow that trusts an issuer of GitHub's. Nobody gets in by one whose time is past;
/// without `now` none is.
pub(crate) fn survey_at<'a>(policy: &'a Policy, now: Option<&str>) -> Vec<Survey<'a>> {
    let marker = Marker::for_policy(policy);
    let allows = policy.statements.iter();
    allows
        .filter(|statement| statement.effect == Effect::Allow)
        .flat_map(|statement| {
            let issuers = issuers(statement).into_iter();
            issuers.map(move |issuer| (statement, issuer))
        })
        .map(|(statement, issuer)| {
            let mut survey = Survey::of(policy, statement, issuer, marker.clone());
            if survey.expired(now).is_some() {
                survey.admitted.clear();
            }
            survey
        })
        .collect()
}

impl<'a> Survey<'a> {
    fn of(policy: &'a Policy, statement: &'a Statement, issuer: Issuer, marker: Marker) -> Self {
        let mut survey = Self {
            statement,
            constraints: constraints(policy, statement, &issuer),
            issuer,
            marker,
            admitted: Vec::new(),
            matched: false,
            complete: false,
            version: policy.version,
        };
        let (mut matched, mut admitted) = (false, Vec::new());
        let mut kept: HashMap<_, usize> = HashMap::new();
        survey.complete = survey.tokens(policy, |mut token| {
            if !matches_statement(policy.version, statement, &token.request) {
                return;
            }
            matched = true;
            if admits(policy, &token.request) {
                let matter = if token.reach > Reach::Intended {
                    Matter::Names
                } else {
                    Matter::Context
                };
                token.blamed = survey.find_blame(&token, matter);
                token.named_by = survey.find_blame(&token, Matter::Names);
                let by = (token.blamed, token.named_by);
                let alike = kept.entry((by, token.reach, token.kind));
                let alike = alike.or_default();
                *alike += 1;
                if *alike <= MAX_ALIKE {
                    admitted.push(token);
                }
            }
        });
        survey.matched = matched;
        survey.admitted = admitted;
        survey
    }

    /// Whether GitHub could sign a subject that a condition's value describes. With many wildcards
    /// not every filling is tried, and the answer is yes.
    pub(crate) fn is_live(&self, condition: &Condition, value: &Text) -> bool {
        let pattern = pattern_of(&value.text, self.version);
        let holes = pattern.matches(['*', '?']).count();
        if value.unknown || (condition.operator.has_wildcards() && holes > 2) {
            return true;
        }
        let subjects = self.instances(condition, value);
        subjects.iter().any(|subject| is_mintable(subject))
    }

    /// The claim of this issuer that a condition is about, in lower case.
    pub(crate) fn claim(&self, condition: &Condition) -> Option<String> {
        claim_of(&self.issuer, condition.lower_key()).map(str::to_owned)
    }

    /// The value that lets a token of this survey in.
    pub(crate) fn blame(&self, token: &Token) -> Option<Blame<'a>> {
        self.value_of(token.blamed?)
    }

    /// The value that says whose a token of this survey is.
    pub(crate) fn name_blame(&self, token: &Token) -> Option<Blame<'a>> {
        self.value_of(token.named_by?)
    }

    fn value_of(&self, (constraint, value): (usize, usize)) -> Option<Blame<'a>> {
        let condition = self.constraints.get(constraint)?.condition;
        let value = condition.values.get(value)?;
        Some(Blame { condition, value })
    }

    /// Of the values that describe a token, the one that says most of a matter.
    fn find_blame(&self, token: &Token, matter: Matter) -> Option<(usize, usize)> {
        let mut found: Option<(usize, (usize, usize))> = None;
        for (number, constraint) in self.constraints.iter().enumerate() {
            let Some(got) = token.request.claims.get(constraint.claim) else {
                continue;
            };
            let got = got.first().map(String::as_str).unwrap_or_default();
            let chars: Vec<char> = got.chars().collect();
            for (index, described) in constraint.described.iter().enumerate() {
                let letters = described.says(matter);
                let more = found.is_none_or(|(most, _)| letters > most);
                if more && described.has(got, &chars) {
                    found = Some((letters, (number, index)));
                }
            }
        }
        found.map(|(_, blamed)| blamed)
    }

    /// The conditions on one claim, those of a Deny that let through what they name included.
    pub(crate) fn on_claim(&self, claim: &str) -> Vec<&'a Condition> {
        let key = format!("{}:{claim}", self.issuer.provider().to_ascii_lowercase());
        let own = self.statement.conditions.iter();
        let own = own.filter(|condition| condition.lower_key() == key);
        let denying = self.constraints.iter();
        let denying = denying.filter(|one| one.denies && one.claim == claim);
        own.chain(denying.map(|one| one.condition)).collect()
    }

    /// A condition on a key that no caller with a web identity has, and that fails without it.
    pub(crate) fn shut_by(&self) -> Option<&'a Condition> {
        let nobody = Request::new("");
        let mut conditions = self.statement.conditions.iter();
        conditions.find(|condition| {
            is_of_principal(condition.lower_key())
                && !condition_holds(condition, self.version, &nobody)
        })
    }

    /// A condition that asked for a time which is past. One that cannot be read is not: what IAM
    /// makes of it is not documented.
    pub(crate) fn expired(&self, now: Option<&str>) -> Option<&'a Condition> {
        let now = now.filter(|now| date_millis(now).is_some())?;
        let mut request = Request::new("");
        let time = vec![now.to_owned()];
        request.context.insert("aws:CurrentTime".to_owned(), time);
        let mut conditions = self.statement.conditions.iter();
        conditions.find(|condition| {
            let until = matches!(
                condition.operator.base,
                Base::Date(Comparison::LessThan | Comparison::LessThanEquals)
            );
            let mut values = condition.values.iter();
            until
                && condition.lower_key() == "aws:currenttime"
                && !condition.values.is_empty()
                && values.all(|value| !value.unknown && date_millis(&value.text).is_some())
                && !condition_holds(condition, self.version, &request)
        })
    }

    /// Whether a Deny without conditions refuses every token.
    pub(crate) fn is_denied(&self, policy: &Policy) -> bool {
        let mut denying = denying(policy, &self.issuer);
        denying.any(|deny| deny.conditions.is_empty())
    }
}
