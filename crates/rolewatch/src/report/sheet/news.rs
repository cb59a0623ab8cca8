//! What was not there before.

use super::{Block, Cell, Section, Table, grouped, unknown};
use crate::report::model::Report;

pub(super) fn news(report: &Report) -> Section {
    let news = &report.news;
    let blocks = match news.since {
        None => vec![Block::Line(format!(
            "What is new cannot be told: {}.",
            unknown(report, "news")
        ))],
        Some(since) => {
            let mut blocks = vec![Block::Line(format!(
                "New is what was not seen from {since} to the period's begin."
            ))];
            blocks.extend(grouped("Nothing new among", tables(report)));
            blocks
        }
    };
    Section {
        id: "new",
        title: "New",
        blocks,
    }
}

fn tables(report: &Report) -> impl Iterator<Item = Table> {
    let news = &report.news;
    let expected = |expected: bool| Cell::text(if expected { "expected" } else { "unexpected" });
    let repositories = news.repositories.items.iter().map(|it| {
        vec![
            Cell::repository(&it.repository),
            Cell::Number(it.assumptions),
            expected(it.expected),
        ]
    });
    let contexts = news.contexts.items.iter().map(|it| {
        vec![
            Cell::Name(it.context.clone()),
            Cell::repository(&it.repository),
            Cell::Role(it.role_arn.clone()),
            expected(it.expected),
        ]
    });
    let renamed = news.renamed.items.iter().map(|it| {
        vec![
            Cell::Name(it.to.clone()),
            Cell::Name(it.from.clone()),
            Cell::text(it.id.to_string()),
        ]
    });
    let roles = news
        .roles
        .items
        .iter()
        .map(|arn| vec![Cell::Role(arn.clone())]);
    let ids = news
        .ids
        .items
        .iter()
        .map(|it| vec![Cell::Name(it.repository.clone())]);
    let providers = news
        .providers
        .items
        .iter()
        .map(|it| vec![Cell::Name(it.clone())]);
    [
        Table::new(
            "Repositories",
            &["repository", "assumptions", "verdict"],
            repositories.collect(),
        )
        .of(news.repositories.total),
        Table::new("Roles", &["role"], roles.collect()).of(news.roles.total),
        Table::new(
            "Contexts of known repositories",
            &["context", "repository", "role", "verdict"],
            contexts.collect(),
        )
        .of(news.contexts.total),
        Table::new("Ids", &["repository with its ids"], ids.collect()).of(news.ids.total),
        Table::new("Issuers of tokens", &["issuer"], providers.collect()).of(news.providers.total),
        Table::new(
            "Renamed repositories",
            &["now", "before", "id"],
            renamed.collect(),
        )
        .of(news.renamed.total),
    ]
    .into_iter()
}
