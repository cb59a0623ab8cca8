//! Whether an edit of a condition's values lets in fewer than before.

use crate::pattern::covers;
use crate::policy::{Base, Condition, Text};

/// Whether other values in the place of a condition's describe nothing that it does not: each is one
/// of them, or lies wholly within the pattern of one. For a condition that asks for its values, or a
/// Deny of everything but them, the policy then admits nobody whom it did not admit.
pub(crate) fn is_narrower(condition: &Condition, values: &[String]) -> bool {
    values.iter().all(|value| {
        let mut known = condition.values.iter();
        known.any(|known| known.text == *value || has(condition, known, value))
    })
}

fn has(condition: &Condition, known: &Text, value: &str) -> bool {
    // What a variable comes to is open.
    let open = known.unknown || !known.open.is_empty();
    if open || known.text.contains("${") || value.contains("${") {
        return false;
    }
    match condition.operator.base {
        Base::StringLike(_) => covers(&known.text, value),
        Base::StringEqualsIgnoreCase(_) => known.text.to_lowercase() == value.to_lowercase(),
        _ => false,
    }
}
