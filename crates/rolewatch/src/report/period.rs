//! The days that a report is about.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use crate::store::IsoWeek;

/// Whole days, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: NaiveDate,
    /// The last day, which is part of it.
    pub last: NaiveDate,
}

/// Why there is no such period; a lower-case fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The text or the number names no week.
    #[error("not a week; write the ISO week as 2026-W47")]
    Week,
    /// It ends before it begins.
    #[error("the period ends before it begins")]
    Backwards,
    /// It is longer than [`LONGEST`].
    #[error("a report covers at most {LONGEST} days")]
    TooLong,
}

/// The most days that a report covers.
pub const LONGEST: i64 = 366;
/// So long after its end a week is taken for complete: CloudTrail's records are there by then.
const SETTLING: TimeDelta = TimeDelta::hours(2);

impl Period {
    /// From `first` to `last`, both included.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self, PeriodError> {
        let period = Self { first, last };
        match period.days() {
            ..=0 => Err(PeriodError::Backwards),
            1..=LONGEST => Ok(period),
            _ => Err(PeriodError::TooLong),
        }
    }

    /// The days of a week.
    pub fn of_week(week: IsoWeek) -> Result<Self, PeriodError> {
        let mut days = week.days();
        let first = days.next().ok_or(PeriodError::Week)?;
        let last = days.last().ok_or(PeriodError::Week)?;
        Ok(Self { first, last })
    }

    /// The week that a text such as `2026-W47` names.
    pub fn parse_week(text: &str) -> Result<Self, PeriodError> {
        let (year, week) = text.split_once("-W").ok_or(PeriodError::Week)?;
        let digits =
            |text: &str, many| text.len() == many && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(week, 2) {
            return Err(PeriodError::Week);
        }
        let week = IsoWeek {
            year: year.parse().map_err(|_| PeriodError::Week)?,
            week: week.parse().map_err(|_| PeriodError::Week)?,
        };
        Self::of_week(week)
    }

    /// The last ISO week that was complete at least two hours before `now`.
    #[must_use]
    pub fn last_complete_week(now: DateTime<Utc>) -> Self {
        let today = (now - SETTLING).date_naive();
        let monday = today - Days::new(today.weekday().num_days_from_monday().into());
        Self {
            first: monday - Days::new(7),
            last: monday - Days::new(1),
        }
    }

    /// What its report is called: the week, or the first and last day.
    #[must_use]
    pub fn name(self) -> String {
        let week = IsoWeek::of(self.first.and_time(NaiveTime::MIN).and_utc());
        match Self::of_week(week) {
            Ok(whole) if whole == self => week.to_string(),
            _ => format!("{}_{}", self.first, self.last),
        }
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Its days, in order.
    pub fn each_day(self) -> impl Iterator<Item = NaiveDate> {
        self.first
            .iter_days()
            .take_while(move |day| *day <= self.last)
    }

    /// Whether the day is one of its.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// As many days, right before it.
    #[must_use]
    pub fn before(self) -> Self {
        let days = TimeDelta::days(self.days());
        Self {
            first: self.first - days,
            last: self.last - days,
        }
    }

    /// The ISO week that it is, if it is one.
    #[must_use]
    pub fn week(self) -> Option<IsoWeek> {
        let is_week = self.days() == 7 && self.first.weekday() == Weekday::Mon;
        is_week.then(|| IsoWeek {
            year: self.first.iso_week().year(),
            week: self.first.iso_week().week(),
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.first, self.last);
        let month = if first.year() != last.year() {
            " %B %Y"
        } else if first.month() != last.month() {
            " %B"
        } else {
            ""
        };
        match self.days() {
            1 => write!(f, "{}", last.format("%-d %B %Y")),
            _ => write!(
                f,
                "{} to {}",
                first.format(&format!("%-d{month}")),
                last.format("%-d %B %Y")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_iso_weeks() {
        let week = Period::parse_week("2026-W01").unwrap();
        assert_eq!(week.to_string(), "29 December 2025 to 4 January 2026");
        assert_eq!(week.week().unwrap().to_string(), "2026-W01");
        assert_eq!(week.before().week().unwrap().to_string(), "2025-W52");
        for text in [
            "2026-W54", "2026-W00", "2026-47", "2026W47", "26-W47", "2026-W+7", "",
        ] {
            assert_eq!(Period::parse_week(text), Err(PeriodError::Week), "{text}");
        }
        assert!(Period::parse_week("2026-W53").is_ok());
    }

    #[test]
    fn a_week_is_complete_two_hours_after_its_end() {
        let week = |now: &str| {
            Period::last_complete_week(now.parse().unwrap())
                .week()
                .unwrap()
        };
        assert_eq!(week("2026-11-23T01:59:59Z").to_string(), "2026-W46");
        assert_eq!(week("2026-11-23T02:00:00Z").to_string(), "2026-W47");
        assert_eq!(week("2026-11-29T23:00:00Z").to_string(), "2026-W47");
    }

    #[test]
    fn periods_are_whole_days_in_order() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let (a, b) = (day("2026-11-16"), day("2026-11-18"));
        let period = Period::new(a, b).unwrap();
        assert_eq!((period.days(), period.each_day().count()), (3, 3));
        assert_eq!(period.before().last, day("2026-11-15"));
        assert_eq!(period.week(), None);
        assert_eq!(period.to_string(), "16 to 18 November 2026");
        assert_eq!(Period::new(b, a), Err(PeriodError::Backwards));
        assert_eq!(Period::new(a, day("2028-11-16")), Err(PeriodError::TooLong));
    }
}
