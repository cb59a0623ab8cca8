//! Topics: who is told, of findings and of rolewatch's own troubles.

use super::rules::is;
use super::{DEPLOY, Facts, Probe, Stack, listed, or_well};

/// A topic of SNS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topic {
    /// Who subscribes to it.
    pub subscriptions: Vec<Subscription>,
}

/// A subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// `email`, `sqs` and so on.
    pub protocol: String,
    /// An address, an ARN.
    pub endpoint: String,
    /// Whether the subscriber said yes.
    pub is_confirmed: bool,
}

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let mut wrong = Vec::new();
    let mut well = Vec::new();
    for (logical, looked) in &facts.topics {
        match looked {
            Err(not) => wrong.push(not.probe("topic", &format!("the topic {logical}"))),
            Ok(topic) => {
                wrong.extend(pending(logical, topic));
                wrong.extend(missing(logical, topic, &facts.stack));
                let confirmed = topic
                    .subscriptions
                    .iter()
                    .filter(|it| it.is_confirmed)
                    .count();
                well.push(format!("{logical} has {confirmed}"));
            }
        }
    }
    or_well(wrong, "subscription", || {
        format!("confirmed subscriptions: {}", listed(&well))
    })
}

fn pending(logical: &str, topic: &Topic) -> Option<Probe> {
    let unconfirmed = topic.subscriptions.iter().filter(|it| !it.is_confirmed);
    let who: Vec<String> = unconfirmed
        .map(|it| format!("{} {}", it.protocol, it.endpoint))
        .collect();
    let message = format!(
        "unconfirmed subscribers of {logical} get nothing: {}",
        listed(&who)
    );
    let cure = "the link in the mail that SNS sent confirms it, within two days; after that, subscribe again";
    (!who.is_empty()).then(|| Probe::warn("subscription", message, cure))
}

/// Who has to subscribe to a topic, and does not.
fn missing(logical: &str, topic: &Topic, stack: &Stack) -> Vec<Probe> {
    let confirmed: Vec<&Subscription> = topic
        .subscriptions
        .iter()
        .filter(|it| it.is_confirmed)
        .collect();
    match logical {
        "Findings" if stack.tells_its_findings() => ["Alerts", "Relays"]
            .into_iter()
            .filter_map(|queue| {
                let physical = stack.physical(queue)?;
                let found = confirmed
                    .iter()
                    .any(|it| it.protocol == "sqs" && is(&it.endpoint, physical));
                let message = format!(
                    "findings do not reach the queue {queue}: it does not subscribe to {logical}"
                );
                (!found).then(|| Probe::fail("subscription", message, DEPLOY))
            })
            .collect(),
        "Operations" if confirmed.is_empty() => vec![Probe::fail(
            "subscription",
            "nobody is told when rolewatch itself is in trouble: Operations has no confirmed subscriber",
            "aws sns subscribe --topic-arn OPERATIONS_TOPIC_ARN --protocol email --notification-endpoint you@example.com",
        )],
        "Chat" if confirmed.is_empty() => vec![Probe::warn(
            "subscription",
            "no channel of Amazon Q Developer is subscribed to Chat",
            "name the output ChatTopicArn in a channel of Amazon Q Developer in chat applications",
        )],
        _ => Vec::new(),
    }
}
