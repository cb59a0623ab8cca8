//! notify: alerts from SNS, through SQS, to Slack.

mod batch;
mod deadline;
mod message;

use std::sync::Arc;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::alert::Alert;
use rolewatch::notify::Notifier;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{NotifySettings, ProcessEnvironment};
use rolewatch_http::slack::Webhook;
use serde_json::json;

use crate::batch::Item;
use crate::deadline::Deadline;
use crate::message::MessageError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let settings = NotifySettings::read(&ProcessEnvironment)?;
    let config = rolewatch_aws::config().await;
    let webhook = Arc::new(Webhook::new(
        &read(&settings.slack_webhook, &config).await?,
    )?);
    run(service_fn(move |event| {
        let webhook = Arc::clone(&webhook);
        async move { Ok::<_, Error>(deliver_all(event, &*webhook).await) }
    }))
    .await
}

/// One after the other, what weighs most first: Slack takes one message a second from a webhook,
/// and tells when it is too fast. What there is no time for comes again.
async fn deliver_all(event: LambdaEvent<SqsEvent>, webhook: &impl Notifier) -> SqsBatchResponse {
    let mut deadline = Deadline::of(&event.context);
    let mut answer = SqsBatchResponse::default();
    for Item { id, alert } in batch::most_severe_first(event.payload.records) {
        if let Err(why) = deliver(alert, webhook, &mut deadline).await {
            println!(
                "{}",
                json!({"level": "error", "message": "an alert has to come again", "item": id, "why": why})
            );
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            answer.batch_item_failures.push(failure);
        }
    }
    answer
}

async fn deliver(
    alert: Result<Alert, MessageError>,
    webhook: &impl Notifier,
    deadline: &mut Deadline,
) -> Result<(), String> {
    let alert = alert.map_err(|error| error.to_string())?;
    deadline.post(webhook, &alert).await?;
    println!(
        "{}",
        json!({"level": "info", "message": "delivered an alert", "finding": alert.id, "check": alert.check})
    );
    Ok(())
}
