//! detect: CloudTrail events in, findings out to SNS.

mod batch;
mod log;

use std::sync::Arc;

use chrono::Utc;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::pipeline::{Item, Pipeline};
use rolewatch::store::Ledger;
use rolewatch_aws::dynamodb::DynamoTable;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{DetectSettings, ProcessEnvironment};
use rolewatch_aws::sns::Topic;
use serde_json::Value;

use crate::batch::{Batch, Kind, Work};

struct Detect {
    pipeline: Pipeline<Ledger<DynamoTable>, Topic>,
    allowlist: Allowlist,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = DetectSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let text = read(&settings.allowlist, &config).await?;
    let table = DynamoTable::new(&config, settings.table);
    let topic = Topic::new(&config, settings.topic_arn);
    let detect = Arc::new(Detect {
        pipeline: Pipeline::new(Ledger::new(table, settings.windows), topic),
        allowlist: usable(&text)?,
    });
    run(service_fn(move |event| {
        let detect = Arc::clone(&detect);
        async move { detect.handle(event).await }
    }))
    .await
}

impl Detect {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        match Work::from(event.payload) {
            Work::Judge(Batch { kind, items }) => self.judge(kind, items).await,
            Work::Sweep => self.sweep().await,
        }
    }

    async fn judge(&self, kind: Kind, items: Vec<Item>) -> Result<Value, Error> {
        let now = Utc::now();
        let reports = self.pipeline.run(items, &self.allowlist, now).await;
        for report in &reports {
            log::report(report, now);
        }
        kind.answer(&reports)
    }

    async fn sweep(&self) -> Result<Value, Error> {
        let (published, failures) = self.pipeline.sweep(Utc::now()).await?;
        log::swept(published, &failures);
        Ok(Value::Null)
    }
}

fn usable(text: &str) -> Result<Allowlist, Error> {
    let diagnostics = match compile(text) {
        Ok((allowlist, _)) => return Ok(allowlist),
        Err(diagnostics) => diagnostics,
    };
    let problems = diagnostics.iter();
    let problems: Vec<String> = problems
        .map(|it| format!("line {}: {} ({})", it.line, it.message, it.help))
        .collect();
    Err(format!("the allowlist cannot be used: {}", problems.join("; ")).into())
}
