//! Calls by hour and weekday.

use askama::Template;

use super::{float, shade};
use crate::report::model::Report;
use crate::report::rendering::html::rendered;
use crate::report::words::{Plural, number};

const LEFT: f64 = 28.0;
const STEP: f64 = 13.8;
const LINE: f64 = 18.6;

#[derive(Template)]
#[template(path = "report/charts/hours.html")]
struct Picture {
    summary: String,
    rows: Vec<Row>,
    labels: Vec<Label>,
    /// Shades, and up to how many calls they mean.
    steps: Vec<(u64, String)>,
}

struct Row {
    weekday: String,
    y: f64,
    cells: Vec<Cell>,
}

struct Cell {
    hour: String,
    x: f64,
    step: u64,
    count: String,
}

struct Label {
    hour: String,
    x: f64,
}

fn x(hour: usize) -> f64 {
    super::tenth(LEFT + STEP * float(hour as u64))
}

pub(super) fn draw(report: &Report) -> Option<String> {
    let all = report.hours.iter().flat_map(|row| {
        row.calls
            .iter()
            .enumerate()
            .map(move |(hour, calls)| (row, hour, *calls))
    });
    // The first of the busiest.
    let (busiest, hour, most) = all.rev().max_by_key(|(_, _, calls)| *calls)?;
    if most == 0 {
        return None;
    }
    let rows = report.hours.iter().enumerate().map(|(place, row)| Row {
        weekday: row.weekday.clone(),
        y: super::tenth(LINE * float(place as u64)),
        cells: row
            .calls
            .iter()
            .enumerate()
            .map(|(hour, calls)| Cell {
                hour: format!("{hour:02}"),
                x: x(hour),
                step: shade(*calls, most),
                count: match (*calls, row.known) {
                    (0, false) => "not known".to_owned(),
                    _ => number(*calls),
                },
            })
            .collect(),
    });
    let labels = (0..24).step_by(3).map(|hour| Label {
        hour: format!("{hour:02}"),
        x: x(hour) + 6.3,
    });
    Some(rendered(&Picture {
        summary: format!(
            "Busiest: {} {hour:02}:00, {}",
            busiest.weekday,
            most.of("call", "calls")
        ),
        rows: rows.collect(),
        labels: labels.collect(),
        steps: vec![
            (0, "0".into()),
            (1, String::new()),
            (3, String::new()),
            (5, number(most)),
        ],
    }))
}
