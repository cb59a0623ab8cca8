//! Hours of the week: `Mon-Fri 08:00-18:00 Europe/Berlin`.

use chrono::{DateTime, Datelike, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::Invalid;

const HELP: &str = "write days, hours and a time zone: Mon-Fri 08:00-18:00 Europe/Berlin";
const MINUTES_PER_DAY: u32 = 24 * 60;

/// Hours of the week in a time zone. The end is not part of them; hours that end before they
/// begin run past midnight and belong to the day on which they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    days: [bool; 7],
    /// Minutes since midnight.
    from: u32,
    until: u32,
    zone: Tz,
    text: String,
}

impl Hours {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let &[days, hours, zone] = words.as_slice() else {
            return Err(Invalid::new(
                format!("`{text}` is not days, hours and a time zone"),
                HELP,
            ));
        };
        let (from, until) = hours
            .split_once('-')
            .and_then(|(from, until)| Some((minutes(from)?, minutes(until)?)))
            .filter(|(from, until)| from != until && *from < MINUTES_PER_DAY)
            .ok_or_else(|| Invalid::new(format!("`{hours}` are not hours"), HELP))?;
        let zone = zone.parse().map_err(|_| {
            Invalid::new(
                format!("`{zone}` is not a time zone"),
                "write a name of the IANA database, such as UTC or Europe/Berlin",
            )
        })?;
        Ok(Self {
            days: parse_days(days)?,
            from,
            until,
            zone,
            text: text.to_owned(),
        })
    }

    /// Whether the moment lies within them.
    pub(crate) fn contain(&self, moment: DateTime<Utc>) -> bool {
        let local = moment.with_timezone(&self.zone);
        let minute = local.hour() * 60 + local.minute();
        let today = self.days[local.weekday().num_days_from_monday() as usize];
        let yesterday = self.days[local.weekday().pred().num_days_from_monday() as usize];
        if self.from < self.until {
            today && (self.from..self.until).contains(&minute)
        } else {
            (today && minute >= self.from) || (yesterday && minute < self.until)
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

fn minutes(text: &str) -> Option<u32> {
    if text == "24:00" {
        return Some(MINUTES_PER_DAY);
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    Some(time.hour() * 60 + time.minute())
}

fn parse_days(text: &str) -> Result<[bool; 7], Invalid> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (weekday(first), weekday(last)) else {
            return Err(Invalid::new(
                format!("`{part}` are not days of the week"),
                HELP,
            ));
        };
        let mut day = first;
        loop {
            days[day.num_days_from_monday() as usize] = true;
            if day == last {
                break;
            }
            day = day.succ();
        }
    }
    Ok(days)
}

fn weekday(text: &str) -> Option<Weekday> {
    let known = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    known
        .contains(&text.to_lowercase().as_str())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contain(hours: &str, moment: &str) -> bool {
        Hours::parse(hours)
            .unwrap()
            .contain(moment.parse().unwrap())
    }

    #[test]
    fn the_zone_decides_also_across_summer_time() {
        let office = "Mon-Fri 08:00-18:00 Europe/Berlin";
        assert!(contain(office, "2026-11-20T07:00:00Z"), "08:00 in winter");
        assert!(!contain(office, "2026-11-20T06:59:59Z"));
        assert!(contain(office, "2026-07-17T06:00:00Z"), "08:00 in summer");
        assert!(!contain(office, "2026-11-20T17:00:00Z"), "the end is out");
        assert!(!contain(office, "2026-11-21T10:00:00Z"), "a Saturday");
    }

    #[test]
    fn the_hour_that_is_skipped_or_lived_twice_is_the_clocks() {
        // Berlin: 02:00 becomes 03:00 on 2026-03-29 and 03:00 becomes 02:00 on 2026-10-25.
        let early = "Sun 02:00-03:00 Europe/Berlin";
        assert!(!contain(early, "2026-03-29T00:59:59Z"), "01:59");
        assert!(!contain(early, "2026-03-29T01:00:00Z"), "already 03:00");
        assert!(
            contain(early, "2026-10-25T00:00:00Z"),
            "02:00 in summer time"
        );
        assert!(
            contain(early, "2026-10-25T01:59:59Z"),
            "02:59 in winter time"
        );
        assert!(
            !contain(early, "2026-10-25T02:00:00Z"),
            "03:00 in winter time"
        );
    }

    #[test]
    fn nights_belong_to_the_day_they_begin_on() {
        let night = "Fri 22:00-06:00 UTC";
        assert!(contain(night, "2026-11-20T23:00:00Z"));
        assert!(contain(night, "2026-11-21T05:59:00Z"));
        assert!(!contain(night, "2026-11-20T05:00:00Z"));
        assert!(!contain(night, "2026-11-21T23:00:00Z"));
    }

    #[test]
    fn days_wrap_and_are_listed() {
        assert!(contain("Sat-Mon 00:00-24:00 UTC", "2026-11-22T12:00:00Z"));
        assert!(!contain(
            "Mon,Wed,Fri 00:00-24:00 UTC",
            "2026-11-24T12:00:00Z"
        ));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "Mon-Fri",
            "Mon-Fri 08:00-18:00",
            "Mon-Fri 8-18 UTC",
            "Mon-Fri 08:00-08:00 UTC",
            "Mon-Fri 25:00-26:00 UTC",
            "Foo 08:00-18:00 UTC",
            "Mon-Fri 08:00-18:00 Europe/Atlantis",
            "Mon-Fri 24:00-06:00 UTC",
        ] {
            assert!(Hours::parse(text).is_err(), "{text}");
        }
    }
}
