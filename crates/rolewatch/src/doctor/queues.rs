//! Queues: what waits in them, what has been given up, and who may write to them.

use super::policy::lets;
use super::{DEPLOY, Facts, Probe, Stack, listed, or_well};

/// A queue of SQS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// Messages that wait, or are held back.
    pub waiting: u64,
    /// Messages that are being worked on.
    pub in_work: u64,
    /// Whether it hands what failed too often to another.
    pub has_dead_letters: bool,
    /// Its policy.
    pub policy: Option<String>,
}

/// More than these at a time is no everyday.
const MANY: u64 = 1000;

/// Who writes to a queue: the service, and on whose behalf, by logical names.
const WRITERS: [(&str, &str, &[&str]); 6] = [
    ("Events", "events.amazonaws.com", &["Rule", "OwnRule"]),
    (
        "RuleDeadLetters",
        "events.amazonaws.com",
        &["Rule", "OwnRule", "ReconcileSchedule", "ReportSchedule"],
    ),
    ("Alerts", "sns.amazonaws.com", &["Findings"]),
    ("AlertDeadLetters", "sns.amazonaws.com", &["Findings"]),
    ("Relays", "sns.amazonaws.com", &["Findings"]),
    ("RelayDeadLetters", "sns.amazonaws.com", &["Findings"]),
];

pub(super) fn examine(facts: &Facts) -> Vec<Probe> {
    let mut wrong = Vec::new();
    let mut waiting = Vec::new();
    for (logical, looked) in &facts.queues {
        match looked {
            Err(not) => wrong.push(not.probe("queue", &format!("the queue {logical}"))),
            Ok(queue) => {
                wrong.extend(depth(logical, queue));
                wrong.extend(writers(logical, queue, facts));
                if queue.waiting + queue.in_work > 0 {
                    waiting.push(format!("{logical} holds {}", queue.waiting + queue.in_work));
                }
            }
        }
    }
    or_well(wrong, "queue", || {
        let names: Vec<&String> = facts.queues.iter().map(|(name, _)| name).collect();
        let waits = if waiting.is_empty() {
            "nothing waits".to_owned()
        } else {
            waiting.join(", ")
        };
        format!("{} take what they should; {waits}", listed(&names))
    })
}

fn depth(logical: &str, queue: &Queue) -> Option<Probe> {
    let held = queue.waiting + queue.in_work;
    if logical.ends_with("DeadLetters") {
        let message = format!("{held} messages were given up and wait in {logical}");
        let cure = format!("docs/operations.md#{}", runbook(logical));
        return (held > 0).then(|| Probe::fail("dead-letters", message, cure));
    }
    if !queue.has_dead_letters {
        let message =
            format!("{logical} has no dead-letter queue: what fails in it blocks it, then is lost");
        return Some(Probe::fail("queue", message, DEPLOY));
    }
    let message = format!("{held} messages wait in {logical}");
    let cure = "see the log of its function (docs/operations.md#old-events, #old-alerts)";
    (held > MANY).then(|| Probe::warn("queue-depth", message, cure))
}

fn runbook(logical: &str) -> &'static str {
    match logical {
        "RuleDeadLetters" => "dead-letters-of-the-rule",
        "EventDeadLetters" => "dead-letters-of-detect",
        "AlertDeadLetters" => "dead-letters-of-notify",
        "RelayDeadLetters" => "dead-letters-of-relay",
        _ => "runbook",
    }
}

fn writers(logical: &str, queue: &Queue, facts: &Facts) -> Option<Probe> {
    let (_, service, sources) = WRITERS.iter().find(|it| it.0 == logical)?;
    let policy = queue.policy.as_deref().unwrap_or_default();
    let shut_out: Vec<&str> = sources
        .iter()
        .filter(|source| {
            let arn = arn_of(source, facts);
            arn.is_some_and(|arn| !lets(policy, service, "sqs:SendMessage", arn))
        })
        .copied()
        .collect();
    let message = format!(
        "the policy of {logical} does not let {service} write for {}",
        listed(&shut_out)
    );
    (!shut_out.is_empty()).then(|| Probe::fail("queue-policy", message, DEPLOY))
}

/// The ARN of a rule or topic, where it is known.
fn arn_of<'a>(logical: &str, facts: &'a Facts) -> Option<&'a str> {
    let stack: &Stack = &facts.stack;
    if logical == "Findings" {
        return stack.findings_topic();
    }
    let rule = facts.rules.iter().find(|(name, _)| name == logical)?;
    rule.1.as_ref().ok().map(|it| it.arn.as_str())
}
