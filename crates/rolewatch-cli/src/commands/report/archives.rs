//! A report from logs: every event is counted, and none is kept.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use rolewatch::allowlist::Allowlist;
use rolewatch::detect::decide;
use rolewatch::report::model::{Report, Source};
use rolewatch::report::{self, Extras, Gatherer};
use rolewatch::store::Counter;

use crate::args::ReportArgs;
use crate::reading::{Period, Reading, read_all};

pub(super) fn report(
    args: &ReportArgs,
    period: report::Period,
    allowlist: &Allowlist,
    now: DateTime<Utc>,
    quiet: bool,
) -> anyhow::Result<Report> {
    let mut gatherer = Gatherer::new(period, Source::Archives, allowlist, now);
    let begin = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let reading = Reading {
        period: Period {
            since: Some(begin(gatherer.days().first)),
            until: Some(begin(period.last + Days::new(1))),
        },
        threads: args.threads,
        limits: args.limits.limits(),
        quiet,
    };
    let (ordered, inputs) = read_all(&args.sources, &reading)?;
    // Events come in the order of their time, so the rows of a day are done when the next begins.
    let mut counter = Counter::default();
    let mut today = None;
    let end = begin(period.last);
    for observation in ordered {
        let observation = observation?;
        let day = observation.time().unwrap_or(end).date_naive();
        if today.replace(day).is_some_and(|today| today != day) {
            counter.take().iter().for_each(|row| gatherer.add(row));
        }
        let decision = decide(&observation, allowlist);
        counter.add(&observation, &decision, allowlist, end);
    }
    counter.take().iter().for_each(|row| gatherer.add(row));
    Ok(gatherer.finish(Extras {
        failed_inputs: inputs.failed,
        ..Extras::default()
    }))
}
