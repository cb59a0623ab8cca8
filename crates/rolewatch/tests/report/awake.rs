//! Whether the watcher was awake, and whether the period is over, in every form.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::{Coverage, Report, Source};
use rolewatch::report::rendering::{csv, html, json, mail, markdown, slack, text};
use rolewatch::report::sheet::{Tone, sheet};
use rolewatch::report::{Extras, Gatherer, awake, gather};
use rolewatch::store::{Ledger, MemoryTable, Store, Windows};
use rolewatch::upkeep::Canary;

use crate::events::{allowlist, block_on, by_archive, moment, over, week};
use crate::weeks::{MAIN, days};

type Events<'a> = [(&'a str, &'a str)];

/// The service's report of the week, with canaries of each hour from these regions.
pub(crate) fn serviced(events: &Events<'_>, regions: &[&str], now: DateTime<Utc>) -> Report {
    let ledger = ledger(events);
    for region in regions {
        hear(&ledger, region, "2026-11-16T00:00:00Z", 168, now);
    }
    report(&ledger, now)
}

fn ledger(events: &Events<'_>) -> Ledger<MemoryTable> {
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    for event in days(events) {
        let at = event.time().unwrap();
        block_on(ledger.admit(vec![event], &allowlist(), at)).unwrap();
    }
    ledger
}

/// Canaries of so many hours, as far as they have come.
fn hear(ledger: &Ledger<MemoryTable>, region: &str, from: &str, hours: i64, now: DateTime<Utc>) {
    let times = (0..hours).map(|hour| moment(from) + TimeDelta::hours(hour));
    for sent in times.filter(|sent| *sent <= now) {
        let canary = Canary {
            region: region.into(),
            sent,
        };
        assert!(block_on(ledger.hear(&canary, sent)).unwrap());
    }
}

fn report(ledger: &Ledger<MemoryTable>, now: DateTime<Utc>) -> Report {
    let extras = Extras {
        awake: block_on(awake(ledger, week(), now)).unwrap(),
        ..Extras::default()
    };
    let allowlist = allowlist();
    let gatherer = Gatherer::new(week(), Source::Service, &allowlist, now);
    block_on(gather(ledger, gatherer, extras, now)).unwrap()
}

/// Every form that people read, by its name; in lines that were broken, too.
fn forms(report: &Report) -> Vec<(&'static str, String)> {
    let sheet = sheet(report);
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mail = mail::publication(&sheet, "2026-W47", "https://example.com").message;
    let mail: serde_json::Value = serde_json::from_str(&mail).unwrap();
    vec![
        ("text", one_line(text::render(&sheet, Colour::Plain))),
        ("mail", one_line(mail["default"].as_str().unwrap().into())),
        ("markdown", markdown::render(&sheet).replace('`', "")),
        ("html", html::render(report, &sheet)),
        ("csv", csv::render(&sheet)),
        ("slack", slack::message(report, &sheet, None).to_string()),
    ]
}

fn assert_noted(report: &Report, note: &str) {
    let sheet = sheet(report);
    assert!(sheet.notes.iter().any(|it| it == note), "{:?}", sheet.notes);
    assert_ne!(sheet.tone, Tone::Calm);
    for (form, said) in forms(report) {
        assert!(said.contains(note), "{form}: {said}");
    }
    assert!(!html::render(report, &sheet).contains("class=\"verdict calm"));
}

#[test]
fn an_awake_week_says_how_many_canaries_came_in_every_form() {
    // A region that was heard of the week before, and sent nothing since, is none of this week.
    let report = serviced(
        &[("2026-11-10", MAIN), ("2026-11-17", MAIN)],
        &["eu-west-1"],
        over(),
    );
    assert_eq!(sheet(&report).tone, Tone::Calm);
    let canaries = report.awake.canaries.clone().unwrap();
    assert_eq!((canaries.received.now, canaries.due.now), (168, 168));
    assert_eq!((canaries.regions, canaries.silent.len()), (1, 0));
    let json: serde_json::Value = serde_json::from_str(&json::render(&report)).unwrap();
    assert_eq!(json["awake"]["canaries"]["received"]["now"], 168);
    for (form, said) in forms(&report) {
        let wanted = match form {
            "text" | "mail" => "canaries received 168",
            "markdown" => "| canaries received | 168",
            "csv" => "awake,The watcher,1,canaries received,value,168,",
            "html" => "canaries received",
            _ => "*Awake*: 168 of 168 canaries from 1 region;",
        };
        assert!(said.contains(wanted), "{form}: {said}");
    }
    let page = html::render(&report, &sheet(&report));
    let (_, row) = page.split_once("canaries received").unwrap();
    assert!(row.split_once("</tr>").unwrap().0.contains(">168"), "{row}");
}

