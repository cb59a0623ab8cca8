//! The report from the counts of `DynamoDB`, as the function makes it: through AWS's SDK, with 90
//! days of rows to be read.

use std::time::Instant;

use rolewatch::report::model::Source;
use rolewatch::report::{Extras, Gatherer, gather};
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;

use super::{Taken, allowlist, period};

/// Reads all of it from the table at this address, and prints what it took.
pub(crate) fn print(url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(report(url))
}

async fn report(url: &str) -> anyhow::Result<()> {
    let config = rolewatch_aws::config().await.into_builder();
    let table = DynamoTable::new(&config.endpoint_url(url).build(), "bench");
    let store = Ledger::new(table, Windows::default());
    let allowlist = allowlist()?;
    let now = "2026-11-23T02:00:00Z".parse()?;
    let gatherer = Gatherer::new(period()?, Source::Service, &allowlist, now);
    let began = Instant::now();
    let report = gather(&store, gatherer, Extras::default(), now).await?;
    Taken::of(&report, began.elapsed()).print()
}
