//! Rules, where they lead, and what they let through: `EventBridge`.

use std::collections::HashMap;

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use rolewatch::doctor::{Looked, MUST_MATCH, Rule, Stack, Target};

use super::{each, failed, in_time};

const DESCRIBE: &str = "events:DescribeRule";
const TARGETS: &str = "events:ListTargetsByRule";
const TEST: &str = "events:TestEventPattern";

/// What patterns let through, for each that was asked about.
pub(super) type Patterns = HashMap<String, Looked<Vec<bool>>>;

/// The rules of the home region.
pub(super) struct Home {
    pub(super) rules: Vec<(String, Looked<Rule>)>,
    pub(super) patterns: Patterns,
}

pub(super) async fn home(config: &SdkConfig, stack: &Stack) -> Home {
    let client = Client::new(config);
    let found = each(stack, "AWS::Events::Rule", DESCRIBE, |name| {
        whole(&client, name)
    })
    .await;
    let mut home = Home {
        rules: Vec::new(),
        patterns: Patterns::new(),
    };
    for (logical, looked) in found {
        let rule = looked.map(|(rule, pattern)| {
            home.patterns
                .extend(pattern.map(|it| (it, rule.lets_through.clone())));
            rule
        });
        home.rules.push((logical, rule));
    }
    home
}

async fn whole(client: &Client, name: &str) -> Looked<(Rule, Option<String>)> {
    let (described, targets) = tokio::join!(describe(client, name), targets(client, name));
    let (rule, pattern) = described?;
    let lets_through = match &pattern {
        Some(pattern) => in_time(TEST, lets_through(client, pattern)).await,
        None => Ok(Vec::new()),
    };
    let rule = Rule {
        targets,
        lets_through,
        ..rule
    };
    Ok((rule, pattern))
}

/// A rule but for what else has to be asked, and its pattern.
pub(super) async fn describe(client: &Client, name: &str) -> Looked<(Rule, Option<String>)> {
    let answer = client.describe_rule().name(name).send().await;
    let answer = answer.map_err(failed(DESCRIBE))?;
    let rule = Rule {
        name: name.to_owned(),
        arn: answer.arn.unwrap_or_default(),
        state: answer
            .state
            .map(|it| it.as_str().to_owned())
            .unwrap_or_default(),
        targets: Ok(Vec::new()),
        lets_through: Ok(Vec::new()),
    };
    Ok((rule, answer.event_pattern))
}

async fn targets(client: &Client, name: &str) -> Looked<Vec<Target>> {
    // A rule has five at most: one page.
    let answer = client.list_targets_by_rule().rule(name).send().await;
    let targets = answer.map_err(failed(TARGETS))?.targets.unwrap_or_default();
    let targets = targets.into_iter().map(|it| Target {
        arn: it.arn,
        dead_letters: it.dead_letter_config.and_then(|it| it.arn),
    });
    Ok(targets.collect())
}

/// Which of what must match a pattern does, as `EventBridge` itself judges.
pub(super) async fn lets_through(client: &Client, pattern: &str) -> Looked<Vec<bool>> {
    let mut answers = Vec::new();
    for (_, event) in MUST_MATCH {
        let call = client
            .test_event_pattern()
            .event_pattern(pattern)
            .event(event);
        let answer = call.send().await.map_err(failed(TEST))?;
        answers.push(answer.result);
    }
    Ok(answers)
}
