//! detect: CloudTrail events in, findings out to SNS.

mod batch;
mod detect;
mod log;
mod metrics;

use std::sync::Arc;

use lambda_runtime::{Error, run, service_fn};
use rolewatch::allowlist_in_force::{Account, AllowlistInForce};
use rolewatch::notify::Localised;
use rolewatch::pipeline::Pipeline;
use rolewatch::store::Ledger;
use rolewatch_aws::allowlist::AllowlistLocation;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::settings::{DetectSettings, ProcessEnvironment};
use rolewatch_aws::sns::Topic;

use crate::detect::Detect;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = DetectSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let location = AllowlistLocation::new(&settings.allowlist, &config);
    let table = DynamoTable::new(&config, settings.table);
    let account = settings.account.map(|number| Account {
        name: settings.account_names.get(&number).cloned(),
        number,
    });
    let topic = Localised {
        inner: Topic::new(&config, settings.topic_arn),
        accounts: settings.account_names,
        pages: settings.check_pages,
    };
    let detect = Arc::new(Detect {
        pipeline: Pipeline::new(Ledger::new(table, settings.windows), topic),
        allowlist: AllowlistInForce::new(location, account),
        own: settings.own,
    });
    run(service_fn(move |event| {
        let detect = Arc::clone(&detect);
        // In a box of its own: the compiler gives up on a future of such depth.
        async move { Box::pin(detect.handle(event)).await }
    }))
    .await
}
