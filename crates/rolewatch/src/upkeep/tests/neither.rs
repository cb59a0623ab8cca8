//! What is neither a canary nor a call that is watched.

use super::*;
use crate::assumption::Observation;

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
    let record = include_str!("../../../../../samples/records/unlisted-context/fires-branch.json");
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
