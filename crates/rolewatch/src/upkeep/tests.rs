use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::alert::{About, Alert};
use crate::assumption::Observation;
use crate::finding::Severity;
use crate::store::{CanaryCount, MemoryTable, Store, Windows};

const DEPLOYER: &str = "arn:aws:iam::123456789012:role/deploy";

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1a2b";

/// The tables of these tests never wait.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn ledger() -> Ledger<MemoryTable> {
    Ledger::new(MemoryTable::default(), Windows::NONE)
}

fn own() -> Own {
    Own {
        names: vec!["rolewatch-".into(), "/rolewatch/".into(), KEY.into()],
        deployers: vec![DEPLOYER.into()],
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-20T10:30:00Z")
}

fn item(body: &Value) -> Item {
    Item {
        id: "item".into(),
        body: body.to_string().into_bytes(),
    }
}

fn canary(region: &str, sent: &str) -> Value {
    json!({
        "version": "0", "id": "e", "source": "rolewatch.canary", "detail-type": "rolewatch canary",
        "account": "123456789012", "time": sent, "region": region, "resources": [],
        "detail": {"region": region, "sent": sent},
    })
}

fn call(source: &str, name: &str, parameters: &Value) -> Value {
    json!({
        "version": "0", "id": "e", "source": format!("aws.{source}"), "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventID": "id-1", "eventTime": "2026-11-20T10:15:00Z", "eventSource": format!("{source}.amazonaws.com"),
            "eventName": name, "awsRegion": "eu-central-1", "recipientAccountId": "123456789012",
            "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/mallory",
                "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::123456789012:role/Admin"}}},
            "requestParameters": parameters, "responseElements": null,
        },
    })
}

fn attended(ledger: &Ledger<MemoryTable>, body: &Value) -> Option<Upkeep> {
    block_on(attend(&item(body), &own(), ledger, now())).unwrap()
}

/// What is told after an item.
fn told(body: &Value) -> Vec<Alert> {
    let ledger = ledger();
    attended(&ledger, body);
    let due = block_on(ledger.sweep(now())).unwrap();
    due.into_iter().map(|due| due.alert).collect()
}

#[test]
fn a_canary_counts_once() {
    let ledger = ledger();
    for new in [true, false] {
        let heard = attended(&ledger, &canary("eu-west-1", "2026-11-20T10:00:00Z"));
        assert!(matches!(heard, Some(Upkeep::Canary(_, it)) if it == new));
    }
    attended(&ledger, &canary("eu-west-1", "2026-11-20T07:00:00Z"));
    attended(&ledger, &canary("us-east-1", "2026-11-20T09:59:00Z"));
    let day = now().date_naive();
    let count = block_on(ledger.canaries(day, day, now())).unwrap();
    // eu-west-1 is due at 7, 8, 9 and 10, us-east-1 at 9: the hour that is not over is due once it was heard.
    let wanted = CanaryCount {
        received: 3,
        due: 5,
        regions: 2,
        silent: Vec::new(),
    };
    assert_eq!(count, Some(wanted));
    for (region, heard) in [
        ("eu-west-1", true),
        ("us-east-1", true),
        ("eu-north-1", false),
    ] {
        let is_heard = block_on(ledger.is_heard(region, now())).unwrap();
        assert_eq!(is_heard, heard, "{region}");
    }
    let last = block_on(ledger.last_heard(now())).unwrap();
    let last: Vec<String> = last
        .iter()
        .map(|(region, at)| format!("{region} {at}"))
        .collect();
    assert_eq!(
        last,
        [
            "eu-west-1 2026-11-20 10:00:00 UTC",
            "us-east-1 2026-11-20 09:00:00 UTC"
        ]
    );
}

#[test]
fn a_region_that_fell_silent_is_due_all_day() {
    let ledger = ledger();
    attended(&ledger, &canary("eu-west-1", "2026-11-18T23:00:00Z"));
    let days = (at("2026-11-19T00:00:00Z").date_naive(), now());
    let count = block_on(ledger.canaries(days.0, days.0, days.1)).unwrap();
    assert_eq!(count, Some(silent(24, &["eu-west-1"])));
}

fn silent(due: u64, regions: &[&str]) -> CanaryCount {
    CanaryCount {
        received: 0,
        due,
        regions: regions.len() as u64,
        silent: regions.iter().map(|&it| it.to_owned()).collect(),
    }
}

