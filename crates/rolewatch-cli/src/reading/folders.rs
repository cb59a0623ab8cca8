//! Passing over the folders of other days.

use std::path::Path;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::Period;

/// CloudTrail's own folders, below which come the region and the day: `CloudTrail`, and
/// `CloudTrail-Digest`, `CloudTrail-Insight` and the like.
const LOGS: &str = "CloudTrail";

/// Whether a folder may hold calls of the period. Only a day's folder as S3 delivery names it
/// (`…/CloudTrail/REGION/2026/11/20`) can be told not to; a year's and a month's of the same form
/// too.
///
/// The folder is of the day of delivery, which is minutes after the call, hours after an outage,
/// and so may be the next day. One day of margin on each side covers that, and a clock or a time
/// zone gone wrong on the way in. It does not cover a bucket that took nothing for longer (for 30
/// days CloudTrail goes on trying): whoever asks with an end is told what was not opened.
pub(super) fn may_hold(folder: &Path, period: Period) -> bool {
    let Some((first, last)) = days(folder) else {
        return true;
    };
    let margin = Days::new(1);
    let early = |since: DateTime<Utc>| {
        last.checked_add_days(margin)
            .is_some_and(|last| last < since.date_naive())
    };
    let late = |until: DateTime<Utc>| {
        first
            .checked_sub_days(margin)
            .is_some_and(|first| first > until.date_naive())
    };
    !period.since.is_some_and(early) && !period.until.is_some_and(late)
}

/// The first and the last day that a folder is about.
fn days(folder: &Path) -> Option<(NaiveDate, NaiveDate)> {
    let mut names = Vec::new();
    for name in folder.iter().rev() {
        if names.len() > 4 {
            return None;
        }
        let name = name.to_str()?;
        if is_of_logs(name) {
            break;
        }
        names.push(name);
    }
    // From CloudTrail downwards: the region, then what there is of a date.
    names.reverse();
    let (region, date) = names.split_first()?;
    let mut all = folder.iter().filter_map(|name| name.to_str());
    if !region.contains('-') || !all.any(is_of_logs) {
        return None;
    }
    let first = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    match *date {
        [year] => {
            let year: i32 = number(year, 4)?.try_into().ok()?;
            Some((first(year, 1, 1)?, first(year, 12, 31)?))
        }
        [year, month] => {
            let (year, month) = (number(year, 4)?.try_into().ok()?, number(month, 2)?);
            let begin = first(year, month, 1)?;
            let next = begin.checked_add_months(chrono::Months::new(1))?;
            Some((begin, next.pred_opt()?))
        }
        [year, month, day] => {
            let year = number(year, 4)?.try_into().ok()?;
            let day = first(year, number(month, 2)?, number(day, 2)?)?;
            Some((day, day))
        }
        _ => None,
    }
}

fn is_of_logs(name: &str) -> bool {
    let rest = name.strip_prefix(LOGS);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn number(text: &str, digits: usize) -> Option<u32> {
    let all = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn read(folder: &str, since: &str, until: &str) -> bool {
        let period = Period {
            since: Some(time(since)),
            until: Some(time(until)),
        };
        may_hold(Path::new(folder), period)
    }

    #[test]
    fn folders_of_other_days_are_passed_over_with_a_margin() {
        let (since, until) = ("2026-11-20T10:00:00Z", "2026-11-21T00:00:00Z");
        for (folder, wanted) in [
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/11/18", false),
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/11/19", true),
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/11/20", true),
            ("AWSLogs/o-1/1/CloudTrail/eu-west-1/2026/11/22", true),
            ("AWSLogs/o-1/1/CloudTrail/eu-west-1/2026/11/23", false),
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/11", true),
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/12", false),
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/10", false),
            ("AWSLogs/1/CloudTrail/eu-west-1/2025", false),
            ("AWSLogs/1/CloudTrail/eu-west-1", true),
            ("AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/11/18", false),
            ("AWSLogs/1/CloudTrail-Digest/eu-west-1/2026/11/20", true),
            ("AWSLogs/1/CloudTrail-Insight/eu-west-1/2025", false),
            ("AWSLogs/1/CloudTrails/eu-west-1/2025", true),
        ] {
            assert_eq!(read(folder, since, until), wanted, "{folder}");
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let of = |folder| read(folder, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
        assert!(of("CloudTrail/us-east-1/2026/02"));
        assert!(of("CloudTrail/us-east-1/2026/02/28"));
        assert!(!of("CloudTrail/us-east-1/2026/02/27"));
        assert!(!of("CloudTrail/us-east-1/2026/01"));
    }

    #[test]
    fn other_folders_are_not_judged_by_their_names() {
        for folder in [
            "2020/01/01",
            "backup/2020",
            "CloudTrail/2020",
            "CloudTrail/eu-west-1/2020/13",
            "CloudTrail/eu-west-1/2020/1/1",
            "CloudTrail/eu-west-1/2020/01/01/extra",
            "CloudTrail/eu-west-1/20x0",
        ] {
            assert!(
                read(folder, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
                "{folder}"
            );
        }
    }
}
