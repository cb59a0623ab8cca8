//! A service that is well, and each fault once.

mod parts;
mod way;

use serde_json::json;

use super::*;
use crate::doctor::rules::READS_TOO;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

const ACCOUNT: &str = "123456789012";
const HOME: &str = "eu-central-1";

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:{HOME}:{ACCOUNT}:{name}")
}

fn url(name: &str) -> String {
    format!("https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/rolewatch-{name}-1")
}

fn queue_arn(name: &str) -> String {
    arn("sqs", &format!("rolewatch-{name}-1"))
}

fn rule_arn(name: &str) -> String {
    arn("events", &format!("rule/rolewatch-{name}-1"))
}

fn topic_arn(name: &str) -> String {
    arn("sns", &format!("rolewatch-{name}-1"))
}

fn function_arn(name: &str) -> String {
    arn("lambda", &format!("function:rolewatch-{name}-1"))
}

fn well_stack() -> Stack {
    let resource = |logical: &str, kind: &str, physical: String| Resource {
        logical: logical.into(),
        kind: kind.into(),
        physical,
    };
    let named = |kind: &'static str, names: &[&str]| -> Vec<Resource> {
        names
            .iter()
            .map(|name| {
                let physical = match kind {
                    "AWS::SQS::Queue" => url(name),
                    "AWS::SNS::Topic" => topic_arn(name),
                    _ => format!("rolewatch-{name}-1"),
                };
                resource(name, kind, physical)
            })
            .collect()
    };
    Stack {
        name: "rolewatch".into(),
        account: ACCOUNT.into(),
        region: HOME.into(),
        status: "UPDATE_COMPLETE".into(),
        changed: Some(now() - chrono::TimeDelta::days(3)),
        parameters: [("Regions", "2"), ("Architecture", "arm64")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        resources: [
            named(
                "AWS::Events::Rule",
                &["Rule", "OwnRule", "Sweep", "ReportSchedule"],
            ),
            named("AWS::Scheduler::Schedule", &["Canary"]),
            named(
                "AWS::SQS::Queue",
                &["Events", "Alerts", "RuleDeadLetters", "EventDeadLetters"],
            ),
            named("AWS::Lambda::Function", &["Detect", "Notify", "Report"]),
            named("AWS::SNS::Topic", &["Findings", "Operations"]),
            named("AWS::DynamoDB::Table", &["Memory"]),
        ]
        .concat(),
    }
}

fn well_rule(logical: &str, leads_to: String, reads: bool) -> (String, Looked<Rule>) {
    let rule = Rule {
        name: format!("rolewatch-{logical}-1"),
        arn: rule_arn(logical),
        state: if reads { READS_TOO } else { "ENABLED" }.into(),
        targets: Ok(vec![Target {
            arn: leads_to,
            dead_letters: Some(queue_arn("RuleDeadLetters")),
        }]),
        lets_through: Ok(if reads { vec![true; 3] } else { Vec::new() }),
    };
    (logical.into(), Ok(rule))
}

/// A policy as the template writes it.
fn lets_in(service: &str, action: &str, sources: &[String]) -> String {
    json!({"Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
    }]})
    .to_string()
}

fn well_queue(logical: &str, service: &str, sources: &[String]) -> (String, Looked<Queue>) {
    let queue = Queue {
        has_dead_letters: !logical.ends_with("DeadLetters"),
        policy: Some(lets_in(service, "sqs:SendMessage", sources)),
        ..Queue::default()
    };
    (logical.into(), Ok(queue))
}

fn well_function(
    logical: &str,
    queue: Option<&str>,
    rule: Option<&str>,
) -> (String, Looked<Function>) {
    let mapping = queue.map(|queue| Mapping {
        queue: queue_arn(queue),
        state: "Enabled".into(),
    });
    let policy = rule.map(|rule| {
        let sources = [rule_arn(rule)];
        lets_in("events.amazonaws.com", "lambda:InvokeFunction", &sources)
    });
    let function = Function {
        state: "Active".into(),
        last_update: "Successful".into(),
        architecture: "arm64".into(),
        code: "c2hhMjU2".into(),
        changed: Some(now() - chrono::TimeDelta::days(3)),
        limit: Ok(None),
        policy: Ok(policy),
        mappings: Ok(mapping.into_iter().collect()),
    };
    (logical.into(), Ok(function))
}