/// Hears a region each hour of these days.
fn hear_all(ledger: &Ledger<MemoryTable>, region: &str, from: &str, days: u64) {
    let from = at(from);
    for hour in 0..24 * i64::try_from(days).unwrap() {
        let sent = from + TimeDelta::hours(hour);
        let canary = Canary {
            region: region.into(),
            sent,
        };
        assert!(block_on(ledger.hear(&canary, sent)).unwrap());
    }
}

#[test]
fn a_region_that_is_silent_all_week_stays_due() {
    let ledger = ledger();
    let monday = at("2026-11-16T00:00:00Z");
    let week = |first: DateTime<Utc>| {
        let (first, over) = (first.date_naive(), first + TimeDelta::days(8));
        block_on(ledger.canaries(first, first + TimeDelta::days(6), over)).unwrap()
    };
    assert_eq!(week(monday), None, "none was ever heard");
    hear_all(&ledger, "eu-west-1", "2026-11-10T00:00:00Z", 3);
    assert_eq!(
        week(monday),
        Some(silent(168, &["eu-west-1"])),
        "all are dead"
    );
    hear_all(&ledger, "us-east-1", "2026-11-16T00:00:00Z", 7);
    let count = week(monday).unwrap();
    assert_eq!((count.received, count.due, count.regions), (168, 336, 2));
    assert_eq!(count.silent, ["eu-west-1"]);
    // The 12th was the last: a month later it is retired.
    let last = at("2026-12-07T00:00:00Z");
    let days = (at("2026-12-12T00:00:00Z") - last).num_days() + 1;
    let count = week(last).unwrap();
    assert_eq!(count.due, 168 + 24 * u64::try_from(days).unwrap());
    assert_eq!(
        week(at("2026-12-14T00:00:00Z")),
        Some(silent(168, &["us-east-1"]))
    );
    assert_eq!(week(at("2027-01-04T00:00:00Z")), None);
}

#[test]
fn what_is_not_exactly_a_canary_is_judged_as_ever() {
    let good = canary("eu-west-1", "2026-11-20T10:00:00Z");
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let record = json!({"eventName": "AssumeRoleWithWebIdentity", "region": "eu-west-1", "sent": "2026-11-20T10:00:00Z"});
    for body in [
        with("/source", json!("aws.sts")),
        with("/source", json!("rolewatch.canary2")),
        with("/detail-type", json!("AWS API Call via CloudTrail")),
        with("/detail", record),
        with("/detail/region", json!("everywhere")),
        with("/detail/sent", json!("2026-11-20T10:36:00Z")),
        json!({"Records": [good.clone()]}),
        json!([good.clone()]),
        json!("rolewatch.canary"),
    ] {
        assert_eq!(attended(&ledger(), &body), None, "{body}");
    }
}

#[test]
fn what_is_done_to_us_is_told_and_what_is_done_to_others_is_not() {
    for (source, name, parameters) in [
        (
            "events",
            "DisableRule",
            json!({"name": "rolewatch-Rule-1ABC"}),
        ),
        (
            "lambda",
            "UpdateFunctionCode20150331v2",
            json!({"functionName": "rolewatch-Detect-1ABC"}),
        ),
        (
            "lambda",
            "DeleteFunction20150331",
            json!({"functionName": "arn:aws:lambda:eu-central-1:123456789012:function:rolewatch-Detect-1ABC"}),
        ),
        (
            "sqs",
            "PurgeQueue",
            json!({"queueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/rolewatch-Events-1"}),
        ),
        (
            "sns",
            "Unsubscribe",
            json!({"subscriptionArn": "arn:aws:sns:eu-central-1:123456789012:rolewatch-Findings-1:2"}),
        ),
        (
            "s3",
            "PutBucketPolicy",
            json!({"bucketName": "rolewatch-reports-1"}),
        ),
        (
            "ssm",
            "PutParameter",
            json!({"name": "/rolewatch/slack-webhook"}),
        ),
        (
            "cloudtrail",
            "StopLogging",
            json!({"name": "organisation-trail"}),
        ),
        (
            "cloudtrail",
            "PutEventSelectors",
            json!({"trailName": "any"}),
        ),
    ] {
        let alerts = told(&call(source, name, &parameters));
        assert_eq!(alerts.len(), 1, "{name}");
        let alert = &alerts[0];
        assert_eq!(
            (alert.check.as_str(), alert.about, alert.severity),
            ("watcher-tampered", About::Service, Severity::High),
            "{name}"
        );
        for part in [
            "assumed-role/Admin/mallory",
            "198.51.100.7",
            "id-1",
            "2026-11-20T10:15:00Z",
        ] {
            assert!(alert.message.contains(part), "{}", alert.message);
        }
        assert!(!alert.message.contains("2015"), "{}", alert.message);
    }
    for (source, name, parameters) in [
        (
            "events",
            "DisableRule",
            json!({"name": "billing-Rule-1ABC"}),
        ),
        (
            "events",
            "DisableRule",
            json!({"name": "my-StackSet-rolewatch-Rule-1ABC"}),
        ),
        (
            "events",
            "DisableRule",
            json!({"name": "not-rolewatch-Rule"}),
        ),
        (
            "lambda",
            "UpdateFunctionCode20150331v2",
            json!({"functionName": "shop"}),
        ),
        ("ssm", "PutParameter", json!({"name": "/shop/rolewatch"})),
    ] {
        let body = call(source, name, &parameters);
        assert_eq!(
            attended(&ledger(), &body),
            Some(Upkeep::Unrelated),
            "{parameters}"
        );
        assert!(told(&body).is_empty());
    }
}

