//! The report as one page, complete in itself: it fetches nothing, and its policy lets nothing
//! run or be fetched but its own style and its own script, which are named by their hashes.

mod charts;
mod table;
mod visible;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use self::visible::Visible;
use crate::report::model::{Change, Report};
use crate::report::sheet::{Block, Card, Cell, Chart, Section, Sheet, Table, Tone};
use crate::report::words::number;

const STYLE: &str = include_str!("../../../../templates/report/style.css");
const SCRIPT: &str = include_str!("../../../../templates/report/sort.js");

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page<'a> {
    sheet: &'a Sheet,
    sections: Vec<SectionView<'a>>,
    tone: &'static str,
    calm: bool,
    made_at: Option<String>,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
}

struct SectionView<'a> {
    id: &'static str,
    title: &'static str,
    blocks: Vec<View<'a>>,
}

/// A block, as the page shows it. Tables and pictures are rendered by templates of their own.
enum View<'a> {
    Line(&'a str),
    None {
        title: &'static str,
        empty: &'a str,
    },
    Figures(Vec<Figure>),
    Table(String),
    Cards(&'a [Card]),
    Chart {
        title: &'static str,
        picture: String,
        table: String,
    },
}

struct Figure {
    label: String,
    value: String,
    before: Option<String>,
    hot: bool,
}

/// The report as HTML.
#[must_use]
pub fn render(report: &Report, sheet: &Sheet) -> String {
    let (tone, calm) = match sheet.tone {
        Tone::Calm => ("calm", true),
        Tone::Concerned => ("concerned", false),
        Tone::Alarmed => ("alarmed", false),
    };
    let page = Page {
        sheet,
        sections: sheet
            .sections
            .iter()
            .map(|it| section(report, it))
            .collect(),
        tone,
        calm,
        made_at: report
            .made_at
            .map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()),
        style: STYLE,
        script: SCRIPT,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
    };
    rendered(&page)
}

/// Rendering into a String fails only where a value's own Display does, and none here does.
fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// What a content security policy names a text by.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn section<'a>(report: &Report, section: &'a Section) -> SectionView<'a> {
    let blocks = section.blocks.iter().enumerate();
    SectionView {
        id: section.id,
        title: section.title,
        blocks: blocks
            .map(|(place, block)| view(report, block, &format!("{}-{place}", section.id)))
            .collect(),
    }
}

fn view<'a>(report: &Report, block: &'a Block, id: &str) -> View<'a> {
    match block {
        Block::Line(line) => View::Line(line),
        Block::Figures(table) => View::Figures(table.rows.iter().map(|row| figure(row)).collect()),
        Block::Cards(cards) => View::Cards(cards),
        Block::Table(table) | Block::Chart(_, table) if table.rows.is_empty() => none(table),
        Block::Table(table) => View::Table(table::render(table, id)),
        Block::Chart(chart, table) => match charts::picture(*chart, report) {
            Some(picture) => View::Chart {
                title: title(*chart),
                picture,
                table: table::render(table, id),
            },
            None => none_of(title(*chart)),
        },
    }
}

fn none(table: &Table) -> View<'_> {
    View::None {
        title: table.title,
        empty: &table.empty,
    }
}

fn none_of(title: &'static str) -> View<'static> {
    View::None {
        title,
        empty: "nothing to show",
    }
}

fn title(chart: Chart) -> &'static str {
    match chart {
        Chart::Days => "Calls a day",
        Chart::Hours => "Calls by hour and weekday (UTC)",
        Chart::Sessions => "Session lengths against the limit",
        Chart::Matrix => "Repositories and the roles they assumed",
    }
}

fn figure(row: &[Cell]) -> Figure {
    let label = row.first().map(Cell::plain).unwrap_or_default();
    let (now, before) = match row.get(1) {
        Some(Cell::Change(Change { now, before })) => (*now, *before),
        Some(Cell::Number(now)) => (*now, None),
        _ => (0, None),
    };
    Figure {
        hot: now > 0 && matches!(label.as_str(), "unexpected" | "still open"),
        label,
        value: number(now),
        before: before.map(number),
    }
}
