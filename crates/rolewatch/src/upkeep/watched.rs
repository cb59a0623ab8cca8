//! The calls by which somebody could blind the service, or its account.

/// The type of a CloudTrail record on EventBridge.
pub(super) const DETAIL_TYPE: &str = "AWS API Call via CloudTrail";

/// Writes a parameter.
pub(super) const PUT_PARAMETER: &str = "PutParameter";

/// What a call is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Whatever it names: of interest if that is ours.
    Named,
    /// CloudTrail, which feeds everything, whatever the trail's name.
    Trail,
    /// The regions of the account.
    Regions,
}

/// Calls of one service that are watched.
pub(super) struct Service {
    /// `EventBridge`'s source.
    source: &'static str,
    /// CloudTrail's.
    event_source: &'static str,
    pub(super) target: Target,
    /// The members of what was asked and answered that name what is changed, and nothing else:
    /// a policy that mentions something of ours is about whoever has it.
    pub(super) members: &'static [&'static str],
    /// The beginnings of the calls' names (Lambda's end in a date).
    calls: &'static [&'static str],
}

const SERVICES: &[Service] = &[
    Service {
        source: "aws.cloudtrail",
        event_source: "cloudtrail.amazonaws.com",
        target: Target::Trail,
        members: &["name", "trailName"],
        calls: &[
            "StopLogging",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
        ],
    },
    Service {
        source: "aws.account",
        event_source: "account.amazonaws.com",
        target: Target::Regions,
        members: &["RegionName"],
        calls: &["EnableRegion"],
    },
    Service {
        source: "aws.events",
        event_source: "events.amazonaws.com",
        target: Target::Named,
        members: &["name", "rule"],
        calls: &[
            "DisableRule",
            "DeleteRule",
            "PutRule",
            "PutTargets",
            "RemoveTargets",
        ],
    },
    Service {
        source: "aws.scheduler",
        event_source: "scheduler.amazonaws.com",
        target: Target::Named,
        members: &["name"],
        calls: &["UpdateSchedule", "DeleteSchedule"],
    },
    Service {
        source: "aws.lambda",
        event_source: "lambda.amazonaws.com",
        target: Target::Named,
        members: &["functionName", "functionArn", "eventSourceArn"],
        calls: &[
            "DeleteFunction",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
            "PutFunctionConcurrency",
            "CreateEventSourceMapping",
            "UpdateEventSourceMapping",
            "DeleteEventSourceMapping",
            "AddPermission",
            "RemovePermission",
            "UpdateFunctionUrlConfig",
        ],
    },
    Service {
        source: "aws.sqs",
        event_source: "sqs.amazonaws.com",
        target: Target::Named,
        members: &["queueUrl"],
        calls: &[
            "DeleteQueue",
            "PurgeQueue",
            "SetQueueAttributes",
            "AddPermission",
            "RemovePermission",
        ],
    },
    Service {
        source: "aws.sns",
        event_source: "sns.amazonaws.com",
        target: Target::Named,
        members: &["topicArn", "subscriptionArn"],
        calls: &[
            "DeleteTopic",
            "SetTopicAttributes",
            "Unsubscribe",
            "SetSubscriptionAttributes",
            "AddPermission",
            "RemovePermission",
        ],
    },
    Service {
        source: "aws.dynamodb",
        event_source: "dynamodb.amazonaws.com",
        target: Target::Named,
        members: &["tableName", "resourceArn"],
        calls: &[
            "DeleteTable",
            "UpdateTable",
            "UpdateTimeToLive",
            "UpdateContinuousBackups",
            "PutResourcePolicy",
        ],
    },
    Service {
        source: "aws.s3",
        event_source: "s3.amazonaws.com",
        target: Target::Named,
        members: &["bucketName"],
        calls: &[
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketVersioning",
            "PutBucketLifecycle",
            "PutBucketPublicAccessBlock",
            "DeleteBucket",
        ],
    },
    Service {
        source: "aws.ssm",
        event_source: "ssm.amazonaws.com",
        target: Target::Named,
        members: &["name", "names"],
        calls: &[PUT_PARAMETER, "DeleteParameter", "DeleteParameters"],
    },
    Service {
        source: "aws.secretsmanager",
        event_source: "secretsmanager.amazonaws.com",
        target: Target::Named,
        members: &["secretId"],
        calls: &["PutSecretValue", "UpdateSecret", "DeleteSecret"],
    },
    Service {
        source: "aws.monitoring",
        event_source: "monitoring.amazonaws.com",
        target: Target::Named,
        members: &["alarmName", "alarmNames"],
        calls: &["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"],
    },
    Service {
        source: "aws.logs",
        event_source: "logs.amazonaws.com",
        target: Target::Named,
        members: &["logGroupName"],
        calls: &["DeleteLogGroup"],
    },
    Service {
        source: "aws.iam",
        event_source: "iam.amazonaws.com",
        target: Target::Named,
        members: &["roleName"],
        calls: &[
            "DeleteRole",
            "PutRolePolicy",
            "DeleteRolePolicy",
            "AttachRolePolicy",
            "UpdateAssumeRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "DeleteRolePermissionsBoundary",
        ],
    },
    Service {
        source: "aws.kms",
        event_source: "kms.amazonaws.com",
        target: Target::Named,
        members: &["keyId"],
        calls: &["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"],
    },
];

/// Whether calls of this source are watched at all.
pub(super) fn is_source(source: &str) -> bool {
    SERVICES.iter().any(|service| service.source == source)
}

/// The service of a call, if it is one that is watched.
pub(super) fn service(event_source: &str, event_name: &str) -> Option<&'static Service> {
    let mut of_source = SERVICES.iter().filter(|it| it.event_source == event_source);
    of_source.find(|it| it.calls.iter().any(|call| event_name.starts_with(call)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the templates do not let through is watched in vain.
    #[test]
    fn the_templates_let_exactly_these_through() {
        for file in ["rolewatch.yaml", "forwarder.yaml"] {
            let path = format!("{}/../../infra/{file}", env!("CARGO_MANIFEST_DIR"));
            let template = std::fs::read_to_string(path).unwrap();
            let (_, rule) = template.split_once("\n  OwnRule:\n").unwrap();
            let (_, pattern) = rule.split_once("EventPattern: |\n").unwrap();
            let mut json =
                serde_json::Deserializer::from_str(pattern).into_iter::<serde_json::Value>();
            let pattern = json.next().unwrap().unwrap();
            let texts = |of: &serde_json::Value| -> Vec<String> {
                let list = of.as_array().unwrap().iter();
                let mut texts: Vec<String> = list
                    .map(|it| it["prefix"].as_str().or(it.as_str()).unwrap().to_owned())
                    .collect();
                texts.sort();
                texts
            };
            let mut sources: Vec<_> = SERVICES.iter().map(|service| service.source).collect();
            let mut names: Vec<_> = SERVICES
                .iter()
                .flat_map(|service| service.calls)
                .copied()
                .collect();
            sources.sort_unstable();
            names.sort_unstable();
            // Of several services.
            names.dedup();
            assert_eq!(texts(&pattern["source"]), sources, "{file}");
            assert_eq!(texts(&pattern["detail"]["eventName"]), names, "{file}");
            assert_eq!(pattern["detail-type"][0], DETAIL_TYPE);
            assert!(
                pattern.to_string().len() <= 2048,
                "EventBridge takes no longer one"
            );
        }
    }
}
