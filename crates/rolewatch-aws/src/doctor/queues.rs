//! Queues: SQS.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use rolewatch::doctor::{Looked, Queue, Stack};

use super::{because, each, failed};

const ACTION: &str = "sqs:GetQueueAttributes";

pub(super) async fn queues(config: &SdkConfig, stack: &Stack) -> Vec<(String, Looked<Queue>)> {
    let client = Client::new(config);
    each(stack, "AWS::SQS::Queue", ACTION, |url| queue(&client, url)).await
}

async fn queue(client: &Client, url: &str) -> Looked<Queue> {
    let names = [
        Name::ApproximateNumberOfMessages,
        Name::ApproximateNumberOfMessagesDelayed,
        Name::ApproximateNumberOfMessagesNotVisible,
        Name::Policy,
        Name::RedrivePolicy,
    ];
    let call = client.get_queue_attributes().queue_url(url);
    let answer = call.set_attribute_names(Some(names.into())).send().await;
    let attributes = answer
        .map_err(failed(ACTION))?
        .attributes
        .unwrap_or_default();
    let count = |name| -> Looked<u64> {
        let count = attributes.get(&name).and_then(|it| it.parse().ok());
        count.ok_or_else(|| because(ACTION, "an answer without the counts"))
    };
    let delayed = count(Name::ApproximateNumberOfMessagesDelayed)?;
    Ok(Queue {
        waiting: count(Name::ApproximateNumberOfMessages)? + delayed,
        in_work: count(Name::ApproximateNumberOfMessagesNotVisible)?,
        has_dead_letters: attributes.contains_key(&Name::RedrivePolicy),
        policy: attributes.get(&Name::Policy).cloned(),
    })
}
