//! The watcher itself, and the trust policies it looked at.

use super::{Block, Cell, Section, Table, unknown};
use crate::report::model::{Canaries, Change, Lag, LintCount, Region, Report, Version};

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
    let lag = |of: fn(&Lag) -> Change| {
        awake.lag.map(|lag| {
            let Change { now, before } = of(&lag);
            Cell::Lengths(Some(now), before)
        })
    };
    let canaries =
        |of: fn(&Canaries) -> Change| awake.canaries.as_ref().map(|it| Cell::Change(of(it)));
    let versions = awake.allowlist_versions.as_ref();
    let known = [
        (
            "canaries received",
            "awake.canaries",
            canaries(|it| it.received),
        ),
        ("canaries due", "awake.canaries", canaries(|it| it.due)),
        (
            "lag from call to judgement: half within",
            "awake.lag",
            lag(|it| it.p50),
        ),
        ("lag: 95% within", "awake.lag", lag(|it| it.p95)),
        ("lag: all within", "awake.lag", lag(|it| it.max)),
        (
            "reconciled events",
            "awake.reconciled",
            awake.reconciled.map(Cell::Change),
        ),
        (
            "dead letters, waiting now",
            "awake.dead_letters",
            awake.dead_letters.map(Cell::Number),
        ),
        (
            "deliveries failed, waiting now",
            "awake.failed_deliveries",
            awake.failed_deliveries.map(Cell::Number),
        ),
        (
            "allowlist versions in force",
            "awake.allowlist_versions",
            versions.map(|it| Cell::Number(it.len() as u64)),
        ),
    ];
    let row = |(name, what, cell): (&str, &str, Option<Cell>)| {
        let cell = cell.unwrap_or_else(|| Cell::Unknown(unknown(report, what)));
        vec![Cell::text(name), cell]
    };
    Table::new(
        "The watcher",
        &["what", "value"],
        known.into_iter().map(row).collect(),
    )
}

fn regions(report: &Report) -> Table {
    let row = |it: &Region| vec![Cell::Name(it.region.clone()), Cell::Change(it.calls)];
    Table::new(
        "Calls by region",
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
