//! What could be tightened.

use super::{Block, Cell, Section, Table, unknown};
use crate::allowlist::format_duration;
use crate::report::model::{Report, Tighten};

pub(super) fn tighten(report: &Report) -> Section {
    let tighten = &report.tighten;
    let mut blocks = Vec::new();
    if let Some(since) = tighten.since {
        blocks.push(Block::Line(format!("By what was seen since {since}.")));
    }
    blocks.push(match &tighten.idle_rules {
        Some(_) => Block::Table(idle_rules(tighten)),
        None => Block::Line(format!(
            "Unused rules: {}.",
            unknown(report, "tighten.idle_rules")
        )),
    });
    blocks.push(Block::Table(wildcards(tighten)));
    blocks.push(Block::Table(sessions(tighten)));
    blocks.push(match tighten.since {
        Some(_) => Block::Table(idle_roles(tighten)),
        None => Block::Line("Roles that nobody assumed: nothing is recorded.".into()),
    });
    blocks.push(Block::Table(classic(tighten)));
    blocks.push(Block::Table(expiring(tighten)));
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
        "Unused rules: remove them",
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
        "Wildcards, and what they matched: name it where it is little",
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
            Cell::Number(it.assumptions),
            pin,
        ]
    };
    Table::new(
        "Still with classic subjects, which a namesake could copy: opt in to ids, and pin them",
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
        "Rules and silences that end within 30 days, or have ended",
        &["what", "last day", "state", "owner"],
        tighten.expiring.items.iter().map(row).collect(),
    )
    .of(tighten.expiring.total)
}