#[test]
fn a_stack_of_a_stackset_is_ours_by_the_name_that_follows() {
    let of_a_stackset = json!({"name": "StackSet-rolewatch-forwarder-0a1b2c3d-Rule-1ABC"});
    assert_eq!(
        told(&call("events", "DisableRule", &of_a_stackset)).len(),
        1
    );
}

/// With parameters as CloudTrail has them.
#[test]
fn a_call_of_each_service_names_what_is_ours() {
    let policy = json!({"roleName": "rolewatch-DetectRole-1A", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"});
    for (source, name, parameters) in [
        (
            "events",
            "DeleteRule",
            json!({"name": "rolewatch-Rule-1A", "force": true}),
        ),
        (
            "events",
            "RemoveTargets",
            json!({"rule": "rolewatch-Rule-1A", "ids": ["events"], "force": false}),
        ),
        (
            "lambda",
            "UpdateFunctionConfiguration20150331v2",
            json!({"functionName": "rolewatch-Detect-1A", "environment": {}, "timeout": 1}),
        ),
        (
            "lambda",
            "UpdateFunctionUrlConfig",
            json!({"functionName": "rolewatch-Actions-1A", "authType": "AWS_IAM"}),
        ),
        (
            "scheduler",
            "DeleteSchedule",
            json!({"name": "rolewatch-canary", "groupName": "default", "clientToken": "1-2"}),
        ),
        (
            "dynamodb",
            "UpdateTimeToLive",
            json!({"tableName": "rolewatch-Memory-1A", "timeToLiveSpecification": {"enabled": false, "attributeName": "x"}}),
        ),
        (
            "monitoring",
            "DeleteAlarms",
            json!({"alarmNames": ["shop-5xx", "rolewatch-CanaryMissingAlarm-1A"]}),
        ),
        (
            "monitoring",
            "PutMetricAlarm",
            json!({"alarmName": "rolewatch-LagAlarm-1A", "threshold": 1e9, "actionsEnabled": false}),
        ),
        (
            "logs",
            "DeleteLogGroup",
            json!({"logGroupName": "/rolewatch/rolewatch/detect"}),
        ),
        ("iam", "DetachRolePolicy", policy),
        (
            "iam",
            "PutRolePermissionsBoundary",
            json!({"roleName": "rolewatch-DetectRole-1A", "permissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll"}),
        ),
        (
            "sns",
            "SetSubscriptionAttributes",
            json!({"subscriptionArn": "arn:aws:sns:eu-central-1:123456789012:rolewatch-Findings-1A:2b",
                "attributeName": "FilterPolicy", "attributeValue": "{\"check\":[\"none\"]}"}),
        ),
        (
            "ssm",
            "DeleteParameters",
            json!({"names": ["/rolewatch/allowlist", "/shop/x"]}),
        ),
        (
            "kms",
            "ScheduleKeyDeletion",
            json!({"keyId": KEY, "pendingWindowInDays": 7}),
        ),
    ] {
        let alerts = told(&call(source, name, &parameters));
        assert_eq!(alerts.len(), 1, "{name}");
        assert_eq!(
            (alerts[0].check.as_str(), alerts[0].severity),
            ("watcher-tampered", Severity::High)
        );
    }
    // A key is often named by its id alone; its ARN stands beside.
    let mut body = call("kms", "DisableKey", &json!({"keyId": "1a2b"}));
    assert!(told(&body).is_empty());
    body["detail"]["resources"] = json!([{"ARN": KEY, "type": "AWS::KMS::Key"}]);
    assert_eq!(told(&body).len(), 1);
    // Whoever likes may have an alarm about a queue of ours.
    let theirs = json!({"alarmName": "all-queues-7", "dimensions": [{"name": "QueueName", "value": "rolewatch-Events-1A"}]});
    assert!(told(&call("monitoring", "PutMetricAlarm", &theirs)).is_empty());
}

#[test]
fn the_deploy_role_is_told_as_information() {
    let mut body = call(
        "lambda",
        "UpdateFunctionCode20150331v2",
        &json!({"functionName": "rolewatch-Detect-1"}),
    );
    body["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] = DEPLOYER.into();
    assert_eq!(told(&body)[0].severity, Severity::Info);
    // Its name in a session of another role says nothing.
    body["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] =
        format!("{DEPLOYER}2").into();
    body["detail"]["userIdentity"]["arn"] = DEPLOYER.into();
    assert_eq!(told(&body)[0].severity, Severity::High);
}

#[test]
fn a_refused_try_is_told_as_one() {
    let mut body = call("cloudtrail", "DeleteTrail", &json!({"name": "t"}));
    body["detail"]["errorCode"] = "AccessDenied".into();
    assert!(
        told(&body)[0]
            .message
            .contains("was refused (AccessDenied)")
    );
}

#[test]
fn a_deployment_is_one_alert_of_each_kind_an_hour() {
    let ledger = ledger();
    let mut news = Vec::new();
    for (name, time) in [
        ("Rule", "10:15:00"),
        ("Sweep", "10:16:00"),
        ("Rule", "11:00:00"),
    ] {
        let mut body = call(
            "events",
            "PutRule",
            &json!({"name": format!("rolewatch-{name}-1")}),
        );
        body["detail"]["eventTime"] = format!("2026-11-20T{time}Z").into();
        news.push(matches!(
            attended(&ledger, &body),
            Some(Upkeep::Deed(_, true))
        ));
    }
    assert_eq!(news, [true, false, true]);
}

#[test]
fn a_new_region_is_told_unless_canaries_come_from_it() {
    let body = call(
        "account",
        "EnableRegion",
        &json!({"RegionName": "ap-southeast-7"}),
    );
    let alerts = told(&body);
    assert_eq!(
        (alerts[0].check.as_str(), alerts[0].severity),
        ("region-enabled", Severity::Medium)
    );
    assert!(alerts[0].title.contains("ap-southeast-7"));

    let ledger = ledger();
    attended(&ledger, &canary("ap-southeast-7", "2026-11-19T23:00:00Z"));
    attended(&ledger, &body);
    let due = block_on(ledger.sweep(now() + TimeDelta::minutes(1))).unwrap();
    assert_eq!(due[0].alert.severity, Severity::Info);
}

#[test]
fn calls_that_nobody_watches_are_left_to_the_pipeline() {
    for body in [
        call(
            "sts",
            "AssumeRoleWithWebIdentity",
            &json!({"roleArn": "rolewatch-x"}),
        ),
        call(
            "lambda",
            "Invoke",
            &json!({"functionName": "rolewatch-Detect-1"}),
        ),
        json!({"source": "aws.lambda", "detail-type": "AWS API Call via CloudTrail", "detail": "x"}),
        json!({}),
    ] {
        assert_eq!(attended(&ledger(), &body), None, "{body}");
    }
}

/// Who may call `PutEvents` cannot send `aws.sts`, but this source: no record comes from it.
#[test]
fn a_record_from_a_source_of_our_own_is_neither_believed_nor_passed_over() {
    let record = include_str!("../../../../samples/records/unlisted-context/fires-branch.json");
    let record: Value = serde_json::from_str(record).unwrap();
    let mut forged = canary("eu-central-1", "2026-11-20T10:00:00Z");
    forged["detail-type"] = "AWS API Call via CloudTrail".into();
    forged["detail"] = record;
    let observations = item(&forged).observations();
    assert_eq!(observations.len(), 1);
    let Observation::Unreadable(unreadable) = &observations[0] else {
        panic!("{observations:?}");
    };
    assert!(
        unreadable.reason.contains("own source"),
        "{}",
        unreadable.reason
    );
    forged["source"] = "aws.sts".into();
    let observations = item(&forged).observations();
    assert!(matches!(observations[..], [Observation::Assumption(_)]));
}
