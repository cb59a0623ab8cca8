//! Numbers in words.

/// A number as people write it: `1,284`.
#[must_use]
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things.
pub(crate) trait Plural {
    /// `1 role`, `2 roles`.
    fn of(self, one: &str, many: &str) -> String;
}

impl Plural for u64 {
    fn of(self, one: &str, many: &str) -> String {
        format!("{} {}", number(self), if self == 1 { one } else { many })
    }
}

/// A part in percent; none of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> Option<String> {
    let permille = part.saturating_mul(1000).checked_div(whole)?;
    Some(match permille {
        0 if part > 0 => "under 0.1%".to_owned(),
        1000 => "100%".to_owned(),
        it if it.is_multiple_of(10) => format!("{}%", it / 10),
        it => format!("{}.{}%", it / 10, it % 10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(1.of("role", "roles"), "1 role");
    }

    #[test]
    fn parts_are_not_rounded_up() {
        assert_eq!(percent(0, 0), None);
        assert_eq!(percent(1, 100_000).unwrap(), "under 0.1%");
        assert_eq!(percent(99_999, 100_000).unwrap(), "99.9%");
        assert_eq!(percent(1, 2).unwrap(), "50%");
    }
}
