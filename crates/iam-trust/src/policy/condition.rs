//! The element `Condition`.

use std::collections::HashMap;
use std::ops::Range;

use crate::json::{Node, Value};
use crate::pattern::{Token, literal, wildcards};
use crate::place::{Place, Problem, step};

use super::parse::Reader;
use super::{Base, Operator, Text};

/// A value that a condition wants.
pub type ConditionValue = Text;

/// One operator on one key.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key as the policy spells it; its case does not matter.
    pub key: String,
    /// The wanted values.
    pub values: Vec<ConditionValue>,
    /// Where the key stands.
    pub place: Place,
    /// The bytes of the value or the list of values in [`Policy::text`](super::Policy::text).
    pub span: Range<usize>,
    lower_key: String,
    /// The values as patterns, to match many requests; nothing for one with policy variables.
    patterns: Vec<Option<Vec<Token>>>,
}

impl Condition {
    /// Whether its values stand in the document as they are: those that a template computes must not
    /// be overwritten by what they come to.
    pub(crate) fn is_literal(&self) -> bool {
        self.values.iter().all(|value| !value.computed)
    }

    /// The key in lower case.
    #[must_use]
    pub fn lower_key(&self) -> &str {
        &self.lower_key
    }

    /// The values, each with its pattern if it has no policy variables.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = (&ConditionValue, Option<&[Token]>)> {
        let patterns = self.patterns.iter().map(Option::as_deref);
        self.values.iter().zip(patterns)
    }
}

/// The operators by which one statement compares one key, to see a key that comes twice in another
/// case.
pub(super) fn read(reader: &mut Reader<'_>, pointer: &str, node: &Node) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Some(blocks) = reader.object(pointer, node, "Condition") else {
        return conditions;
    };
    for block in blocks {
        let pointer = step(pointer, &block.key);
        let place = reader.origin.place(&pointer, block.key_span.start);
        let Some(operator) = Operator::parse(&block.key) else {
            reader.problems.push(unknown_operator(place, &block.key));
            continue;
        };
        let Some(members) = reader.object(&pointer, &block.value, &block.key) else {
            continue;
        };
        for member in members {
            let pointer = step(&pointer, &member.key);
            let place = reader.origin.place(&pointer, member.key_span.start);
            let values = values(reader, &pointer, &member.value, &operator);
            conditions.push(Condition {
                operator: operator.clone(),
                key: member.key.clone(),
                lower_key: member.key.to_ascii_lowercase(),
                patterns: values
                    .iter()
                    .map(|value| pattern(&operator, value))
                    .collect(),
                values,
                place,
                span: member.value.span.clone(),
            });
        }
    }
    twice(reader, &conditions);
    conditions
}

fn pattern(operator: &Operator, value: &Text) -> Option<Vec<Token>> {
    let text = &value.text;
    if text.contains("${") {
        return None;
    }
    Some(match operator.base {
        Base::StringEqualsIgnoreCase(_) => literal(&text.to_lowercase()),
        _ if operator.has_wildcards() => wildcards(text),
        _ => literal(text),
    })
}

fn unknown_operator(place: Place, name: &str) -> Problem {
    let problem = Problem::new(place, format!("no condition operator is called {name:?}"));
    if name.to_ascii_lowercase().starts_with("null") {
        return problem.help("Null takes no IfExists");
    }
    problem.help("the operators are those of \"Condition operators\" in the IAM user guide")
}

/// One operator with one key in two cases: which of them IAM would take is not documented.
fn twice(reader: &mut Reader<'_>, conditions: &[Condition]) {
    let mut seen: HashMap<(&str, &str), &Condition> = HashMap::new();
    for condition in conditions {
        let key = (&*condition.operator.name, condition.lower_key());
        let earlier = seen.insert(key, condition);
        if let Some(earlier) = earlier.filter(|earlier| earlier.key != condition.key) {
            let message = format!(
                "{:?} is {:?} of line {} again: the case of a key does not matter",
                condition.key, earlier.key, earlier.place.line
            );
            let problem = Problem::new(condition.place.clone(), message);
            reader.problems.push(problem.help("join the two"));
        }
    }
}

fn values(
    reader: &mut Reader<'_>,
    pointer: &str,
    node: &Node,
    operator: &Operator,
) -> Vec<ConditionValue> {
    if matches!(node.value, Value::Null) {
        let place = reader.origin.place(pointer, node.span.start);
        let problem = Problem::new(place, "a condition's value may not be null");
        reader.problems.push(problem);
        return Vec::new();
    }
    if operator.is_negated() {
        // Each value allows less: which of a choice is deployed is open.
        return reader.texts(pointer, node, "a condition's value");
    }
    reader.widest(pointer, node, "a condition's value")
}
