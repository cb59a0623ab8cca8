//! What the stack is made of: `CloudFormation`.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use chrono::DateTime;
use rolewatch::doctor::{Looked, Resource, Stack};

use super::identity::Caller;
use super::{because, failed, in_time};

const DESCRIBE: &str = "cloudformation:DescribeStacks";
const LIST: &str = "cloudformation:ListStackResources";

/// The stack of this name.
///
/// # Errors
/// There is none, or it could not be looked at.
pub async fn stack(config: &SdkConfig, name: &str, caller: &Caller) -> Looked<Stack> {
    let client = Client::new(config);
    let (found, resources) = tokio::join!(
        in_time(DESCRIBE, describe(&client, name)),
        in_time(LIST, resources(&client, name)),
    );
    // First: of a stack that is not there both fail, and this one knows why.
    let found = found?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    Ok(Stack {
        account: caller.account.clone(),
        region,
        resources: resources?,
        ..found
    })
}

async fn describe(client: &Client, name: &str) -> Looked<Stack> {
    let answer = client.describe_stacks().stack_name(name).send().await;
    let answer = answer.map_err(|error| {
        // A stack that is not there is a ValidationError, like much else; the text alone tells.
        let is_gone = error
            .message()
            .is_some_and(|text| text.contains("does not exist"));
        let code = if is_gone {
            "it does not exist"
        } else {
            error.code().unwrap_or("no answer")
        };
        because(DESCRIBE, code)
    })?;
    let stacks = answer.stacks.unwrap_or_default();
    let stack = stacks.into_iter().next();
    let stack = stack.ok_or_else(|| because(DESCRIBE, "it does not exist"))?;
    let changed = stack.last_updated_time.or(stack.creation_time);
    let parameters = stack.parameters.unwrap_or_default().into_iter();
    Ok(Stack {
        name: name.to_owned(),
        status: stack
            .stack_status
            .map(|it| it.as_str().to_owned())
            .unwrap_or_default(),
        changed: changed.and_then(|time| DateTime::from_timestamp(time.secs(), 0)),
        parameters: parameters
            .filter_map(|it| Some((it.parameter_key?, it.parameter_value?)))
            .collect(),
        ..Stack::default()
    })
}

async fn resources(client: &Client, name: &str) -> Looked<Vec<Resource>> {
    let mut pages = client
        .list_stack_resources()
        .stack_name(name)
        .into_paginator()
        .send();
    let mut resources = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed(LIST))?;
        let summaries = page.stack_resource_summaries.unwrap_or_default();
        resources.extend(summaries.into_iter().filter_map(|it| {
            Some(Resource {
                logical: it.logical_resource_id?,
                kind: it.resource_type?,
                physical: it.physical_resource_id?,
            })
        }));
    }
    Ok(resources)
}
