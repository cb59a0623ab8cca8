//! `rolewatch report`: the weekly report, from logs or from a store's counts.

mod archives;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Days, NaiveTime, Utc};
use rolewatch::allowlist::Allowlist;
use rolewatch::finding::Severity;
use rolewatch::rendering::json::write_line;
use rolewatch::report::model::{Report, Source, snoozes_of};
use rolewatch::report::rendering::{csv, html, json, markdown, slack, text};
use rolewatch::report::sheet::sheet;
use rolewatch::report::{Extras, Gatherer, Period, awake, gather};
use rolewatch::store::{Ledger, Windows};
use rolewatch_embedded::EmbeddedTable;

use crate::args::{ReportArgs, ReportFormat};
use crate::diagnostics::load_or_complain;
use crate::output::{Exit, colour, note, stdout};

pub(crate) fn run(args: &ReportArgs, quiet: bool) -> anyhow::Result<Exit> {
    if args.schema {
        let mut out = stdout();
        writeln!(out, "{:#}", Report::json_schema())?;
        out.flush()?;
        return Ok(Exit::Clean);
    }
    let now = Utc::now();
    let period = period(args, now)?;
    let Some(allowlist) = load_or_complain(&args.allowlist, quiet)? else {
        return Ok(Exit::CouldNotRun);
    };
    let report = match &args.state {
        Some(path) => from_store(path, period, &allowlist, now)?,
        None => archives::report(args, period, &allowlist, now, quiet)?,
    };
    if report.totals.judged.now + report.totals.other.now == 0 && !quiet {
        note(&format!(
            "nothing is recorded of {period}; --week chooses another week"
        ));
    }
    let mut out = stdout();
    out.write_all(render(&report, args.format).as_bytes())?;
    out.flush()?;
    Ok(exit(&report, args.fail_on))
}

/// The days that are asked for.
fn period(args: &ReportArgs, now: DateTime<Utc>) -> anyhow::Result<Period> {
    if let Some(week) = args.week {
        return Ok(week);
    }
    let (Some(since), Some(until)) = (args.since, args.until) else {
        return Ok(Period::last_complete_week(now));
    };
    for (name, time) in [("--since", since), ("--until", until)] {
        ensure!(
            time.time() == NaiveTime::MIN,
            "{name} {time} is within a day; a report covers whole days (UTC)"
        );
    }
    if since >= until {
        bail!("--since {since} is not before --until {until}");
    }
    Ok(Period::new(
        since.date_naive(),
        until.date_naive() - Days::new(1),
    )?)
}

fn from_store(
    path: &Path,
    period: Period,
    allowlist: &Allowlist,
    now: DateTime<Utc>,
) -> anyhow::Result<Report> {
    // Opening a file makes it, and an empty report would look like a quiet week.
    ensure!(path.exists(), "{}: there is no such file", path.display());
    let store = Ledger::new(EmbeddedTable::open(path)?, Windows::default());
    let gatherer = Gatherer::new(period, Source::Store, allowlist, now);
    // Counts expire by the days that they are of; a report of old days has to find them.
    let end = period.last.and_time(NaiveTime::MIN).and_utc();
    let mut extras = Extras::default();
    // The last day's are due by its end, and none before its hour.
    let over = now.min(end + Days::new(1));
    let awake = pollster::block_on(awake(&store, period, over));
    extras.awake = awake.context("the store failed")?;
    let snoozes = pollster::block_on(store.snoozes(end)).context("the store failed")?;
    extras.snoozes = Some(snoozes_of(period, &snoozes));
    let report = pollster::block_on(gather(&store, gatherer, extras, end));
    report.context("the store failed")
}

fn render(report: &Report, format: ReportFormat) -> String {
    let sheet = || sheet(report);
    match format {
        ReportFormat::Text => text::render(&sheet(), colour()),
        ReportFormat::Html => html::render(report, &sheet()),
        ReportFormat::Markdown => markdown::render(&sheet()),
        ReportFormat::Json => json::render(report),
        ReportFormat::Csv => csv::render(&sheet()),
        ReportFormat::Slack => {
            let mut line = Vec::new();
            // Writing to a Vec cannot fail.
            let _ = write_line(&mut line, &slack::message(report, &sheet(), None));
            line.push(b'\n');
            String::from_utf8_lossy(&line).into_owned()
        }
    }
}

fn exit(report: &Report, fail_on: Severity) -> Exit {
    let found = |fail_on| {
        let checks = report.findings.checks.iter();
        checks
            .filter(|it| it.severity >= fail_on)
            .any(|it| it.findings.now > 0)
    };
    if !report.failed_inputs.is_empty() {
        Exit::CouldNotRun
    } else if found(fail_on) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
