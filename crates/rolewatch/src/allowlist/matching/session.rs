//! Session lengths: `15m`, `1h`, `1h30m`, `5400s`.

use std::fmt::Write as _;

use super::Invalid;

/// The shortest session STS issues, in seconds (`DurationSeconds`, 900).
pub(in crate::allowlist) const SHORTEST_SESSION: u64 = 900;
/// The longest session a role can allow, in seconds (`MaxSessionDuration`, 43200).
pub(crate) const LONGEST_SESSION: u64 = 43_200;

/// A length of time in seconds, from numbers with the units h, m and s, longest first.
///
/// # Errors
/// Text of any other form.
pub fn parse_duration(text: &str) -> Result<u64, Invalid> {
    duration(text).ok_or_else(|| {
        Invalid::new(
            format!("`{text}` is not a length of time"),
            "write hours, minutes or seconds: 15m, 1h, 1h30m, 900s",
        )
    })
}

fn duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut seconds = 0u64;
    for (unit, factor) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(seconds)
}

/// The shortest spelling that [`parse_duration`] reads back: 900 is `15m`.
#[must_use]
pub fn format_duration(seconds: u64) -> String {
    let mut text = String::new();
    for (unit, count) in [
        ('h', seconds / 3600),
        ('m', seconds / 60 % 60),
        ('s', seconds % 60),
    ] {
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_read() {
        for (text, seconds) in [
            ("15m", 900),
            ("1h", 3600),
            ("1h30m", 5400),
            ("90m", 5400),
            ("900s", 900),
        ] {
            assert_eq!(parse_duration(text).unwrap(), seconds, "{text}");
        }
        for text in [
            "",
            "15",
            "m",
            "15 m",
            "1m1h",
            "1.5h",
            "-1h",
            "1d",
            "99999999999999999999h",
            "1h1h",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 0u64..1_000_000) {
            prop_assert_eq!(parse_duration(&format_duration(seconds)).unwrap(), seconds);
        }
    }
}
