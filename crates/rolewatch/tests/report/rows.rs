//! What long and wide tables keep where there is no room for all of them.

use rolewatch::allowlist::compile;
use rolewatch::rendering::terminal::WIDEST_LINE;
use rolewatch::rendering::text::Colour;
use rolewatch::report::model::Source;
use rolewatch::report::rendering::{mail, markdown, text};
use rolewatch::report::sheet::{Sheet, sheet};
use rolewatch::report::{Extras, Gatherer, Period};
use rolewatch::store::Counter;
use unicode_width::UnicodeWidthStr;

use crate::events::{ALLOWLIST, ROLES, allowlist, assumption, by_archive, over};

/// A report that ends with the week, of so many days.
fn days(many: i64) -> Sheet {
    let last = crate::events::week().last;
    let period = Period::new(last - chrono::TimeDelta::days(many - 1), last).unwrap();
    let allowlist = allowlist();
    let mut gatherer = Gatherer::new(period, Source::Service, &allowlist, over());
    let mut counter = Counter::default();
    let event = assumption(
        1,
        "2026-06-01T10:00:00Z",
        ROLES[0],
        "repo:acme/app:pull_request",
    )
    .into();
    let decision = rolewatch::detect::decide(&event, &allowlist);
    counter.add(&event, &decision, &allowlist, over());
    counter.take().iter().for_each(|row| gatherer.add(row));
    sheet(&gatherer.finish(Extras::default()))
}

fn forms(sheet: &Sheet) -> [String; 3] {
    let mail = mail::publication(sheet, "some-days", "https://example.com").message;
    let mail: serde_json::Value = serde_json::from_str(&mail).unwrap();
    [
        text::render(sheet, Colour::Plain),
        markdown::render(sheet),
        mail["default"].as_str().unwrap().to_owned(),
    ]
}

#[test]
fn a_month_has_all_its_days() {
    for form in forms(&days(31)) {
        for day in ["Fri 23 Oct 2026", "Sat 21 Nov 2026", "Sun 22 Nov 2026"] {
            assert!(form.contains(day), "{day}: {form}");
        }
        assert!(!form.contains("before these"), "{form}");
    }
}

#[test]
fn a_longer_time_has_its_last_days_and_says_so() {
    for form in forms(&days(92)) {
        assert!(!form.contains("Thu 22 Oct 2026"), "{form}");
        for day in ["Fri 23 Oct 2026", "Sun 22 Nov 2026", "and 61 before these"] {
            assert!(form.contains(day), "{day}: {form}");
        }
    }
}

#[test]
fn a_wide_table_has_all_its_columns() {
    let long = "a-name-that-goes-on-and-on-and-has-no-end-for-a-long-while";
    let allowlist = ALLOWLIST
        .replace("team-app", "team-with-an-owner")
        .replace("name = \"deploys\"", &format!("name = \"{long}\""));
    let (allowlist, _) = compile(&allowlist).unwrap();
    let events: Vec<_> = (0..5)
        .map(|number| {
            let subject = format!("repo:acme/app:environment:{number}-{long}");
            assumption(number, "2026-11-17T10:00:00Z", ROLES[0], &subject).into()
        })
        .collect();
    let report = by_archive(&events, &allowlist).0;
    let text = text::render(&sheet(&report), Colour::Plain);
    assert!(text.lines().all(|line| line.width() <= WIDEST_LINE));
    let (_, wildcards) = text.split_once("Wildcards").unwrap();
    let mut lines = wildcards.lines().skip(1);
    assert!(lines.next().unwrap().ends_with("owner"), "{wildcards}");
    let row = lines.next().unwrap();
    assert!(
        row.contains("a-name-that-goes") && row.contains('…'),
        "{row}"
    );
    assert!(row.ends_with("team-with-an-owner"), "{row}");
}
