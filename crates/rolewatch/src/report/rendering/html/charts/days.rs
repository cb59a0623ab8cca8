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
/// Days that have a label and a number each.
const LABELS: usize = 8;

#[derive(Template)]
#[template(path = "report/charts/days.html")]
struct Picture {
    summary: String,
    grid: Vec<Line>,
    days: Vec<Day>,
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
    let top = round_up(most);
    let many = report.days.len();
    let every = many.div_ceil(LABELS);
    let days = report.days.iter().enumerate();
    Some(rendered(&Picture {
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
        y: tenth(BOTTOM - HEIGHT * float(value) / float(top)),
        label: short(value),
    }
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
    Day {
        title: day.day.format("%a %-d %b").to_string(),
        known: day.known,
        x: tenth(slot + width * 0.14),
        width: tenth(width * 0.72),
        middle: tenth(slot + width / 2.0),
        top: tenth(y),
        bars,
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