fn subscription(protocol: &str, endpoint: &str, is_confirmed: bool) -> Subscription {
    Subscription {
        protocol: protocol.into(),
        endpoint: endpoint.into(),
        is_confirmed,
    }
}

fn well_trail() -> Trail {
    Trail {
        name: "all".into(),
        home: "us-east-1".into(),
        is_everywhere: true,
        is_logging: Ok(true),
        selectors: Ok(vec![Selector::Basic {
            management: true,
            kind: "All".into(),
        }]),
    }
}

fn away(rules: Vec<Rule>) -> Region {
    Region {
        name: "us-east-1".into(),
        rules: Ok(rules),
    }
}

fn forwarder(state: &str, lets_through: [bool; 3]) -> Rule {
    Rule {
        name: "rolewatch-forwarder-Rule-1".into(),
        arn: String::new(),
        state: state.into(),
        targets: Ok(Vec::new()),
        lets_through: Ok(lets_through.into()),
    }
}

fn well() -> Facts {
    let rules = [rule_arn("Rule"), rule_arn("OwnRule")];
    let writers = ["Rule", "OwnRule", "ReportSchedule"].map(rule_arn);
    let findings = [topic_arn("Findings")];
    let heard = |region: &str| Heard {
        region: region.into(),
        sent: now() - chrono::TimeDelta::minutes(50),
    };
    Facts {
        stack: well_stack(),
        now: now(),
        clock: Ok(now()),
        trails: Ok(vec![well_trail()]),
        rules: vec![
            well_rule("Rule", queue_arn("Events"), true),
            well_rule("OwnRule", queue_arn("Events"), false),
            well_rule("Sweep", function_arn("Detect"), false),
            well_rule("ReportSchedule", function_arn("Report"), false),
        ],
        regions: Ok(vec![away(vec![
            forwarder("ENABLED", [false; 3]),
            forwarder(READS_TOO, [true; 3]),
        ])]),
        queues: vec![
            well_queue("Events", "events.amazonaws.com", &rules),
            well_queue("Alerts", "sns.amazonaws.com", &findings),
            well_queue("RuleDeadLetters", "events.amazonaws.com", &writers),
            well_queue("EventDeadLetters", "nobody", &[]),
        ],
        functions: vec![
            well_function("Detect", Some("Events"), Some("Sweep")),
            well_function("Notify", Some("Alerts"), None),
            well_function("Report", None, Some("ReportSchedule")),
        ],
        topics: vec![
            (
                "Findings".into(),
                Ok(Topic {
                    subscriptions: vec![subscription("sqs", &queue_arn("Alerts"), true)],
                }),
            ),
            (
                "Operations".into(),
                Ok(Topic {
                    subscriptions: vec![subscription("email", "a@example.com", true)],
                }),
            ),
        ],
        table: Ok(Table {
            status: "ACTIVE".into(),
            forgets: Ok(true),
            is_backed_up: Ok(true),
        }),
        allowlist: AllowlistFacts {
            place: "ssm:/rolewatch/allowlist".into(),
            there: Ok(AllowlistThere {
                version: "3".into(),
                content: b"version = 1\n".into(),
            }),
            in_force: Ok(Some("3".into())),
        },
        canaries: Ok(vec![heard(HOME), heard("us-east-1")]),
        webhook: Some(Webhook {
            place: "ssm:/rolewatch/slack-webhook".into(),
            kept: Ok(Kept::Secretly),
            sent: None,
        }),
    }
}

fn webhook(facts: &mut Facts) -> &mut Webhook {
    facts.webhook.as_mut().unwrap()
}

/// What is not well, of facts that are but for one thing.
fn ill(change: impl FnOnce(&mut Facts)) -> Vec<Probe> {
    let mut facts = well();
    change(&mut facts);
    let probes = examine(&facts);
    probes
        .into_iter()
        .filter(|it| it.status != Status::Ok)
        .collect()
}

