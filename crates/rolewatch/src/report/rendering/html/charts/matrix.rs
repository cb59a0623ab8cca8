//! Repositories and the roles they assumed, what is new first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;

use super::{float, shade, tail, tenth};
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
/// Room for the roles' names, which stand at a slant.
const TOP: f64 = 106.0;
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
    let repositories = ranked(pairs, |pair| &pair.repository);
    let roles = ranked(pairs, |pair| &pair.role_arn);
    if pairs.is_empty() {
        return None;
    }
    let drawn_roles = &roles[..roles.len().min(COLUMNS)];
    let drawn = &repositories[..repositories.len().min(ROWS)];
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
    let row = |(place, repository): (usize, &&str)| Row {
        name: name(repository).to_owned(),
        label: tail(name(repository), 22),
        y: tenth(TOP + LINE * float(place as u64)),
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
        label: tail(role_label(role), 20),
        x: x(place) + size / 2.0,
    };
    Some(rendered(&Picture {
        summary: summary(report, drawn.len(), drawn_roles.len()),
        height: tenth(TOP + LINE * float(drawn.len() as u64)),
        left: LEFT,
        top: TOP,
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

/// The names of one side: those with something new first, then by sessions.
fn ranked(pairs: &[Pair], name: fn(&Pair) -> &str) -> Vec<&str> {
    let mut sums: BTreeMap<&str, (bool, u64)> = BTreeMap::new();
    for pair in pairs {
        let sum = sums.entry(name(pair)).or_default();
        sum.0 |= pair.new == Some(true);
        sum.1 += pair.assumptions.now;
    }
    let mut names: Vec<&str> = sums.keys().copied().collect();
    names.sort_by_key(|name| Reverse(sums[name]));
    names
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
