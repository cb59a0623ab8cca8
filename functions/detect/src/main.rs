//! detect: CloudTrail events in, findings out to SNS.

mod batch;
mod log;

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::pipeline::Pipeline;
use rolewatch::store::Memory;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{DetectSettings, ProcessEnvironment};
use rolewatch_aws::sns::Topic;
use serde_json::Value;

use crate::batch::Batch;

struct Detect {
    pipeline: Pipeline<Memory, Topic>,
    allowlist: Allowlist,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = DetectSettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let text = read(&settings.allowlist, &config).await?;
    let detect = Arc::new(Detect {
        pipeline: Pipeline {
            store: Memory::default(),
            notifier: Topic::new(&config, settings.topic_arn),
        },
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
        let batch = Batch::from(event.payload);
        let now = chrono::Utc::now();
        let reports = self.pipeline.run(batch.items, &self.allowlist, now).await;
        for report in &reports {
            log::report(report, now);
        }
        batch.kind.answer(&reports)
    }
}

fn usable(text: &str) -> Result<Allowlist, Error> {
    compile(text)
        .map(|(allowlist, _)| allowlist)
        .map_err(|diagnostics| {
            let problems: Vec<String> = diagnostics
                .iter()
                .map(|it| format!("line {}: {} ({})", it.line, it.message, it.help))
                .collect();
            format!("the allowlist cannot be used: {}", problems.join("; ")).into()
        })
}
