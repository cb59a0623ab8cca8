//! One condition: missing keys, several values, set operators, and the comparison itself.

use crate::pattern::{Token, literal, matches_chars};
use crate::policy::{Base, Comparison, Condition, SetOperator, Version};
use crate::request::Keys;

use super::{arn, date, ip, number, variable};

/// Whether a condition holds. `lean` is the answer to a doubt.
///
/// - A missing key: positive operators fail, negated ones and `…IfExists` hold, `ForAllValues:`
///   holds, `ForAnyValue:` fails. `ForAnyValue:…IfExists` on a missing key is a doubt (its two
///   halves contradict each other), and so is `ForAnyValue:` with a negated operator.
/// - `ForAllValues:` also holds where the values are all empty texts (a "null data set").
/// - Several values without a set operator: a positive operator wants one match. For a negated one
///   it is a doubt whether one value without a match is enough.
pub(super) fn holds(condition: &Condition, version: Version, keys: &Keys, lean: bool) -> bool {
    let operator = &condition.operator;
    let got = keys.get(condition.lower_key());
    if operator.base == Base::Null {
        return null(condition, got.is_none(), lean);
    }
    let judge = Judge {
        condition,
        version,
        keys,
        lean,
    };
    match (operator.set, got) {
        (Some(SetOperator::ForAllValues), None) => true,
        (Some(SetOperator::ForAnyValue), None) => {
            lean && (operator.if_exists || operator.is_negated())
        }
        (None, None) => operator.if_exists || operator.is_negated(),
        (Some(SetOperator::ForAllValues), Some(got)) => {
            got.iter().all(String::is_empty) || got.iter().all(|value| judge.accepts(value))
        }
        (Some(SetOperator::ForAnyValue), Some(got)) => got.iter().any(|value| judge.accepts(value)),
        (None, Some(got)) if operator.is_negated() && !lean => {
            got.iter().all(|value| judge.accepts(value))
        }
        (None, Some(got)) => got.iter().any(|value| judge.accepts(value)),
    }
}

/// `Null`: `true` wants the key to be missing, `false` to be there. Another value is a doubt.
fn null(condition: &Condition, missing: bool, lean: bool) -> bool {
    condition.values.iter().any(|value| {
        if value.text.eq_ignore_ascii_case("true") {
            missing
        } else if value.text.eq_ignore_ascii_case("false") {
            !missing
        } else {
            lean
        }
    })
}

struct Judge<'a> {
    condition: &'a Condition,
    version: Version,
    keys: &'a Keys,
    lean: bool,
}

impl Judge<'_> {
    /// Whether one value of the request satisfies the operator: it matches one of the wanted
    /// values or, negated, none of them.
    ///
    /// A wanted value of which a template leaves all open, or whose variable has no value, is a
    /// doubt for a negated operator; for a positive one the former is.
    fn accepts(&self, got: &str) -> bool {
        let negated = self.condition.operator.is_negated();
        let mut doubt = false;
        let got = Value::of(got, self.condition.operator.base);
        for (wanted, pattern) in self.condition.patterns() {
            if wanted.unknown {
                doubt = true;
                continue;
            }
            let answer = match pattern {
                Some(pattern) => self.compare(pattern, &wanted.text, &got),
                None => self.compare_expanded(&wanted.text, &got),
            };
            match answer {
                Some(true) => return !negated,
                Some(false) => {}
                None => doubt |= negated,
            }
        }
        if doubt { self.lean } else { negated }
    }

    /// The same for a value with policy variables.
    fn compare_expanded(&self, wanted: &str, got: &Value<'_>) -> Option<bool> {
        let operator = &self.condition.operator;
        let tokens = variable::expand(wanted, self.version, operator.has_wildcards(), self.keys)?;
        let text = text_of(&tokens);
        match operator.base {
            Base::StringEqualsIgnoreCase(_) => {
                self.compare(&literal(&text.to_lowercase()), &text, got)
            }
            _ => self.compare(&tokens, &text, got),
        }
    }

    /// Whether a value of the request is what a value of the policy describes; nothing where the
    /// latter describes nothing. For `…NotEquals` the question is equality: the caller negates.
    fn compare(&self, pattern: &[Token], wanted: &str, got: &Value<'_>) -> Option<bool> {
        match self.condition.operator.base {
            Base::StringEquals(_) | Base::StringLike(_) | Base::StringEqualsIgnoreCase(_) => {
                Some(matches_chars(pattern, &got.chars))
            }
            Base::ArnLike(_) => Some(arn::matches(pattern, got.text)),
            Base::IpAddress(_) => ip::contains(wanted, got.text),
            Base::Numeric(comparison) => {
                let order = number::compare(got.text, wanted)?;
                Some(compares(comparison, order))
            }
            Base::Date(comparison) => {
                let order = date::compare(got.text, wanted)?;
                Some(compares(comparison, order))
            }
            Base::Bool => Some(wanted.eq_ignore_ascii_case(got.text)),
            Base::Binary => Some(wanted == got.text),
            Base::Null => None,
        }
    }
}

/// A value of the request, taken apart once for all values of the policy.
struct Value<'a> {
    text: &'a str,
    chars: Vec<char>,
}

impl<'a> Value<'a> {
    fn of(text: &'a str, base: Base) -> Self {
        let chars = match base {
            Base::StringEqualsIgnoreCase(_) => text.to_lowercase().chars().collect(),
            _ => text.chars().collect(),
        };
        Self { text, chars }
    }
}

fn compares(comparison: Comparison, order: std::cmp::Ordering) -> bool {
    match comparison {
        Comparison::Equals | Comparison::NotEquals => order.is_eq(),
        Comparison::LessThan => order.is_lt(),
        Comparison::LessThanEquals => order.is_le(),
        Comparison::GreaterThan => order.is_gt(),
        Comparison::GreaterThanEquals => order.is_ge(),
    }
}

fn text_of(tokens: &[Token]) -> String {
    let chars = tokens.iter().map(|token| match token {
        Token::Char(c) => *c,
        Token::Run => '*',
        Token::One => '?',
    });
    chars.collect()
}
