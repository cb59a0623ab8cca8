//! Whether a policy lets a request in, as IAM decides it, with the trace.
//!
//! The rules are those of "Policy evaluation logic" and "Condition operators" in the IAM user guide.
//! **Where the documents leave a doubt, the reading that admits more is taken**: a doubtful
//! condition holds in an Allow and fails in a Deny. Each such place says so. What this evaluator
//! refuses, STS refuses; what it admits, STS may still refuse (an audience that the provider does
//! not list, a session tag without `sts:TagSession`, a limit of the organisation).

mod arn;
mod condition;
mod date;
mod explanation;
mod ip;
mod number;
mod variable;

use crate::pattern::Token;
use crate::policy::{Condition, Effect, Policy, Statement, Version};
use crate::request::{ACTION, Keys, Request};

pub use date::date_millis;
pub use explanation::{ConditionTrace, Explanation, Got, StatementTrace};

/// Evaluates a request against a trust policy: any matching Deny refuses, else any matching Allow
/// lets in, else it is refused.
#[must_use]
pub fn evaluate(policy: &Policy, request: &Request) -> Explanation {
    let keys = request.keys();
    let statements = policy.statements.iter();
    let traces = statements.map(|statement| trace(policy.version, statement, request, &keys));
    Explanation::of(traces.collect())
}

/// The verdict of [`evaluate`] alone.
pub(crate) fn admits(policy: &Policy, request: &Request) -> bool {
    let keys = request.keys();
    let matching = |effect: Effect| {
        let mut statements = policy.statements.iter();
        statements.any(|statement| {
            statement.effect == effect && holds(policy.version, statement, request, &keys)
        })
    };
    matching(Effect::Allow) && !matching(Effect::Deny)
}

/// Whether one statement matches a request.
pub(crate) fn matches_statement(
    version: Version,
    statement: &Statement,
    request: &Request,
) -> bool {
    holds(version, statement, request, &request.keys())
}

fn holds(version: Version, statement: &Statement, request: &Request, keys: &Keys) -> bool {
    let lean = statement.effect == Effect::Allow;
    let arn = request.provider_arn.as_deref();
    statement.principals.include(&request.issuer, arn, lean)
        && statement.actions.cover(ACTION, lean)
        && statement
            .conditions
            .iter()
            .all(|one| condition::holds(one, version, keys, lean))
}

fn trace(
    version: Version,
    statement: &Statement,
    request: &Request,
    keys: &Keys,
) -> StatementTrace {
    let lean = statement.effect == Effect::Allow;
    let arn = request.provider_arn.as_deref();
    let principal = statement.principals.include(&request.issuer, arn, lean);
    let action = statement.actions.cover(ACTION, lean);
    let conditions: Vec<_> = statement
        .conditions
        .iter()
        .map(|one| ConditionTrace {
            operator: one.operator.name.clone(),
            key: one.key.clone(),
            wanted: one.values.iter().map(|value| value.text.clone()).collect(),
            got: Got::of(keys.get(one.lower_key())),
            matched: condition::holds(one, version, keys, lean),
            place: one.place.clone(),
        })
        .collect();
    StatementTrace {
        index: statement.index,
        sid: statement.sid.clone(),
        effect: statement.effect,
        matched: principal && action && conditions.iter().all(|one| one.matched),
        principal,
        action,
        conditions,
        place: statement.place.clone(),
    }
}

/// A value with its variables filled in from a request, and every wildcard by a text; nothing where
/// a variable stands for nothing.
pub(crate) fn expanded(
    value: &str,
    version: Version,
    wildcards: bool,
    request: &Request,
    with: &str,
) -> Option<String> {
    let tokens = variable::expand(value, version, wildcards, &request.keys())?;
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Char(c) => text.push(c),
            Token::Run => text.push_str(with),
            Token::One => text.push('x'),
        }
    }
    Some(text)
}

/// Whether one condition holds for a request, in a Deny.
pub(crate) fn denial_holds(condition: &Condition, version: Version, request: &Request) -> bool {
    condition::holds(condition, version, &request.keys(), false)
}

/// Whether one condition holds for a request, in an Allow.
pub(crate) fn condition_holds(condition: &Condition, version: Version, request: &Request) -> bool {
    condition::holds(condition, version, &request.keys(), true)
}
