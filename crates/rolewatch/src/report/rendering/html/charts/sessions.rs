//! Lengths of sessions by role, against what rules allow.

use askama::Template;

use super::{float, tail, tenth};
use crate::allowlist::format_duration;
use crate::report::model::{Report, Role};
use crate::report::rendering::html::rendered;
use crate::report::sheet::role_label;
use crate::report::words::Plural;

/// Roles that are drawn.
const ROLES: usize = 12;
const LINE: u64 = 36;
const LEFT: f64 = 12.0;
const WIDTH: f64 = 334.0;
/// The least and the most that STS gives.
const LEAST: u64 = 900;
const MOST: u64 = 43_200;
/// Room for a name.
const LABEL: f64 = 340.0;
/// A bar is never less than a dot.
const DOT: f64 = 8.0;

#[derive(Template)]
#[template(path = "report/charts/sessions.html")]
struct Picture {
    summary: String,
    height: u64,
    ticks: Vec<Tick>,
    rows: Vec<Row>,
    more: Option<String>,
    any_beyond: bool,
}

struct Tick {
    x: f64,
    label: String,
}

struct Row {
    name: String,
    label: String,
    words: String,
    y: f64,
    from: f64,
    within: f64,
    beyond: f64,
    median: f64,
    end: f64,
    limit: f64,
    has_limit: bool,
}

/// Doubling the length is the same step everywhere.
fn x(seconds: u64) -> f64 {
    let least = float(LEAST);
    let part = (float(seconds.clamp(LEAST, MOST)) / least).ln() / (float(MOST) / least).ln();
    tenth(LEFT + WIDTH * part)
}

pub(super) fn draw(report: &Report) -> Option<String> {
    let roles = report.roles.items.iter();
    let mut used: Vec<&Role> = roles.filter(|role| role.assumptions.now > 0).collect();
    used.sort_by_key(|role| !is_beyond(role));
    if used.is_empty() {
        return None;
    }
    let rows: Vec<Row> = used
        .iter()
        .take(ROLES)
        .enumerate()
        .map(|(place, role)| row(place, role))
        .collect();
    let beyond = used.iter().filter(|role| is_beyond(role)).count() as u64;
    let more = report.totals.roles.now.saturating_sub(rows.len() as u64);
    Some(rendered(&Picture {
        summary: format!(
            "Those beyond their limit first, then the busiest; in all, {} had a session longer than any rule allows.",
            beyond.of("role", "roles")
        ),
        height: 22 + LINE * rows.len() as u64,
        ticks: [900, 1800, 3600, 7200, 14_400, 43_200]
            .map(|seconds| Tick {
                x: x(seconds),
                label: format_duration(seconds),
            })
            .into(),
        any_beyond: beyond > 0,
        more: (more > 0).then(|| format!("and {} in the table", more.of("role", "roles"))),
        rows,
    }))
}

fn is_beyond(role: &Role) -> bool {
    let sessions = &role.sessions;
    sessions
        .limit
        .zip(sessions.longest)
        .is_some_and(|(limit, longest)| longest > limit)
}

fn row(place: usize, role: &Role) -> Row {
    let sessions = &role.sessions;
    let length = |seconds: Option<u64>| seconds.unwrap_or(LEAST);
    let (shortest, longest) = (x(length(sessions.shortest)), x(length(sessions.longest)));
    let limit = sessions.limit.map_or(longest, x);
    // Centred on a dot where all sessions are as long.
    let from = shortest - DOT / 2.0;
    let to = longest + DOT / 2.0;
    let end = if is_beyond(role) { limit.max(from) } else { to };
    let allowed = sessions.limit.map_or("no rule names it".to_owned(), |it| {
        format!("rules allow {}", format_duration(it))
    });
    Row {
        name: role_label(&role.role_arn).to_owned(),
        label: tail(role_label(&role.role_arn), LABEL),
        words: format!(
            "median {}, longest {}, {allowed}",
            format_duration(length(sessions.median)),
            format_duration(length(sessions.longest))
        ),
        y: float(30 + LINE * place as u64),
        from: tenth(from),
        within: tenth(end - from),
        beyond: if is_beyond(role) {
            tenth(to - end)
        } else {
            0.0
        },
        median: x(length(sessions.median)),
        end: tenth(end),
        limit,
        has_limit: sessions.limit.is_some(),
    }
}
