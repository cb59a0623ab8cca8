//! Calls that change what watches: told where they are about us.

use chrono::TimeDelta;

use super::*;
use crate::alert::About;
use crate::finding::Severity;

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

/// Members come in the order of their names, and what is changed is not always the first.
#[test]
fn a_call_is_said_to_be_on_what_it_changes() {
    let document = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "rolewatch-Memory-1A"}]});
    for (source, name, parameters, on) in [
        (
            "cloudtrail",
            "PutEventSelectors",
            json!({"eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": true,
                "dataResources": [], "excludeManagementEventSources": []}], "trailName": "organisation-trail"}),
            "organisation-trail",
        ),
        (
            "cloudtrail",
            "UpdateTrail",
            json!({"cloudWatchLogsLogGroupArn": "arn:aws:logs:eu-central-1:123456789012:log-group:x:*",
                "name": "organisation-trail", "s3BucketName": "elsewhere"}),
            "organisation-trail",
        ),
        (
            "iam",
            "PutRolePolicy",
            json!({"policyDocument": document.to_string(), "policyName": "more", "roleName": "rolewatch-DetectRole-1A"}),
            "rolewatch-DetectRole-1A",
        ),
        (
            "account",
            "EnableRegion",
            json!({"AccountId": "210987654321", "RegionName": "ap-southeast-7"}),
            "ap-southeast-7",
        ),
    ] {
        let alerts = told(&call(source, name, &parameters));
        assert_eq!(alerts.len(), 1, "{name}");
        let wanted = format!("called {source}:{name} on {on}, from");
        assert!(alerts[0].message.contains(&wanted), "{}", alerts[0].message);
    }
}

/// Whoever may read our table, or writes to our topic, has a policy that says so.
#[test]
fn what_mentions_us_is_not_ours() {
    let document =
        json!({"Resource": "arn:aws:dynamodb:eu-central-1:123456789012:table/rolewatch-Memory-1A"});
    for (source, name, parameters) in [
        (
            "iam",
            "PutRolePolicy",
            json!({"policyDocument": document.to_string(), "policyName": "rolewatch-table", "roleName": "Oncall"}),
        ),
        (
            "s3",
            "PutBucketPolicy",
            json!({"bucketName": "logs", "bucketPolicy": {"Statement": [{"Principal": {"AWS":
                "arn:aws:iam::123456789012:role/rolewatch-DetectRole-1A"}}]}}),
        ),
        (
            "monitoring",
            "PutMetricAlarm",
            json!({"alarmName": "ours", "alarmActions": ["arn:aws:sns:eu-central-1:123456789012:rolewatch-Findings-1A"]}),
        ),
    ] {
        assert!(told(&call(source, name, &parameters)).is_empty(), "{name}");
    }
    // Where nothing says what is changed, a mention has to do.
    let odd = json!({"target": {"id": "rolewatch-Rule-1A"}});
    assert_eq!(told(&call("events", "DisableRule", &odd)).len(), 1);
}

/// A new version of the allowlist is told by what it changes, and by whom.
#[test]
fn writing_the_allowlist_is_left_to_what_tells_of_it() {
    let own = json!({"name": "/rolewatch/allowlist", "type": "String", "overwrite": true});
    assert!(told(&call("ssm", "PutParameter", &own)).is_empty());
    let mut refused = call("ssm", "PutParameter", &own);
    refused["detail"]["errorCode"] = "AccessDenied".into();
    assert_eq!(told(&refused).len(), 1);
    let deleted = call(
        "ssm",
        "DeleteParameter",
        &json!({"name": "/rolewatch/allowlist"}),
    );
    assert_eq!(told(&deleted).len(), 1);
    let other = json!({"name": "/rolewatch/slack-webhook"});
    assert_eq!(told(&call("ssm", "PutParameter", &other)).len(), 1);
}
