//! report: what a week amounted to, out of the table: a page, and a summary for Slack and mail.

mod report;
mod request;

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::pages::Pages;
use rolewatch_aws::queue::Queues;
use rolewatch_aws::settings::{ProcessEnvironment, ReportSettings};
use rolewatch_aws::sns::Topic;

use crate::report::Reporter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = ReportSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let reporter = Arc::new(Reporter {
        store: Ledger::new(
            DynamoTable::new(&config, settings.table),
            Windows::default(),
        ),
        pages: Pages::new(&config, settings.bucket),
        topic: Topic::new(&config, settings.topic_arn),
        dead_letters: Queues::new(&config, settings.dead_letters),
        failed_deliveries: Queues::new(&config, settings.failed_deliveries),
        webhook: settings.slack_webhook,
        config,
    });
    run(service_fn(move |event| {
        let reporter = Arc::clone(&reporter);
        async move { Box::pin(reporter.handle(event)).await }
    }))
    .await
}
