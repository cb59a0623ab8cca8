//! What could be tightened.

use super::{Block, Cell, Section, Table, grouped, unknown};
use crate::allowlist::format_duration;
use crate::report::model::{Report, Tighten};

pub(super) fn tighten(report: &Report) -> Section {
    let tighten = &report.tighten;
    let mut blocks = Vec::new();
    if let Some(since) = tighten.since {
        blocks.push(Block::Line(format!("By what was seen since {since}.")));
    }
    if tighten.idle_rules.is_none() {
        blocks.push(Block::Line(format!(
            "Unused rules: {}.",
            unknown(report, "tighten.idle_rules")
        )));
    }
    let unused = tighten.idle_rules.is_some().then(|| idle_rules(tighten));
    let nobody = tighten.since.is_some().then(|| idle_roles(tighten));
    let tables = unused
        .into_iter()
        .chain([wildcards(tighten), sessions(tighten)]);
    let tables = tables
        .chain(nobody)
        .chain([classic(tighten), expiring(tighten)]);
    blocks.extend(grouped("Nothing to tighten about", tables));
    Section {
        id: "tighten",
        title: "Tighten",
        blocks,
    }
}

fn idle_rules(tighten: &Tighten) -> Table {
    let rules = tighten.idle_rules.iter().flat_map(|rules| &rules.items);
    let row = |it: &crate::report::model::IdleRule| {
        vec![
            Cell::text(it.rule.clone()),
            Cell::text(format!("{} days", it.days)),
            match it.last_use {
                Some(day) => Cell::Day(Some(day)),
                None => Cell::text("never seen"),
            },
            Cell::owner(it.owner.as_deref()),
        ]
    };
    Table::new(
        "Unused rules",
        &["rule", "unused for", "last use", "owner"],
        rules.map(row).collect(),
    )
    .of(tighten.idle_rules.as_ref().map_or(0, |rules| rules.total))
}

fn wildcards(tighten: &Tighten) -> Table {
    let row = |it: &crate::report::model::Wildcard| {
        let mut examples = it.examples.join(", ");
        if it.matched > it.examples.len() as u64 {
            examples.push_str(" …");
        }
        vec![
            Cell::text(it.rule.clone()),
            Cell::Name(it.patterns.join("  ")),
            Cell::Number(it.matched),
            Cell::Name(examples),
            Cell::owner(it.owner.as_deref()),
        ]
    };
    Table::new(
        "Wildcards, and what they matched",
        &["rule", "patterns", "matched", "what", "owner"],
        tighten.wildcards.items.iter().map(row).collect(),
    )
    .of(tighten.wildcards.total)
}

fn sessions(tighten: &Tighten) -> Table {
    let row = |it: &crate::report::model::LongSession| {
        vec![
            Cell::text(it.rule.clone()),
            Cell::Length(Some(it.allowed)),
            Cell::Length(Some(it.longest)),
            Cell::Name(format!("max_session = \"{}\"", format_duration(it.longest))),
            Cell::owner(it.owner.as_deref()),
        ]
    };
    Table::new(
        "Sessions that could be shorter",
        &["rule", "allows", "longest seen", "write", "owner"],
        tighten.sessions.items.iter().map(row).collect(),
    )
    .of(tighten.sessions.total)
}

fn idle_roles(tighten: &Tighten) -> Table {
    let row = |it: &crate::report::model::IdleRole| {
        vec![
            Cell::Role(it.role_arn.clone()),
            Cell::text(it.rules.join(", ")),
        ]
    };
    Table::new(
        "Roles of rules that nobody assumed",
        &["role", "rules"],
        tighten.idle_roles.items.iter().map(row).collect(),
    )
    .of(tighten.idle_roles.total)
}

fn classic(tighten: &Tighten) -> Table {
    let row = |it: &crate::report::model::Classic| {
        let pin = match &it.pin {
            Some(pin) => Cell::Name(pin.clone()),
            None => Cell::text("its ids were not seen yet"),
        };
        vec![
            Cell::repository(&it.repository),
            Cell::Change(it.assumptions),
            pin,
        ]
    };
    Table::new(
        "Classic subjects, which a namesake could copy: opt in to ids, and pin them",
        &["repository", "assumptions", "pin"],
        tighten.classic.items.iter().map(row).collect(),
    )
    .of(tighten.classic.total)
}

fn expiring(tighten: &Tighten) -> Table {
    let row = |it: &crate::report::model::Expiring| {
        vec![
            Cell::text(it.what.clone()),
            Cell::Day(Some(it.last)),
            Cell::text(if it.ended { "ended" } else { "ends" }),
            Cell::owner(it.owner.as_deref()),
        ]
    };
    Table::new(
        "Rules and silences that end soon, or have ended",
        &["what", "last day", "state", "owner"],
        tighten.expiring.items.iter().map(row).collect(),
    )
    .of(tighten.expiring.total)
}
