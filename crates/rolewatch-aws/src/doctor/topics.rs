//! Topics and who subscribes: SNS.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use futures_util::future::join_all;
use rolewatch::doctor::{Looked, Stack, Subscription, Topic};

use super::{failed, in_time};

const ACTION: &str = "sns:ListSubscriptionsByTopic";

pub(super) async fn topics(config: &SdkConfig, stack: &Stack) -> Vec<(String, Looked<Topic>)> {
    let client = Client::new(config);
    let own = stack
        .all("AWS::SNS::Topic")
        .map(|it| (it.logical.as_str(), it.physical.as_str()));
    // Another account lets nobody here look who subscribes to its topic.
    let existing = stack
        .parameter("ExistingFindingsTopicArn")
        .filter(|_| stack.tells_its_findings())
        .map(|arn| ("Findings", arn));
    let looks = own.chain(existing).map(|(logical, arn)| {
        let look = in_time(ACTION, topic(&client, arn));
        async { (logical.to_owned(), look.await) }
    });
    join_all(looks).await
}

async fn topic(client: &Client, arn: &str) -> Looked<Topic> {
    let mut pages = client
        .list_subscriptions_by_topic()
        .topic_arn(arn)
        .into_paginator()
        .send();
    let mut topic = Topic::default();
    while let Some(page) = pages.next().await {
        let subscriptions = page
            .map_err(failed(ACTION))?
            .subscriptions
            .unwrap_or_default();
        topic
            .subscriptions
            .extend(subscriptions.into_iter().map(|it| {
                Subscription {
                    protocol: it.protocol.unwrap_or_default(),
                    endpoint: it.endpoint.unwrap_or_default(),
                    // Until then there stands a word in place of the ARN.
                    is_confirmed: it
                        .subscription_arn
                        .is_some_and(|arn| arn.starts_with("arn:")),
                }
            }));
    }
    Ok(topic)
}