/// Just one thing is not well: this, and what it says and advises holds these words.
fn one(change: impl FnOnce(&mut Facts), name: &str, status: Status, words: &[&str]) {
    let probes = ill(change);
    let [probe] = probes.as_slice() else {
        panic!("{probes:#?}");
    };
    assert_eq!((probe.name, probe.status), (name, status), "{probe:?}");
    let said = format!("{} | {}", probe.message, probe.cure.as_deref().unwrap());
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

fn denied(action: &'static str) -> NotLooked {
    NotLooked {
        action,
        code: "AccessDeniedException".into(),
        gone: false,
    }
}

fn gone(action: &'static str) -> NotLooked {
    NotLooked {
        action,
        code: "ResourceNotFoundException".into(),
        gone: true,
    }
}

#[test]
fn what_is_well_says_so_and_what_was_seen() {
    let probes = examine(&well());
    for probe in &probes {
        assert_eq!(
            (probe.status, &probe.cure),
            (Status::Ok, &None),
            "{probe:?}"
        );
        assert!(!probe.message.is_empty());
    }
    let names: Vec<&str> = probes.iter().map(|it| it.name).collect();
    assert_eq!(
        names,
        [
            "clock",
            "stack",
            "trail",
            "rule",
            "forwarder",
            "queue",
            "function",
            "allowlist",
            "table",
            "subscription",
            "webhook",
            "canary"
        ]
    );
}

#[test]
fn what_could_not_be_looked_at_is_said_and_never_well() {
    type Change = fn(&mut Facts, NotLooked);
    let looks: [(&str, Change); 15] = [
        ("sts:GetCallerIdentity", |it, not| it.clock = Err(not)),
        ("cloudtrail:DescribeTrails", |it, not| it.trails = Err(not)),
        ("cloudtrail:GetTrailStatus", |it, not| {
            it.trails.as_mut().unwrap()[0].is_logging = Err(not);
        }),
        ("cloudtrail:GetEventSelectors", |it, not| {
            it.trails.as_mut().unwrap()[0].selectors = Err(not);
        }),
        ("events:DescribeRule", |it, not| it.rules[3].1 = Err(not)),
        ("events:ListTargetsByRule", |it, not| {
            it.rules[0].1.as_mut().unwrap().targets = Err(not);
        }),
        ("events:TestEventPattern", |it, not| {
            it.rules[0].1.as_mut().unwrap().lets_through = Err(not);
        }),
        ("account:ListRegions", |it, not| it.regions = Err(not)),
        ("sqs:GetQueueAttributes", |it, not| {
            it.queues[1].1 = Err(not);
        }),
        ("lambda:GetFunctionConfiguration", |it, not| {
            it.functions[1].1 = Err(not);
        }),
        ("lambda:GetPolicy", |it, not| {
            it.functions[0].1.as_mut().unwrap().policy = Err(not);
        }),
        ("lambda:ListEventSourceMappings", |it, not| {
            it.functions[0].1.as_mut().unwrap().mappings = Err(not);
        }),
        ("sns:ListSubscriptionsByTopic", |it, not| {
            it.topics[1].1 = Err(not);
        }),
        ("dynamodb:DescribeTimeToLive", |it, not| {
            it.table.as_mut().unwrap().forgets = Err(not);
        }),
        ("ssm:GetParameter", |it, not| webhook(it).kept = Err(not)),
    ];
    for (action, change) in looks {
        let probes = ill(|facts| change(facts, denied(action)));
        let [probe] = probes.as_slice() else {
            panic!("{action}: {probes:#?}");
        };
        assert_eq!(probe.status, Status::Skipped, "{probe:?}");
        assert!(
            probe
                .message
                .contains(&format!("{action}: AccessDeniedException")),
            "{probe:?}"
        );
        assert!(probe.cure.as_deref().unwrap().contains(action), "{probe:?}");
        let late = ill(|facts| {
            let code = "no answer in time".into();
            change(
                facts,
                NotLooked {
                    action,
                    code,
                    gone: false,
                },
            );
        });
        assert!(
            late[0].cure.as_deref().unwrap().contains("try again"),
            "{late:?}"
        );
    }
}
