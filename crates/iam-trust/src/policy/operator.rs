//! The names of the condition operators.

/// A condition operator: an optional set operator, a comparison, an optional `IfExists`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The name as the policy spells it.
    pub name: String,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetOperator>,
    /// What is compared, and how.
    pub base: Base,
    /// Whether a missing key satisfies it.
    pub if_exists: bool,
}

/// How a condition looks at a key with several values.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum SetOperator {
    /// Every value must hold; also none at all does.
    ForAllValues,
    /// One value must hold.
    ForAnyValue,
}

/// The comparison without its decorations.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// Texts, with case; negated or not.
    StringEquals(Polarity),
    /// Texts, without case.
    StringEqualsIgnoreCase(Polarity),
    /// Texts with wildcards, with case.
    StringLike(Polarity),
    /// ARNs, part by part. `ArnEquals` behaves exactly like it.
    ArnLike(Polarity),
    /// Addresses in ranges.
    IpAddress(Polarity),
    /// Numbers.
    Numeric(Comparison),
    /// Times.
    Date(Comparison),
    /// `true` or `false`.
    Bool,
    /// Bytes in base64.
    Binary,
    /// Whether the key is missing.
    Null,
}

/// Whether a comparison is asked for or ruled out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// One of the wanted values must match.
    Positive,
    /// None of them may.
    Negated,
}

/// How two numbers or times are compared.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Equals,
    /// Not equal.
    NotEquals,
    /// Less than the policy's value.
    LessThan,
    /// Less or equal.
    LessThanEquals,
    /// Greater than the policy's value.
    GreaterThan,
    /// Greater or equal.
    GreaterThanEquals,
}

use Polarity::{Negated, Positive};

/// All names without decorations, as AWS's "Condition operators" lists them.
const NAMES: [(&str, Base); 27] = [
    ("StringEquals", Base::StringEquals(Positive)),
    ("StringNotEquals", Base::StringEquals(Negated)),
    (
        "StringEqualsIgnoreCase",
        Base::StringEqualsIgnoreCase(Positive),
    ),
    (
        "StringNotEqualsIgnoreCase",
        Base::StringEqualsIgnoreCase(Negated),
    ),
    ("StringLike", Base::StringLike(Positive)),
    ("StringNotLike", Base::StringLike(Negated)),
    ("ArnEquals", Base::ArnLike(Positive)),
    ("ArnLike", Base::ArnLike(Positive)),
    ("ArnNotEquals", Base::ArnLike(Negated)),
    ("ArnNotLike", Base::ArnLike(Negated)),
    ("IpAddress", Base::IpAddress(Positive)),
    ("NotIpAddress", Base::IpAddress(Negated)),
    ("NumericEquals", Base::Numeric(Comparison::Equals)),
    ("NumericNotEquals", Base::Numeric(Comparison::NotEquals)),
    ("NumericLessThan", Base::Numeric(Comparison::LessThan)),
    (
        "NumericLessThanEquals",
        Base::Numeric(Comparison::LessThanEquals),
    ),
    ("NumericGreaterThan", Base::Numeric(Comparison::GreaterThan)),
    (
        "NumericGreaterThanEquals",
        Base::Numeric(Comparison::GreaterThanEquals),
    ),
    ("DateEquals", Base::Date(Comparison::Equals)),
    ("DateNotEquals", Base::Date(Comparison::NotEquals)),
    ("DateLessThan", Base::Date(Comparison::LessThan)),
    ("DateLessThanEquals", Base::Date(Comparison::LessThanEquals)),
    ("DateGreaterThan", Base::Date(Comparison::GreaterThan)),
    (
        "DateGreaterThanEquals",
        Base::Date(Comparison::GreaterThanEquals),
    ),
    ("Bool", Base::Bool),
    ("BinaryEquals", Base::Binary),
    ("Null", Base::Null),
];

impl Operator {
    /// Reads an operator's name. IAM keeps operators in the case in which they were written, and
    /// policies with `StringLIKE` are in use: case does not matter here.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (set, rest) = match name.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Some(SetOperator::ForAllValues), rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => {
                (Some(SetOperator::ForAnyValue), rest)
            }
            Some(_) => return None,
            None => (None, name),
        };
        let (plain, if_exists) = strip_if_exists(rest);
        let mut names = NAMES.iter();
        let (_, base) = *names.find(|(known, _)| known.eq_ignore_ascii_case(plain))?;
        if base == Base::Null && if_exists {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            set,
            base,
            if_exists,
        })
    }

    /// The name without set operator and `IfExists`.
    #[must_use]
    pub fn bare_name(&self) -> &str {
        let rest = self
            .name
            .split_once(':')
            .map_or(&*self.name, |(_, rest)| rest);
        strip_if_exists(rest).0
    }

    /// Whether it rules values out instead of asking for them.
    #[must_use]
    pub fn is_negated(&self) -> bool {
        matches!(
            self.base,
            Base::StringEquals(Negated)
                | Base::StringEqualsIgnoreCase(Negated)
                | Base::StringLike(Negated)
                | Base::ArnLike(Negated)
                | Base::IpAddress(Negated)
                | Base::Numeric(Comparison::NotEquals)
                | Base::Date(Comparison::NotEquals)
        )
    }

    /// Whether `*` and `?` are wildcards in its values.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        matches!(self.base, Base::StringLike(_) | Base::ArnLike(_))
    }

    /// Whether it compares texts, negated or not.
    #[must_use]
    pub fn compares_text(&self) -> bool {
        matches!(
            self.base,
            Base::StringEquals(_) | Base::StringEqualsIgnoreCase(_) | Base::StringLike(_)
        )
    }

    /// Whether it asks for one of its values, a text or a number.
    #[must_use]
    pub(crate) fn wants_value(&self) -> bool {
        self.wants_text() || self.base == Base::Numeric(Comparison::Equals)
    }

    /// Whether it compares texts and asks for one of its values.
    #[must_use]
    pub fn wants_text(&self) -> bool {
        matches!(
            self.base,
            Base::StringEquals(Positive)
                | Base::StringEqualsIgnoreCase(Positive)
                | Base::StringLike(Positive)
                | Base::ArnLike(Positive)
        )
    }
}

fn strip_if_exists(name: &str) -> (&str, bool) {
    const SUFFIX: &str = "IfExists";
    let split = name.len().saturating_sub(SUFFIX.len());
    match (name.get(..split), name.get(split..)) {
        (Some(bare), Some(suffix)) if suffix.eq_ignore_ascii_case(SUFFIX) => (bare, true),
        _ => (name, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decorations_are_told_from_the_comparison() {
        let operator = Operator::parse("ForAllValues:StringLikeIfExists").unwrap();
        assert_eq!(operator.set, Some(SetOperator::ForAllValues));
        assert_eq!(operator.base, Base::StringLike(Positive));
        assert!(operator.if_exists);
        assert_eq!(operator.bare_name(), "StringLike");
        assert!(
            Operator::parse("foranyvalue:stringnotequals")
                .unwrap()
                .is_negated()
        );
    }

    #[test]
    fn other_names_are_none() {
        for name in [
            "",
            "IfExists",
            "StringMatches",
            "NullIfExists",
            "ForEach:StringLike",
            "StringLike ",
            "ForAllValues:",
            "ForAllValues:ForAnyValue:StringLike",
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }
}
