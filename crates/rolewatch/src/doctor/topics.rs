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

/// Which of the stack's own queues findings do not reach; or that they reach nobody at all.
fn cut_off(confirmed: &[&Subscription], stack: &Stack) -> Vec<Probe> {
    const NAME: &str = "subscription";
    let own = ["Alerts", "Relays"];
    let mut own = own
        .into_iter()
        .filter_map(|queue| Some((queue, stack.physical(queue)?)))
        .peekable();
    if own.peek().is_none() && confirmed.is_empty() {
        return vec![Probe::fail(
            NAME,
            "nobody is told of findings: there is neither Slack, nor Amazon Q, nor a bus, and Findings has no confirmed subscriber",
            "aws sns subscribe --topic-arn FINDINGS_TOPIC_ARN --protocol email --notification-endpoint you@example.com",
        )];
    }
    own.filter(|(_, physical)| {
        let subscribes = |it: &&Subscription| it.protocol == "sqs" && is(&it.endpoint, physical);
        !confirmed.iter().any(subscribes)
    })
    .map(|(queue, _)| {
        let message =
            format!("findings do not reach the queue {queue}: it does not subscribe to Findings");
        Probe::fail(NAME, message, DEPLOY)
    })
    .collect()
}

/// Who has to subscribe to a topic, and does not.
fn missing(logical: &str, topic: &Topic, stack: &Stack) -> Vec<Probe> {
    let confirmed: Vec<&Subscription> = topic
        .subscriptions
        .iter()
        .filter(|it| it.is_confirmed)
        .collect();
    match logical {
        "Findings" if stack.tells_its_findings() => cut_off(&confirmed, stack),
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
