//! The calls by which somebody could blind the service, or its account.

/// The type of a CloudTrail record on EventBridge.
pub(super) const DETAIL_TYPE: &str = "AWS API Call via CloudTrail";

/// Makes an alarm, or another of one that is there. What it watches need not be its maker's.
pub(super) const PUT_ALARM: &str = "PutMetricAlarm";

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

/// EventBridge's source, CloudTrail's, and the beginnings of the names of calls (Lambda's end in a date).
type Service = (&'static str, &'static str, Target, &'static [&'static str]);

const SERVICES: &[Service] = &[
    (
        "aws.cloudtrail",
        "cloudtrail.amazonaws.com",
        Target::Trail,
        &[
            "StopLogging",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
        ],
    ),
    (
        "aws.account",
        "account.amazonaws.com",
        Target::Regions,
        &["EnableRegion"],
    ),
    (
        "aws.events",
        "events.amazonaws.com",
        Target::Named,
        &[
            "DisableRule",
            "DeleteRule",
            "PutRule",
            "PutTargets",
            "RemoveTargets",
        ],
    ),
    (
        "aws.scheduler",
        "scheduler.amazonaws.com",
        Target::Named,
        &["UpdateSchedule", "DeleteSchedule"],
    ),
    (
        "aws.lambda",
        "lambda.amazonaws.com",
        Target::Named,
        &[
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
    ),
    (
        "aws.sqs",
        "sqs.amazonaws.com",
        Target::Named,
        &["DeleteQueue", "PurgeQueue", "SetQueueAttributes"],
    ),
    (
        "aws.sns",
        "sns.amazonaws.com",
        Target::Named,
        &[
            "DeleteTopic",
            "SetTopicAttributes",
            "Unsubscribe",
            "SetSubscriptionAttributes",
        ],
    ),
    (
        "aws.dynamodb",
        "dynamodb.amazonaws.com",
        Target::Named,
        &[
            "DeleteTable",
            "UpdateTable",
            "UpdateTimeToLive",
            "UpdateContinuousBackups",
            "PutResourcePolicy",
        ],
    ),
    (
        "aws.s3",
        "s3.amazonaws.com",
        Target::Named,
        &[
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketVersioning",
            "PutBucketLifecycle",
            "PutBucketPublicAccessBlock",
            "DeleteBucket",
        ],
    ),
    (
        "aws.ssm",
        "ssm.amazonaws.com",
        Target::Named,
        &["PutParameter", "DeleteParameter", "DeleteParameters"],
    ),
    (
        "aws.monitoring",
        "monitoring.amazonaws.com",
        Target::Named,
        &["DeleteAlarms", "DisableAlarmActions", PUT_ALARM],
    ),
    (
        "aws.logs",
        "logs.amazonaws.com",
        Target::Named,
        &["DeleteLogGroup"],
    ),
    (
        "aws.iam",
        "iam.amazonaws.com",
        Target::Named,
        &[
            "DeleteRole",
            "PutRolePolicy",
            "DeleteRolePolicy",
            "AttachRolePolicy",
            "UpdateAssumeRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "DeleteRolePermissionsBoundary",
        ],
    ),
    (
        "aws.kms",
        "kms.amazonaws.com",
        Target::Named,
        &["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"],
    ),
];

/// Whether calls of this source are watched at all.
pub(super) fn is_source(source: &str) -> bool {
    SERVICES.iter().any(|(of, ..)| *of == source)
}

/// What a call is done to, if it is one that is watched.
pub(super) fn target(event_source: &str, event_name: &str) -> Option<Target> {
    let of_service = SERVICES.iter().filter(|(_, of, ..)| *of == event_source);
    of_service
        .filter(|(.., names)| names.iter().any(|name| event_name.starts_with(name)))
        .map(|(_, _, target, _)| *target)
        .next()
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
            let mut sources: Vec<_> = SERVICES.iter().map(|(source, ..)| *source).collect();
            let mut names: Vec<_> = SERVICES
                .iter()
                .flat_map(|(.., names)| *names)
                .copied()
                .collect();
            sources.sort_unstable();
            names.sort_unstable();
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
