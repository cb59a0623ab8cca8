//! How much is known of some days: not what was before the first record, nor what is still to come.

use chrono::{Days, NaiveDate, NaiveTime};

use super::super::Gatherer;
use crate::report::model::{Coverage, Covered, Source};
use crate::report::period::Period;

impl Gatherer<'_> {
    pub(super) fn covered(&self, period: Period) -> Covered {
        Covered {
            week: period.week().map(|week| week.to_string()),
            first: period.first,
            last: period.last,
            known: self.coverage(period),
        }
    }

    /// How much is known of some days.
    pub(super) fn coverage(&self, period: Period) -> Coverage {
        let Some(since) = self.known_since else {
            return Coverage::Unknown;
        };
        // What is compared with has its records before those of the period.
        let until = if period == self.period {
            self.ends()
        } else {
            self.today()
        };
        if since > period.last || until < period.first {
            Coverage::Unknown
        } else if since <= period.first && until >= period.last && self.is_over(period) {
            Coverage::Whole
        } else {
            Coverage::Partly
        }
    }

    /// The days of the period that have begun.
    pub(super) fn days_so_far(&self) -> impl Iterator<Item = NaiveDate> + use<'_> {
        let days = self.period.each_day();
        days.take_while(|day| *day <= self.today())
    }

    /// Whether anything can be known of a day.
    pub(super) fn knows(&self, day: NaiveDate) -> bool {
        self.known_since.is_some_and(|since| since <= day) && day <= self.ends()
    }

    /// Why not all of the period is known.
    pub(super) fn why_not_whole(&self) -> String {
        let begins = self.known_since.filter(|it| *it > self.period.first);
        let ends = self.known_until.filter(|_| !self.is_service());
        let is_over = self.is_over(self.period);
        let ends = ends.filter(|it| !is_over || *it < self.period.last);
        let so_far = match (is_over, self.is_service()) {
            (true, _) => None,
            (false, _) if self.period.first > self.today() => Some("it has not begun".to_owned()),
            (false, false) => Some("it is not over".to_owned()),
            (false, true) => {
                let now = self.now.format("%Y-%m-%d %H:%M UTC");
                Some(format!("it is not over, counted until {now}"))
            }
        };
        let nothing = self.known_since.is_none();
        let reasons = [
            nothing.then(|| "nothing is recorded".to_owned()),
            begins.map(|it| format!("records begin on {it}")),
            so_far,
            ends.map(|it| format!("records end on {it}")),
        ];
        let reasons: Vec<String> = reasons.into_iter().flatten().collect();
        reasons.join("; ")
    }

    /// The last day of which anything can be known. Only the service is there each day: whether
    /// logs, or a store that was made of logs, were quiet in the end or were cut short, they do
    /// not tell.
    fn ends(&self) -> NaiveDate {
        let recorded = self.known_until.filter(|_| !self.is_service());
        recorded.unwrap_or_else(|| self.today())
    }

    fn is_service(&self) -> bool {
        self.source == Source::Service
    }

    /// A record proves that its day has come, whatever the clock says.
    fn today(&self) -> NaiveDate {
        self.now
            .date_naive()
            .max(self.known_until.unwrap_or_default())
    }

    fn is_over(&self, period: Period) -> bool {
        let last = period.last.and_time(NaiveTime::MIN).and_utc();
        self.now >= last + Days::new(1)
    }
}
