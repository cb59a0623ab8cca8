//! The conditions that say whose tokens get in.

use github_oidc::Issuer;

use crate::pattern::{Token, matches_chars, wildcards};
use crate::policy::{Condition, Effect, Policy, Statement, Text, Version};
use crate::witness::fill::{claim_of, pattern_of};
use crate::witness::segments;

/// A condition on a claim that says who comes: one that must hold in the Allow, or one whose
/// negation denies.
pub(super) struct Constraint<'a> {
    pub(super) condition: &'a Condition,
    pub(super) claim: &'static str,
    pub(super) denies: bool,
    /// What its values describe, in their order.
    pub(super) described: Vec<Described<'a>>,
}

/// What a complaint is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// Whose a token is.
    Names,
    /// For what it runs.
    Context,
}

fn letters(claim: &str, text: &str) -> (usize, usize) {
    let count = |text: &str| text.replace(['*', '?'], "").len();
    match claim {
        "sub" => match segments(text) {
            Some((owner, repository, _)) => {
                let rest = text.trim_start_matches("repo:").split_once(':');
                let names = count(owner) + repository.map_or(0, count);
                (names, rest.map_or(0, |(_, context)| count(context)))
            }
            None => (count(text), count(text)),
        },
        "ref" | "environment" => (0, count(text)),
        _ => (count(text), 0),
    }
}

/// What one value describes, whichever way its operator takes it.
pub(super) struct Described<'a> {
    value: &'a Text,
    /// How many of its characters are no wildcards: of those that say whose a token is, and of those
    /// that say for what it runs.
    letters: (usize, usize),
    pattern: Option<Vec<Token>>,
}

impl<'a> Described<'a> {
    fn of(condition: &Condition, claim: &str, value: &'a Text, version: Version) -> Self {
        let pattern = pattern_of(&value.text, version);
        let is_pattern = condition.operator.has_wildcards() || pattern != value.text;
        Self {
            value,
            letters: letters(claim, &value.text),
            pattern: is_pattern.then(|| wildcards(&pattern)),
        }
    }

    /// How much the value says of a matter; nothing where it is not about it.
    pub(super) fn says(&self, matter: Matter) -> usize {
        match matter {
            Matter::Names => self.letters.0,
            Matter::Context => self.letters.1,
        }
    }

    /// Whether the value describes a text, given also as its characters.
    pub(super) fn has(&self, text: &str, chars: &[char]) -> bool {
        match &self.pattern {
            Some(pattern) => matches_chars(pattern, chars),
            None => self.value.text.eq_ignore_ascii_case(text),
        }
    }
}

/// The Denies that are about an issuer's tokens.
pub(super) fn denying<'a>(
    policy: &'a Policy,
    issuer: &Issuer,
) -> impl Iterator<Item = &'a Statement> {
    let issuer = issuer.clone();
    policy.statements.iter().filter(move |statement| {
        statement.effect == Effect::Deny
            && statement.principals.include(&issuer, None, false)
            && statement.actions.cover(crate::request::ACTION, false)
    })
}

/// The claims whose values say who holds a token and for what it runs.
const TELLING: [&str; 6] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner_id",
    "environment",
    "ref",
];

pub(super) fn constraints<'a>(
    policy: &'a Policy,
    statement: &'a Statement,
    issuer: &Issuer,
) -> Vec<Constraint<'a>> {
    let telling = |condition: &'a Condition, denies: bool| {
        let key = condition.lower_key();
        let claim = claim_of(issuer, key)?;
        let claim = TELLING.iter().find(|known| **known == claim)?;
        let holds = condition.operator.wants_value() && !denies;
        let lets_through = condition.operator.is_negated() && denies;
        let values = condition.values.iter();
        let described = values.map(|value| Described::of(condition, claim, value, policy.version));
        (holds || lets_through).then(|| Constraint {
            condition,
            claim,
            denies,
            described: described.collect(),
        })
    };
    let own = statement.conditions.iter();
    let own = own.filter_map(|condition| telling(condition, false));
    let denies = denying(policy, issuer).flat_map(|deny| &deny.conditions);
    let denies = denies.filter_map(|condition| telling(condition, true));
    own.chain(denies).collect()
}
