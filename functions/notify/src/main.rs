//! notify: alerts from SNS, through SQS, to Slack.

mod deadline;
mod message;

use std::sync::Arc;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rolewatch::notify::Notifier;
use rolewatch_aws::parameter::read;
use rolewatch_aws::settings::{NotifySettings, ProcessEnvironment};
use rolewatch_http::slack::Webhook;
use serde_json::json;

use crate::deadline::Deadline;

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

/// One after the other: Slack takes one message a second from a webhook, and tells when it is
/// too fast. What there is no time for comes again.
async fn deliver_all(event: LambdaEvent<SqsEvent>, webhook: &impl Notifier) -> SqsBatchResponse {
    let deadline = Deadline::of(&event.context);
    let mut answer = SqsBatchResponse::default();
    for queued in event.payload.records {
        let id = queued.message_id.clone().unwrap_or_default();
        if let Err(why) = deliver(&queued, webhook, &deadline).await {
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
    queued: &SqsMessage,
    webhook: &impl Notifier,
    deadline: &Deadline,
) -> Result<(), String> {
    let body = queued.body.as_deref().unwrap_or_default();
    let alert = message::alert(body).map_err(|error| error.to_string())?;
    deadline.post(webhook, &alert).await?;
    println!(
        "{}",
        json!({"level": "info", "message": "delivered an alert", "finding": alert.id, "check": alert.check})
    );
    Ok(())
}
