//! The other regions, and what there leads home: Account, and `EventBridge` in each.

use aws_config::SdkConfig;
use aws_sdk_account::types::RegionOptStatus;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Region as Place;
use futures_util::future::join_all;
use rolewatch::doctor::{Looked, Region, Rule};

use super::identity::Caller;
use super::rules::{Patterns, describe, lets_through};
use super::{failed, in_time};

const REGIONS: &str = "account:ListRegions";
const RULES: &str = "events:ListRuleNamesByTarget";

pub(super) async fn others(
    config: &SdkConfig,
    caller: &Caller,
    home: &str,
    patterns: Patterns,
) -> Looked<Vec<Region>> {
    let names = in_time(REGIONS, enabled(config)).await?;
    let bus = format!(
        "arn:{}:events:{home}:{}:event-bus/default",
        caller.partition, caller.account
    );
    let others = names.into_iter().filter(|name| name != home);
    let looks = others.map(|name| async {
        let place = Place::new(name.clone());
        let config = aws_sdk_eventbridge::config::Builder::from(config).region(place);
        let client = Client::from_conf(config.build());
        let rules = in_time(RULES, rules(&client, &bus, &patterns)).await;
        Region { name, rules }
    });
    Ok(join_all(looks).await)
}

async fn enabled(config: &SdkConfig) -> Looked<Vec<String>> {
    let client = aws_sdk_account::Client::new(config);
    let call = client
        .list_regions()
        .region_opt_status_contains(RegionOptStatus::Enabled)
        .region_opt_status_contains(RegionOptStatus::EnabledByDefault);
    let mut pages = call.into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let regions = page.map_err(failed(REGIONS))?.regions.unwrap_or_default();
        names.extend(regions.into_iter().filter_map(|it| it.region_name));
    }
    Ok(names)
}

/// Whatever leads to the bus, by whichever name: a stack of a `StackSet` is called otherwise.
async fn rules(client: &Client, bus: &str, patterns: &Patterns) -> Looked<Vec<Rule>> {
    let answer = client
        .list_rule_names_by_target()
        .target_arn(bus)
        .send()
        .await;
    let names = answer
        .map_err(failed(RULES))?
        .rule_names
        .unwrap_or_default();
    let mut rules = Vec::new();
    for name in names {
        let (rule, pattern) = describe(client, &name).await?;
        let lets_through = match pattern {
            None => Ok(Vec::new()),
            Some(pattern) => match patterns.get(&pattern) {
                Some(known) => known.clone(),
                None => lets_through(client, &pattern).await,
            },
        };
        rules.push(Rule {
            lets_through,
            ..rule
        });
    }
    Ok(rules)
}
