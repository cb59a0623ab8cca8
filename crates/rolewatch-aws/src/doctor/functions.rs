//! Functions: Lambda.

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use chrono::DateTime;
use rolewatch::doctor::{Function, Looked, Mapping, Stack};

use super::{because, each, failed, in_time};

const CONFIGURATION: &str = "lambda:GetFunctionConfiguration";
const CONCURRENCY: &str = "lambda:GetFunctionConcurrency";
const POLICY: &str = "lambda:GetPolicy";
const MAPPINGS: &str = "lambda:ListEventSourceMappings";

pub(super) async fn functions(
    config: &SdkConfig,
    stack: &Stack,
) -> Vec<(String, Looked<Function>)> {
    let client = Client::new(config);
    let kind = "AWS::Lambda::Function";
    each(stack, kind, CONFIGURATION, |name| function(&client, name)).await
}

async fn function(client: &Client, name: &str) -> Looked<Function> {
    let (answer, limit, policy, mappings) = tokio::join!(
        client
            .get_function_configuration()
            .function_name(name)
            .send(),
        in_time(CONCURRENCY, limit(client, name)),
        in_time(POLICY, policy(client, name)),
        in_time(MAPPINGS, mappings(client, name)),
    );
    let answer = answer.map_err(failed(CONFIGURATION))?;
    let architectures = answer.architectures.unwrap_or_default();
    let changed = answer.last_modified.unwrap_or_default();
    Ok(Function {
        // What does not say is of before there were states, or before there was arm64.
        state: answer
            .state
            .map_or_else(|| "Active".to_owned(), |it| it.as_str().to_owned()),
        last_update: answer
            .last_update_status
            .map(|it| it.as_str().to_owned())
            .unwrap_or_default(),
        architecture: architectures
            .first()
            .map_or("x86_64", |it| it.as_str())
            .to_owned(),
        code: answer.code_sha256.unwrap_or_default(),
        changed: DateTime::parse_from_str(&changed, "%Y-%m-%dT%H:%M:%S%.f%z")
            .ok()
            .map(|it| it.to_utc()),
        limit,
        policy,
        mappings,
    })
}

async fn limit(client: &Client, name: &str) -> Looked<Option<i32>> {
    let answer = client
        .get_function_concurrency()
        .function_name(name)
        .send()
        .await;
    Ok(answer
        .map_err(failed(CONCURRENCY))?
        .reserved_concurrent_executions)
}

async fn policy(client: &Client, name: &str) -> Looked<Option<String>> {
    match client.get_policy().function_name(name).send().await {
        Ok(answer) => Ok(answer.policy),
        // A function that nobody else may call has none.
        Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
        Err(error) => Err(because(POLICY, error.code().unwrap_or("no answer"))),
    }
}

async fn mappings(client: &Client, name: &str) -> Looked<Vec<Mapping>> {
    let answer = client
        .list_event_source_mappings()
        .function_name(name)
        .send()
        .await;
    let mappings = answer
        .map_err(failed(MAPPINGS))?
        .event_source_mappings
        .unwrap_or_default();
    let mappings = mappings.into_iter().map(|it| Mapping {
        queue: it.event_source_arn.unwrap_or_default(),
        state: it.state.unwrap_or_default(),
    });
    Ok(mappings.collect())
}
