//! Times in conditions: the W3C forms of ISO 8601, or seconds since 1970.

use std::cmp::Ordering;

/// Compares two times; nothing where either is none.
pub(super) fn compare(one: &str, two: &str) -> Option<Ordering> {
    Some(date_millis(one)?.cmp(&date_millis(two)?))
}

/// A time in a condition or a request, in milliseconds since 1970. Four digits alone are a year, as in the W3C's profile; any other whole
/// number is seconds.
#[must_use]
pub fn date_millis(text: &str) -> Option<i64> {
    let whole = text.strip_prefix('-').unwrap_or(text);
    if whole.len() != 4 && !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse::<i64>().ok()?.checked_mul(1000);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let valid = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid {
        return None;
    }
    let time = time.map_or(Some(0), time_of_day)?;
    Some(days(year, month, day) * 86_400_000 + time)
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let valid = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

/// `hh:mm[:ss[.fff]]` and a zone, in milliseconds of UTC.
fn time_of_day(text: &str) -> Option<i64> {
    let zone = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone)?;
    let mut parts = clock.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let seconds = parts.next().map_or(Some(0), seconds)?;
    if parts.next().is_some() || hour > 24 || minute > 59 {
        return None;
    }
    Some((hour * 60 + minute) * 60_000 + seconds - offset(zone)?)
}

fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = digits(whole, 2).filter(|seconds| *seconds <= 60)?;
    let valid = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    valid.then_some(whole * 1000 + thousandths.parse::<i64>().ok()?)
}

fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hour, minute) = zone.get(1..)?.split_once(':')?;
    Some(sign * (digits(hour, 2)? * 60 + digits(minute, 2)?) * 60_000)
}

/// Days since 1970-01-01 in the Gregorian calendar: years are counted from March, so that the leap
/// day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_time() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970", Some(0)),
            ("2026-11-20", Some(1_795_132_800_000)),
            ("2026-11-20T10:15:00Z", Some(1_795_169_700_000)),
            ("2026-11-20T10:15:00.250Z", Some(1_795_169_700_250)),
            ("2026-11-20T11:15+01:00", Some(1_795_169_700_000)),
            ("1795169700", Some(1_795_169_700_000)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("tomorrow", None),
            ("2026-11-20T10:15:00", None),
            ("", None),
        ] {
            assert_eq!(date_millis(text), expected, "{text}");
        }
    }
}
