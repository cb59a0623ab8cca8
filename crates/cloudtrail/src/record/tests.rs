use super::Record;

/// A successful call, with values as they look in real records.
const SUCCESS: &str = r#"{
  "eventVersion": "1.08",
  "userIdentity": {
    "type": "WebIdentityUser",
    "principalId": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:my-org/my-repo:ref:refs/heads/main",
    "userName": "repo:my-org/my-repo:ref:refs/heads/main",
    "identityProvider": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  },
  "eventTime": "2023-07-10T11:47:00Z",
  "eventSource": "sts.amazonaws.com",
  "eventName": "AssumeRoleWithWebIdentity",
  "awsRegion": "us-east-1",
  "sourceIPAddress": "192.0.2.10",
  "userAgent": "aws-sdk-nodejs/2.1396.0 configure-aws-credentials-for-github-actions",
  "requestParameters": {
    "roleArn": "arn:aws:iam::123456789012:role/ci/deploy",
    "roleSessionName": "GitHubActions",
    "durationSeconds": 3600
  },
  "responseElements": {
    "credentials": {
      "accessKeyId": "ASIAEXAMPLE000000001",
      "sessionToken": "never-to-be-kept",
      "expiration": "Jul 10, 2023, 12:47:00 PM"
    },
    "subjectFromWebIdentityToken": "repo:my-org/my-repo:ref:refs/heads/main",
    "assumedRoleUser": {
      "assumedRoleId": "AROAEXAMPLE0000000001:GitHubActions",
      "arn": "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"
    },
    "provider": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
    "audience": "sts.amazonaws.com"
  },
  "additionalEventData": {
    "identityProviderConnectionVerificationMethod": "IAMTrustStore",
    "RequestDetails": {"awsServingRegion": "us-east-1", "endpointType": "regional"}
  },
  "requestID": "3f1c5a70-0000-4000-8000-000000000001",
  "eventID": "3f1c5a70-0000-4000-8000-000000000002",
  "readOnly": true,
  "resources": [
    {"accountId": "123456789012", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::123456789012:role/ci/deploy"}
  ],
  "eventType": "AwsApiCall",
  "managementEvent": true,
  "recipientAccountId": "123456789012",
  "tlsDetails": {"tlsVersion": "TLSv1.3"}
}"#;

fn record(text: &str) -> Record {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn every_field_is_read() {
    let record = record(SUCCESS);
    assert!(record.is_assume_role_with_web_identity());
    let parameters = &record.request_parameters;
    assert_eq!(parameters.duration_seconds, Some(3600));
    assert_eq!(
        parameters.role_session_name.as_deref(),
        Some("GitHubActions")
    );
    let response = &record.response_elements;
    let (expiration, time) = (response.credentials.expiration, record.event_time);
    assert_eq!(
        expiration.zip(time).map(|(e, t)| (e - t).num_seconds()),
        Some(3600)
    );
    assert_eq!(
        record.user_identity.user_name,
        response.subject_from_web_identity_token
    );
    assert_eq!(record.resources[0].arn, parameters.role_arn);
    let details = &record.additional_event_data.request_details;
    assert_eq!(details.endpoint_type.as_deref(), Some("regional"));
}

#[test]
fn the_session_token_is_not_kept() {
    assert!(!format!("{:?}", record(SUCCESS)).contains("never-to-be-kept"));
}

#[test]
fn a_field_of_any_other_type_is_lost_alone() {
    let values = [
        "null",
        "true",
        "-1",
        "1.5",
        "[]",
        "[[{\"a\":[1]}]]",
        "{}",
        "{\"a\":{\"type\":[]}}",
        "\"\"",
    ];
    let whole: serde_json::Value = serde_json::from_str(SUCCESS).unwrap();
    let known = record(SUCCESS);
    for name in whole.as_object().unwrap().keys() {
        for value in values {
            let mut changed = whole.clone();
            changed[name] = serde_json::from_str(value).unwrap();
            let changed = record(&changed.to_string());
            let kept = |other: &str, same: bool| assert!(same || name == other, "{name} = {value}");
            kept("eventName", changed.event_name == known.event_name);
            kept("eventTime", changed.event_time == known.event_time);
            kept("userIdentity", changed.user_identity == known.user_identity);
            kept(
                "responseElements",
                changed.response_elements == known.response_elements,
            );
            kept("resources", changed.resources == known.resources);
        }
    }
}

#[test]
fn a_duration_may_be_text() {
    for (text, wanted) in [
        ("900", Some(900)),
        ("\"900\"", Some(900)),
        ("\" 900 \"", Some(900)),
        ("-900", None),
        ("\"15m\"", None),
        ("99999999999999999999", None),
        ("null", None),
    ] {
        let record = record(&format!(
            r#"{{"requestParameters":{{"durationSeconds":{text}}}}}"#
        ));
        assert_eq!(record.request_parameters.duration_seconds, wanted, "{text}");
    }
}

#[test]
fn escapes_in_names_and_values_mean_the_same() {
    let record = record(
        r#"{"\u0065ventName":"Assume\u0052oleWithWebIdentity","event\u0053ource":"sts\u002eamazonaws.com"}"#,
    );
    assert!(record.is_assume_role_with_web_identity());
}

#[test]
fn of_duplicate_names_the_last_counts() {
    let record = record(
        r#"{"eventName":"A","eventName":"B","userIdentity":{"type":"A"},"userIdentity":{"arn":"B"}}"#,
    );
    assert_eq!(record.event_name.as_deref(), Some("B"));
    assert_eq!(record.user_identity.r#type, None);
    assert_eq!(record.user_identity.arn.as_deref(), Some("B"));
}

#[test]
fn only_the_call_of_sts_is_an_assumption() {
    for (text, wanted) in [
        (r#"{"eventName":"AssumeRoleWithWebIdentity"}"#, true),
        (
            r#"{"eventName":"AssumeRoleWithWebIdentity","eventSource":null}"#,
            true,
        ),
        (
            r#"{"eventName":"AssumeRoleWithWebIdentity","eventSource":"iam.amazonaws.com"}"#,
            false,
        ),
        (
            r#"{"eventName":"AssumeRole","eventSource":"sts.amazonaws.com"}"#,
            false,
        ),
        ("{}", false),
    ] {
        assert_eq!(
            record(text).is_assume_role_with_web_identity(),
            wanted,
            "{text}"
        );
    }
}

#[test]
fn only_an_object_is_a_record() {
    for text in ["[]", "null", "\"eventName\"", "1", "{\"eventName\":"] {
        assert!(serde_json::from_str::<Record>(text).is_err(), "{text}");
    }
}