#[test]
fn a_region_that_is_dead_all_week_is_said_in_every_form() {
    let ledger = ledger(&[("2026-11-10", MAIN)]);
    hear(&ledger, "us-east-1", "2026-11-08T00:00:00Z", 30, over());
    assert_noted(
        &report(&ledger, over()),
        "The watcher was not awake: none of 168 canaries came.",
    );
    hear(&ledger, "eu-west-1", "2026-11-16T00:00:00Z", 168, over());
    let report = report(&ledger, over());
    assert_noted(
        &report,
        "The watcher was not awake everywhere: 168 of 336 canaries came, none from us-east-1.",
    );
    assert!(report.verdict.ends_with("; 168 of 336 canaries missing"));
    let slack = slack::message(&report, &sheet(&report), None).to_string();
    assert!(slack.contains("168 of 336 canaries from 1 of 2 regions"));
}

#[test]
fn some_missing_hours_are_said_and_one_is_not() {
    for (hours, calm) in [(167, true), (160, true), (159, false), (84, false)] {
        let ledger = ledger(&[("2026-11-10", MAIN)]);
        let from = "2026-11-16T00:00:00Z";
        hear(&ledger, "eu-west-1", from, hours, over());
        let report = report(&ledger, over());
        assert_eq!(sheet(&report).tone == Tone::Calm, calm, "{hours}");
        assert_eq!(report.verdict.contains("missing"), !calm, "{hours}");
    }
}

#[test]
fn a_service_without_canaries_is_not_taken_for_an_awake_one() {
    let report = serviced(&[("2026-11-10", MAIN)], &[], over());
    assert_noted(
        &report,
        "Nobody can tell whether the watcher was awake: no canary came, nor in the 30 days before.",
    );
    // Of a region with calls of the week before alone nothing was heard now.
    let slack = slack::message(&report, &sheet(&report), None).to_string();
    assert!(
        slack.contains("*Awake*: calls from 0 regions; canaries not measured"),
        "{slack}"
    );
}

#[test]
fn a_week_that_is_not_over_says_so_and_has_no_days_to_come() {
    let wednesday = moment("2026-11-18T14:05:00Z");
    let report = serviced(
        &[("2026-10-01", MAIN), ("2026-11-17", MAIN)],
        &["eu-west-1"],
        wednesday,
    );
    assert_eq!(report.period.known, Coverage::Partly);
    let note = "Not the whole period is known: it is not over, counted until 2026-11-18 14:05 UTC.";
    assert_noted(&report, note);
    // What is to come is not due either.
    let canaries = report.awake.canaries.as_ref().unwrap();
    assert_eq!((canaries.received.now, canaries.due.now), (63, 63));
    assert_eq!(report.days.len(), 3);
    let weekdays: Vec<&str> = report.hours.iter().map(|it| &*it.weekday).collect();
    assert_eq!(weekdays, ["Mon", "Tue", "Wed"]);
    for (form, said) in forms(&report) {
        for to_come in ["19 Nov", "22 Nov 2026,", "Thu", "Sun "] {
            let said = said.replace("16 to 22 November", "");
            assert!(!said.contains(to_come), "{form} has {to_come}: {said}");
        }
    }
    let week_before = report.totals.assumptions.before;
    assert_eq!(week_before, Some(0));
}

#[test]
fn a_week_is_over_with_its_last_moment() {
    let end = week().last.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
    for (now, known) in [
        (end - TimeDelta::seconds(1), Coverage::Partly),
        (end, Coverage::Whole),
    ] {
        let report = serviced(&[("2026-10-01", MAIN)], &["eu-west-1"], now);
        assert_eq!(report.period.known, known, "{now}");
        assert_eq!(report.days.len(), 7);
    }
}

#[test]
fn days_that_have_not_begun_are_no_quiet_ones() {
    let report = serviced(&[("2026-11-10", MAIN)], &[], moment("2026-11-13T10:00:00Z"));
    assert_eq!(report.verdict, "Nothing is recorded of these days");
    assert_eq!((report.days.len(), report.hours.len()), (0, 0));
    assert_noted(&report, "Not the whole period is known: it has not begun.");
}

/// Whether nothing came or nothing was read any more, logs do not tell.
#[test]
fn records_that_end_too_early_are_said_to() {
    let report = |events: &Events<'_>| by_archive(&days(events), &allowlist()).0;
    let cut = report(&[("2026-11-01", MAIN), ("2026-11-19", MAIN)]);
    assert_eq!(cut.period.known, Coverage::Partly);
    assert_noted(
        &cut,
        "Not the whole period is known: records end on 2026-11-19.",
    );
    let first_week = report(&[("2026-11-16", MAIN), ("2026-11-19", MAIN)]);
    assert_noted(
        &first_week,
        "The period before is not known: records begin on 2026-11-16.",
    );
    let known: Vec<bool> = cut.days.iter().map(|day| day.known).collect();
    assert_eq!(known, [true, true, true, true, false, false, false]);
    let whole = report(&[("2026-11-01", MAIN), ("2026-11-22", MAIN)]);
    assert_eq!(whole.period.known, Coverage::Whole);
    let before = report(&[("2026-11-01", MAIN)]);
    assert_eq!(before.verdict, "Nothing is recorded of these days");
    assert_eq!(before.period.known, Coverage::Unknown);
}
