//! The report in words: sections with lines and tables, the same for every rendering.
//!
//! Texts of records stand in cells as they are. Whoever renders a sheet escapes every text of
//! it, its own words included.

mod activity;
mod awake;
mod cell;
mod findings;
mod head;
mod news;
mod overview;
mod table;
mod tighten;

pub use self::cell::{Cell, role_label};
pub use self::table::{Excerpt, Table};
use super::model::{Coverage, Report};
use super::period::Period;
use crate::finding::Severity;

/// A report in words.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// `Week 2026-W47`, or the days.
    pub title: String,
    /// The days.
    pub period: String,
    /// The report in a sentence.
    pub verdict: String,
    /// How the reader should feel about it.
    pub tone: Tone,
    /// What has to be known before anything else is read.
    pub notes: Vec<String>,
    /// What the second number of a cell is; nothing where none has one.
    pub compared: Option<String>,
    /// The rest.
    pub sections: Vec<Section>,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Calm,
    /// Something is open, or not known.
    Concerned,
    /// Something of severity high or worse is open.
    Alarmed,
}

/// A part of the report.
#[derive(Clone, Debug)]
pub struct Section {
    /// A name for links, the same in every report.
    pub id: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Clone, Debug)]
pub enum Block {
    /// A line of prose.
    Line(String),
    /// The key numbers.
    Figures(Table),
    /// A table.
    Table(Table),
    /// The worst findings, one by one.
    Cards(Vec<Card>),
    /// A picture, and the table that says the same.
    Chart(Chart, Table),
}

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// Calls a day, stacked by outcome.
    Days,
    /// Calls by hour and weekday.
    Hours,
    /// Lengths of sessions by role, against the limit.
    Sessions,
    /// Repositories and roles.
    Matrix,
}

/// A finding, in short.
#[derive(Clone, Debug)]
pub struct Card {
    /// How much it weighs.
    pub severity: Severity,
    /// The check's id.
    pub check: String,
    /// What happened.
    pub title: String,
    /// What is wrong with it.
    pub message: String,
    /// How often and when, whether it is new, and who answers for it.
    pub remarks: Vec<String>,
    /// What to do.
    pub advice: String,
    /// TOML that would have allowed it.
    pub suggestion: Option<String>,
}

/// The report in words.
#[must_use]
pub fn sheet(report: &Report) -> Sheet {
    let period = Period {
        first: report.period.first,
        last: report.period.last,
    };
    let before = period.before();
    let title = match &report.period.week {
        Some(week) => format!("Week {week}"),
        None => period.to_string(),
    };
    Sheet {
        title,
        period: period.to_string(),
        verdict: report.verdict.clone(),
        tone: head::tone(report),
        notes: head::notes(report),
        compared: (report.before.known != Coverage::Unknown)
            .then(|| format!("In brackets: the period before, {before}.")),
        sections: vec![
            overview::overview(report),
            findings::findings(report),
            activity::roles(report),
            news::news(report),
            tighten::tighten(report),
            activity::denied(report),
            awake::trust(report),
            activity::traceable(report),
            awake::awake(report),
        ],
    }
}

/// The tables that have rows, and a line about those that have none.
fn grouped(nothing: &str, tables: impl Iterator<Item = Table>) -> Vec<Block> {
    let (full, empty): (Vec<Table>, Vec<Table>) = tables.partition(|table| !table.rows.is_empty());
    let names: Vec<String> = empty
        .iter()
        .map(|table| table.title.to_lowercase())
        .collect();
    let line =
        (!names.is_empty()).then(|| Block::Line(format!("{nothing}: {}.", names.join("; "))));
    full.into_iter().map(Block::Table).chain(line).collect()
}

/// A sentence for what is not known.
fn unknown(report: &Report, what: &str) -> String {
    report.why_unknown(what).unwrap_or("not known").to_owned()
}
