//! Calls a day, stacked by outcome.

use askama::Template;
use chrono::NaiveDate;

use super::{float, tenth};
use crate::report::model::{Days, Report};
use crate::report::rendering::html::rendered;
use crate::report::words::{Plural, number};

const LEFT: f64 = 34.0;
const WIDTH: f64 = 322.0;
const BOTTOM: f64 = 166.0;
const HEIGHT: f64 = 144.0;
/// Whatever there is can be seen, however little.
const LEAST: f64 = 2.0;
/// A number over a bar is so high.
const NUMBER: f64 = 16.0;
/// Days that have a label and a number each.
const LABELS: usize = 8;

#[derive(Template)]
#[template(path = "report/charts/days.html")]
struct Picture {
    summary: String,
    grid: Vec<Line>,
    days: Vec<Day>,
    compares: bool,
}

struct Line {
    y: f64,
    label: String,
}

struct Day {
    title: String,
    known: bool,
    x: f64,
    width: f64,
    middle: f64,
    top: f64,
    bars: Vec<Bar>,
    hot: Option<String>,
    /// Where the day of the period before ends, and its calls.
    before: Option<(f64, String)>,
    label: Option<(String, String)>,
}

struct Bar {
    outcome: &'static str,
    word: &'static str,
    hatch: bool,
    count: String,
    y: f64,
    height: f64,
}

pub(super) fn draw(report: &Report) -> Option<String> {
    let total = |day: &Days| day.expected + day.unexpected + day.denied + day.ignored;
    let busiest = report.days.iter().max_by_key(|day| total(day))?;
    let most = total(busiest);
    if most == 0 {
        return None;
    }
    let before = report.days.iter().filter_map(|day| day.before).max();
    let top = round_up(most.max(before.unwrap_or_default()));
    let many = report.days.len();
    let every = many.div_ceil(LABELS);
    let days = report.days.iter().enumerate();
    Some(rendered(&Picture {
        compares: before.is_some(),
        summary: format!(
            "Most on {}: {}. Unexpected in all: {}.",
            busiest.day,
            most.of("call", "calls"),
            number(report.totals.unexpected.now)
        ),
        grid: [0, top / 2, top].map(|value| line(value, top)).into(),
        days: days
            .map(|(place, it)| {
                let slot = WIDTH / float(many as u64);
                let x = LEFT + slot * float(place as u64);
                let mut day = day(it, top, x, slot);
                day.label = place.is_multiple_of(every).then(|| label(it.day));
                day.hot = day.hot.filter(|_| many <= LABELS);
                day
            })
            .collect(),
    }))
}

fn line(value: u64, top: u64) -> Line {
    Line {
        y: height(value, top),
        label: short(value),
    }
}

/// Where a number stands: above the bar, and above a line that would run through it.
fn free_above(bar: f64, line: Option<f64>) -> f64 {
    let crosses = |line: &f64| (bar - NUMBER..bar).contains(line);
    line.filter(crosses).unwrap_or(bar)
}

/// Where a bar of so many calls ends.
fn height(calls: u64, top: u64) -> f64 {
    tenth(BOTTOM - HEIGHT * float(calls) / float(top))
}

fn label(day: NaiveDate) -> (String, String) {
    (
        day.format("%a").to_string(),
        day.format("%-d %b").to_string(),
    )
}

fn day(day: &Days, top: u64, slot: f64, width: f64) -> Day {
    let mut y = BOTTOM;
    let parts = [
        ("expected", "expected", false, day.expected),
        ("ignored", "silenced", true, day.ignored),
        ("denied", "denied", true, day.denied),
        ("unexpected", "unexpected", false, day.unexpected),
    ];
    let bars =
        parts
            .into_iter()
            .filter(|(.., count)| *count > 0)
            .map(|(outcome, word, hatch, count)| {
                let height = (HEIGHT * float(count) / float(top)).max(LEAST);
                y -= height;
                Bar {
                    outcome,
                    word,
                    hatch,
                    count: number(count),
                    y: tenth(y),
                    height: tenth(height),
                }
            });
    let bars = bars.collect();
    let before = day.before.map(|calls| (height(calls, top), number(calls)));
    Day {
        title: day.day.format("%a %-d %b").to_string(),
        known: day.known,
        x: tenth(slot + width * 0.14),
        width: tenth(width * 0.72),
        middle: tenth(slot + width / 2.0),
        top: free_above(tenth(y), before.as_ref().map(|(line, _)| *line)),
        bars,
        before,
        hot: (day.unexpected > 0).then(|| short(day.unexpected)),
        label: None,
    }
}

/// The next number that halves to a round one.
fn round_up(most: u64) -> u64 {
    let mut unit = 1;
    loop {
        for step in [2, 4, 6, 8, 10] {
            if most <= unit * step {
                return unit * step;
            }
        }
        unit *= 10;
    }
}

/// A number in a few characters: `12k`.
fn short(value: u64) -> String {
    match value {
        0..=9_999 => number(value),
        10_000..=9_999_999 => format!("{}k", number(value / 1000)),
        _ => format!("{}M", number(value / 1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_with_a_round_number() {
        for (most, top) in [
            (1, 2),
            (2, 2),
            (3, 4),
            (9, 10),
            (11, 20),
            (57, 60),
            (1284, 2000),
            (9_999_999, 10_000_000),
        ] {
            assert_eq!(round_up(most), top);
        }
    }
}
