//! The spellings of time in CloudTrail records.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Reads a time as CloudTrail writes it; `None` for anything else.
///
/// `eventTime` is RFC 3339. `responseElements.credentials.expiration` is English text in UTC as
/// Java's medium format gives it: `Jul 31, 2021 9:15:03 PM` until 2022, `Jul 10, 2023, 12:47:00 PM`
/// since, and with a narrow no-break space (U+202F) before AM and PM from newer runtimes.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    NaiveDateTime::parse_from_str(&words.join(" "), "%b %d %Y %I:%M:%S %p")
        .ok()
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn utc(text: &str) -> Option<String> {
        parse(text).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    #[test]
    fn every_spelling_is_read() {
        for (text, wanted) in [
            ("2023-07-10T11:47:00Z", "2023-07-10T11:47:00Z"),
            ("2023-07-10T13:47:00.250+02:00", "2023-07-10T11:47:00Z"),
            ("Jul 31, 2021 9:15:03 PM", "2021-07-31T21:15:03Z"),
            ("Jul 10, 2023, 12:47:00 PM", "2023-07-10T12:47:00Z"),
            ("Jul 1, 2023, 12:47:00 AM", "2023-07-01T00:47:00Z"),
            ("Dec 31, 2025, 11:59:59\u{202f}PM", "2025-12-31T23:59:59Z"),
            ("Jan 2, 2026, 1:02:03\u{a0}AM", "2026-01-02T01:02:03Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        for text in [
            "",
            " ",
            "yesterday",
            "Jul 32, 2021 9:15:03 PM",
            "Jul 31, 2021 13:15:03 PM",
            "Jul 31, 2021 9:15:03",
            "2023-07-10",
            "1688989620",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
