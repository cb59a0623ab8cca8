//! Repositories and the roles they assumed, what is new first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;

use super::{float, shade, tail, tenth, width};
use crate::report::model::{Pair, Report};
use crate::report::rendering::html::rendered;
use crate::report::sheet::role_label;
use crate::report::words::{Plural, number};

/// Repositories and roles that are drawn.
const ROWS: usize = 20;
const COLUMNS: usize = 12;
const LEFT: f64 = 130.0;
/// What stands at a slant over the last role goes on to the right of it.
const RIGHT: f64 = 302.0;
/// Room for a repository's name, and for a role's, which stands at a slant of 60 degrees.
const REPOSITORY: f64 = LEFT - 7.0;
const ROLE: f64 = 108.0;
const SINE: f64 = 0.87;
const LINE: f64 = 16.0;
/// A cell's width, where there is room for it.
const WIDEST: f64 = 24.0;

#[derive(Template)]
#[template(path = "report/charts/matrix.html")]
struct Picture {
    summary: String,
    height: f64,
    left: f64,
    top: f64,
    size: f64,
    columns: Vec<Column>,
    rows: Vec<Row>,
    any_new: bool,
}

struct Column {
    name: String,
    label: String,
    x: f64,
}

struct Row {
    name: String,
    label: String,
    y: f64,
    cells: Vec<Cell>,
}

struct Cell {
    x: f64,
    step: u64,
    new: bool,
    title: String,
}

pub(super) fn draw(report: &Report) -> Option<String> {
    let pairs = &report.matrix.items;
    if pairs.is_empty() {
        return None;
    }
    let (drawn, drawn_roles) = drawn(pairs);
    let cells: BTreeMap<(&str, &str), &Pair> = pairs
        .iter()
        .map(|pair| ((&*pair.repository, &*pair.role_arn), pair))
        .collect();
    let most = pairs
        .iter()
        .map(|pair| pair.assumptions.now)
        .max()
        .unwrap_or_default();
    let size = tenth(((RIGHT - LEFT) / float(drawn_roles.len() as u64)).min(WIDEST));
    let x = |place: usize| tenth(LEFT + size * float(place as u64));
    let labels = || drawn_roles.iter().map(|role| tail(role_label(role), ROLE));
    let longest = labels().map(|label| width(&label)).fold(0.0, f64::max);
    let top = tenth(14.0 + SINE * longest);
    let row = |(place, repository): (usize, &&str)| Row {
        name: name(repository).to_owned(),
        label: tail(name(repository), REPOSITORY),
        y: tenth(top + LINE * float(place as u64)),
        cells: drawn_roles
            .iter()
            .enumerate()
            .map(|(column, role)| {
                cell(
                    x(column),
                    repository,
                    role,
                    cells.get(&(*repository, *role)).copied(),
                    most,
                )
            })
            .collect(),
    };
    let column = |(place, role): (usize, &&str)| Column {
        name: role_label(role).to_owned(),
        label: tail(role_label(role), ROLE),
        x: x(place) + size / 2.0,
    };
    Some(rendered(&Picture {
        summary: summary(report, drawn.len(), drawn_roles.len()),
        height: tenth(top + LINE * float(drawn.len() as u64)),
        left: LEFT,
        top,
        size,
        columns: drawn_roles.iter().enumerate().map(column).collect(),
        rows: drawn.iter().enumerate().map(row).collect(),
        any_new: pairs.iter().any(|pair| pair.new == Some(true)),
    }))
}

fn summary(report: &Report, repositories: usize, roles: usize) -> String {
    let of = |drawn: usize, all: u64, one: &str, many: &str| match drawn as u64 {
        drawn if drawn < all => format!("{drawn} of {}", all.of(one, many)),
        _ => all.of(one, many),
    };
    format!(
        "{} and {}",
        of(
            repositories,
            report.totals.repositories.now,
            "repository",
            "repositories"
        ),
        of(roles, report.totals.roles.now, "role", "roles")
    )
}

/// The names that are drawn: of the pairs that are new, then of the busiest, as long as there is
/// room for both names of a pair. So no line and no column is empty.
fn drawn(pairs: &[Pair]) -> (Vec<&str>, Vec<&str>) {
    let mut ranked: Vec<&Pair> = pairs.iter().collect();
    ranked.sort_by_key(|pair| Reverse((pair.new == Some(true), pair.assumptions.now)));
    let (mut repositories, mut roles) = (Vec::new(), Vec::new());
    for pair in ranked {
        let names = (pair.repository.as_str(), pair.role_arn.as_str());
        let is_known = (repositories.contains(&names.0), roles.contains(&names.1));
        let has_room =
            (is_known.0 || repositories.len() < ROWS) && (is_known.1 || roles.len() < COLUMNS);
        if has_room && !is_known.0 {
            repositories.push(names.0);
        }
        if has_room && !is_known.1 {
            roles.push(names.1);
        }
    }
    (repositories, roles)
}

fn name(repository: &str) -> &str {
    if repository.is_empty() {
        "no repository"
    } else {
        repository
    }
}

fn cell(x: f64, repository: &str, role: &str, pair: Option<&Pair>, most: u64) -> Cell {
    let count = pair.map_or(0, |pair| pair.assumptions.now);
    let new = pair.is_some_and(|pair| pair.new == Some(true));
    Cell {
        x,
        step: shade(count, most),
        new,
        title: format!(
            "{} as {}: {}{}",
            name(repository),
            role_label(role),
            number(count),
            if new { ", new" } else { "" }
        ),
    }
}
