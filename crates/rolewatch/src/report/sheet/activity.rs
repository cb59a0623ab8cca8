//! Roles and who assumed them, what was denied, what can be traced.

use super::{Block, Cell, Chart, Section, Table, unknown};
use crate::report::model::{Change, DeniedCause, Pair, Report, RepositoryTrace, Role};
use crate::report::words::{Plural, number, percent};

pub(super) fn roles(report: &Report) -> Section {
    Section {
        id: "roles",
        title: "Roles",
        blocks: vec![
            Block::Table(table(report)),
            Block::Chart(Chart::Sessions, sessions(report)),
            Block::Chart(Chart::Matrix, matrix(report)),
        ],
    }
}

fn table(report: &Report) -> Table {
    let row = |role: &Role| {
        vec![
            Cell::Role(role.role_arn.clone()),
            Cell::Change(role.assumptions),
            Cell::Change(role.repositories),
            Cell::Change(role.contexts),
            Cell::Change(role.unexpected),
            Cell::Change(role.denied),
            Cell::Day(role.last_use),
            Cell::text(role.owners.join(", ")),
        ]
    };
    let roles = &report.roles;
    Table::new(
        "By role",
        &[
            "role",
            "assumptions",
            "repositories",
            "contexts",
            "unexpected",
            "denied",
            "last use",
            "owner",
        ],
        roles.items.iter().map(row).collect(),
    )
    .of(roles.total)
    .or("no role was assumed or refused")
}

fn sessions(report: &Report) -> Table {
    let used: Vec<&Role> = report
        .roles
        .items
        .iter()
        .filter(|role| role.assumptions.now > 0)
        .collect();
    let row = |role: &&Role| {
        let limit = match role.sessions.limit {
            Some(limit) => Cell::Length(Some(limit)),
            None => Cell::text("no rule"),
        };
        vec![
            Cell::Role(role.role_arn.clone()),
            Cell::Lengths(role.sessions.median, role.sessions.median_before),
            Cell::Lengths(role.sessions.longest, role.sessions.longest_before),
            limit,
            Cell::Change(role.sessions.beyond_least),
            Cell::Change(role.assumptions),
        ]
    };
    Table::new(
        "Session lengths against what rules allow, and against the least of 15 minutes",
        &["role", "median", "longest", "rules allow", "over 15m", "of"],
        used.iter().map(row).collect(),
    )
    .or("no sessions")
}

fn matrix(report: &Report) -> Table {
    let row = |pair: &Pair| {
        let mut cells = vec![
            Cell::repository(&pair.repository),
            Cell::Role(pair.role_arn.clone()),
            Cell::Change(pair.assumptions),
        ];
        cells.extend(pair.new.map(|new| Cell::text(if new { "new" } else { "" })));
        cells
    };
    let mut columns = vec!["repository", "role", "assumptions"];
    if report.news.since.is_some() {
        columns.push("new");
    }
    let pairs = &report.matrix;
    Table::new(
        "Repositories and the roles they assumed",
        &columns,
        pairs.items.iter().map(row).collect(),
    )
    .of(pairs.total)
    .or("nobody assumed a role")
}

pub(super) fn denied(report: &Report) -> Section {
    let denied = &report.denied;
    let row = |cause: &DeniedCause| {
        vec![
            Cell::Name(cause.code.clone()),
            Cell::text(cause.meaning.clone()),
            Cell::Change(cause.calls),
        ]
    };
    let causes = Table::new(
        "By cause",
        &["error", "meaning", "calls"],
        denied.causes.iter().map(row).collect(),
    );
    let probing = match &denied.probing {
        Some(probing) => format!("Probing: {}.", findings_of(*probing)),
        None => format!("Probing: {}.", unknown(report, "denied.probing")),
    };
    Section {
        id: "denied",
        title: "Denied",
        blocks: vec![
            Block::Table(causes.or("STS refused nobody")),
            Block::Line(probing),
        ],
    }
}

fn findings_of(change: Change) -> String {
    let now = change.now.of("finding", "findings");
    match change.before {
        Some(before) => format!("{now} ({})", number(before)),
        None => now,
    }
}

pub(super) fn traceable(report: &Report) -> Section {
    let trace = &report.traceable;
    let share = |what: &str, part: fn(&crate::report::model::Trace) -> Change| {
        vec![
            Cell::text(what),
            Cell::Change(part(trace)),
            Cell::Share(percent(part(trace).now, trace.sessions.now)),
        ]
    };
    let shares = Table::new(
        "Of all sessions",
        &["sessions", "count", "share"],
        vec![
            share("issued", |trace| trace.sessions),
            share("with a link to their run", |trace| trace.linked),
            share(
                "named GitHubActions, as all are that nobody names",
                |trace| trace.unnamed,
            ),
        ],
    );
    let row = |it: &RepositoryTrace| {
        vec![
            Cell::repository(&it.repository),
            Cell::Change(it.unnamed),
            Cell::Change(it.linked),
            Cell::Change(it.sessions),
        ]
    };
    let repositories = Table::new(
        "Repositories that do not name their sessions",
        &[
            "repository",
            "named GitHubActions",
            "with a run link",
            "sessions",
        ],
        trace.repositories.items.iter().map(row).collect(),
    );
    Section {
        id: "traceable",
        title: "Traceable",
        blocks: vec![
            Block::Table(shares),
            Block::Table(repositories.of(trace.repositories.total)),
        ],
    }
}
