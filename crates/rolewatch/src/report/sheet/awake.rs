//! The watcher itself, and the trust policies it looked at.

use super::{Block, Cell, Section, Table, unknown};
use crate::allowlist::format_duration;
use crate::report::model::{Lag, LintCount, Region, Report, Version};

pub(super) fn trust(report: &Report) -> Section {
    let blocks = match &report.trust {
        None => vec![Block::Line(format!(
            "Trust policies: {}.",
            unknown(report, "trust")
        ))],
        Some(trust) => {
            let row = |it: &LintCount| {
                vec![
                    Cell::Name(it.check.clone()),
                    Cell::Severity(it.severity),
                    Cell::Change(it.lints),
                ]
            };
            let lints = Table::new(
                "Lints",
                &["lint", "severity", "count"],
                trust.lints.iter().map(row).collect(),
            );
            vec![
                Block::Line(format!(
                    "{} roles trust an OIDC provider, as of {}.",
                    trust.roles,
                    trust.at.format("%Y-%m-%d %H:%M UTC")
                )),
                Block::Table(lints.or("no lints")),
            ]
        }
    };
    Section {
        id: "trust",
        title: "Trust policies",
        blocks,
    }
}

pub(super) fn awake(report: &Report) -> Section {
    let mut blocks = vec![Block::Table(watcher(report)), Block::Table(regions(report))];
    if let Some(versions) = &report.awake.allowlist_versions {
        blocks.push(Block::Table(self::versions(versions)));
    }
    Section {
        id: "awake",
        title: "Awake",
        blocks,
    }
}

fn watcher(report: &Report) -> Table {
    let awake = &report.awake;
    let known = |what: &str, cell: Option<Cell>| {
        cell.unwrap_or_else(|| Cell::Unknown(unknown(report, what)))
    };
    let canaries = awake
        .canaries
        .map(|it| Cell::text(format!("{} of {} due", it.received, it.due)));
    let versions = awake
        .allowlist_versions
        .as_ref()
        .map(|it| Cell::Number(it.len() as u64));
    let rows = [
        ("canaries received", known("awake.canaries", canaries)),
        (
            "lag from call to judgement",
            known("awake.lag", awake.lag.map(lag)),
        ),
        (
            "reconciled events",
            known("awake.reconciled", awake.reconciled.map(Cell::Change)),
        ),
        (
            "dead letters",
            known("awake.dead_letters", awake.dead_letters.map(Cell::Number)),
        ),
        (
            "deliveries failed",
            known(
                "awake.failed_deliveries",
                awake.failed_deliveries.map(Cell::Change),
            ),
        ),
        (
            "allowlist versions",
            known("awake.allowlist_versions", versions),
        ),
    ];
    let rows = rows
        .into_iter()
        .map(|(what, cell)| vec![Cell::text(what), cell])
        .collect();
    Table::new("The watcher", &["what", "value"], rows)
}

fn lag(lag: Lag) -> Cell {
    let length = |seconds: u64| match seconds {
        86_401.. => "over a day".to_owned(),
        _ => format_duration(seconds),
    };
    Cell::text(format!(
        "half within {}, 95% within {}, all within {}",
        length(lag.p50),
        length(lag.p95),
        length(lag.max)
    ))
}

fn regions(report: &Report) -> Table {
    let row = |it: &Region| vec![Cell::Name(it.region.clone()), Cell::Change(it.calls)];
    Table::new(
        "Regions heard from",
        &["region", "calls"],
        report.awake.regions.iter().map(row).collect(),
    )
}

fn versions(versions: &[Version]) -> Table {
    let row = |it: &Version| {
        vec![
            Cell::Name(it.version.clone()),
            Cell::text(it.since.format("%Y-%m-%d %H:%M UTC").to_string()),
            Cell::owner(it.author.as_deref()),
        ]
    };
    Table::new(
        "Versions of the allowlist",
        &["version", "in force since", "by"],
        versions.iter().map(row).collect(),
    )
}
