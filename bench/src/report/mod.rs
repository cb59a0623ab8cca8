//! What a report of ten million assumptions over 5,000 pairs of role and subject costs: from the
//! events themselves, and from the counts of `DynamoDB`.

pub(crate) mod events;
pub(crate) mod section;
pub(crate) mod server;
pub(crate) mod table;

use std::time::Duration;

use anyhow::Context;
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::report::Period;
use rolewatch::report::model::Report;
use rolewatch::report::rendering::html;
use rolewatch::report::sheet::sheet;
use serde::{Deserialize, Serialize};

pub(crate) const ASSUMPTIONS: u64 = 10_000_000;
pub(crate) const PAIRS: u64 = 5_000;
pub(crate) const DAYS: u64 = 7;
/// Each with a role of its own.
const RULES: u64 = 50;

/// What a report took, as the process that made it says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) verdict: String,
    pub(crate) assumptions: u64,
    /// Seconds until all was counted.
    pub(crate) gathered: f64,
    /// Seconds until the page was there.
    pub(crate) rendered: f64,
    pub(crate) page_bytes: usize,
}

impl Taken {
    /// Renders the page of a report that was gathered in so long.
    pub(crate) fn of(report: &Report, gathered: Duration) -> Self {
        let began = std::time::Instant::now();
        let page = html::render(report, &sheet(report));
        Self {
            verdict: report.verdict.clone(),
            assumptions: report.totals.assumptions.now,
            gathered: gathered.as_secs_f64(),
            rendered: began.elapsed().as_secs_f64(),
            page_bytes: page.len(),
        }
    }

    pub(crate) fn print(&self) -> anyhow::Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

pub(crate) fn period() -> anyhow::Result<Period> {
    Ok(Period::parse_week("2026-W47")?)
}

pub(crate) fn role(pair: u64) -> String {
    format!("arn:aws:iam::123456789012:role/deploy-{}", pair % RULES)
}

pub(crate) fn subject(pair: u64) -> String {
    format!("repo:my-org/service-{pair}:ref:refs/heads/main")
}

pub(crate) fn rule(pair: u64) -> String {
    format!("rule {}", pair % RULES)
}

pub(crate) fn allowlist() -> anyhow::Result<Allowlist> {
    let rule = |number| {
        format!(
            "[[allow]]\nname = '{}'\nroles = ['{}']\nrepositories = ['my-org/*']\n\
             contexts = ['branch:main', 'environment:*']\nmax_session = '1h'\n",
            rule(number),
            role(number)
        )
    };
    let rules: String = (0..RULES).map(rule).collect();
    let compiled = compile(&format!("version = 1\n{rules}")).ok();
    Ok(compiled.context("the allowlist is not one")?.0)
}
