//! detect: CloudTrail events in, findings out to SNS.

mod batch;
mod log;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::allowlist_in_force::{AllowlistInForce, InForce};
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::{Ledger, StoreError};
use rolewatch_aws::allowlist::AllowlistLocation;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::settings::{DetectSettings, ProcessEnvironment};
use rolewatch_aws::sns::Topic;
use serde_json::Value;

use crate::batch::{Batch, Kind, Work};

struct Detect {
    pipeline: Pipeline<Ledger<DynamoTable>, Topic>,
    allowlist: AllowlistInForce<AllowlistLocation>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = DetectSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let location = AllowlistLocation::new(&settings.allowlist, &config);
    let table = DynamoTable::new(&config, settings.table);
    let topic = Topic::new(&config, settings.topic_arn);
    let detect = Arc::new(Detect {
        pipeline: Pipeline::new(Ledger::new(table, settings.windows), topic),
        allowlist: AllowlistInForce::new(location),
    });
    run(service_fn(move |event| {
        let detect = Arc::clone(&detect);
        // In a box of its own: the compiler gives up on a future of such depth.
        async move { Box::pin(detect.handle(event)).await }
    }))
    .await
}

impl Detect {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        match Work::from(event.payload) {
            Work::Judge(Batch { kind, items }) => self.judge(kind, items).await,
            Work::Sweep => self.minute().await,
        }
    }

    async fn judge(&self, kind: Kind, items: Vec<Item>) -> Result<Value, Error> {
        let now = Utc::now();
        let in_force = self.look(now).await;
        let reports = self.pipeline.run(items, &in_force.allowlist, now).await;
        for report in &reports {
            log::report(report, in_force.version.as_deref(), now);
        }
        if in_force.news
            && let Err(error) = self.sweep(now).await
        {
            // The events are judged; the schedule's next sweep tells the news.
            log::not_swept(&error);
        }
        kind.answer(&reports)
    }

    /// The schedule's sweep looks at the allowlist too: a change is told where nothing happens.
    async fn minute(&self) -> Result<Value, Error> {
        let now = Utc::now();
        self.look(now).await;
        self.sweep(now).await?;
        Ok(Value::Null)
    }

    async fn look(&self, now: DateTime<Utc>) -> InForce {
        let in_force = self.allowlist.look(&self.pipeline.store, now).await;
        if let Some(why) = &in_force.store_error {
            log::allowlist_not_recorded(in_force.version.as_deref(), why);
        }
        in_force
    }

    async fn sweep(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (published, failures) = self.pipeline.sweep(now).await?;
        log::swept(published, &failures);
        Ok(())
    }
}
