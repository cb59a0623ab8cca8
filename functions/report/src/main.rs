//! report: a week's counts from the store, as a page in S3, a message in Slack and a mail.

mod request;
mod run;

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run as serve, service_fn};
use rolewatch::store::{Ledger, Windows};
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::pages::Bucket;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{ProcessEnvironment, ReportSettings};
use rolewatch_aws::sns::Topic;
use rolewatch_http::slack::Webhook;
use serde_json::Value;

use crate::run::Reporter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = ReportSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let reporter = Arc::new(Reporter {
        store: Ledger::new(
            DynamoTable::new(&config, &settings.table),
            Windows::default(),
        ),
        pages: Bucket::new(&config, &settings.bucket),
        mail: Topic::new(&config, &settings.topic_arn),
        webhook: Webhook::new(&read(&settings.slack_webhook, &config).await?)?,
        settings,
    });
    serve(service_fn(move |event: LambdaEvent<Value>| {
        let reporter = Arc::clone(&reporter);
        async move { Box::pin(reporter.handle(event)).await }
    }))
    .await
}
