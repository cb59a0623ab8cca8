//! Numbers in conditions.

use std::cmp::Ordering;

/// Compares two numbers; nothing where either is none. Whole numbers are compared exactly: an id
/// of 64 bits does not fit a float.
pub(super) fn compare(one: &str, two: &str) -> Option<Ordering> {
    if let (Ok(one), Ok(two)) = (one.parse::<i128>(), two.parse::<i128>()) {
        return Some(one.cmp(&two));
    }
    let (one, two): (f64, f64) = (one.parse().ok()?, two.parse().ok()?);
    one.partial_cmp(&two)
}
