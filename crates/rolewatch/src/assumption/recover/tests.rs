use super::*;

const PROVIDER: &str =
    "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:my-org/my-repo:environment:production";

fn observe(json: &serde_json::Value) -> Observation {
    Observation::from_record(serde_json::from_value(json.clone()).unwrap(), "c0ffee")
}

fn assumption(json: &serde_json::Value) -> Assumption {
    match observe(json) {
        Observation::Assumption(assumption) => *assumption,
        Observation::Unreadable(record) => panic!("{}", record.reason),
    }
}

fn record() -> serde_json::Value {
    serde_json::json!({
        "eventVersion": "1.08",
        "eventTime": "2026-11-20T10:15:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity",
        "eventID": "e-1",
        "recipientAccountId": "123456789012",
        "userIdentity": {
            "type": "WebIdentityUser",
            "principalId": format!("{PROVIDER}:https://github.com/my-org:{SUBJECT}"),
            "userName": SUBJECT,
            "identityProvider": PROVIDER,
        },
        "requestParameters": {"roleArn": "arn:aws:iam::123456789012:role/team/deploy", "roleSessionName": "s"},
        "responseElements": {
            "credentials": {"accessKeyId": "ASIAEXAMPLE", "sessionToken": "never", "expiration": "Nov 20, 2026, 10:30:02 AM"},
            "subjectFromWebIdentityToken": SUBJECT,
            "assumedRoleUser": {"arn": "arn:aws:sts::123456789012:assumed-role/deploy/s"},
            "provider": PROVIDER,
            "audience": "https://github.com/my-org",
        },
        "resources": [{"accountId": "123456789012", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::123456789012:role/team/deploy"}],
    })
}

#[test]
fn a_whole_record() {
    let assumption = assumption(&record());
    assert_eq!(
        assumption.issuer,
        "https://token.actions.githubusercontent.com"
    );
    assert_eq!(assumption.subject, SUBJECT);
    assert_eq!(
        assumption.audience.as_deref(),
        Some("https://github.com/my-org")
    );
    assert_eq!(assumption.session, Session::Measured(902));
    assert_eq!(assumption.access_key_id.as_deref(), Some("ASIAEXAMPLE"));
    assert_eq!(assumption.outcome, Outcome::Issued);
    assert!(!format!("{assumption:?}").contains("never"));
}

#[test]
fn each_field_survives_the_loss_of_its_first_home() {
    let whole = assumption(&record());
    for gone in [
        "userIdentity",
        "requestParameters",
        "responseElements",
        "resources",
    ] {
        let mut json = record();
        json[gone] = serde_json::Value::Null;
        let assumption = assumption(&json);
        assert_eq!(assumption.subject, whole.subject, "{gone}");
        assert_eq!(assumption.issuer, whole.issuer, "{gone}");
        assert_eq!(assumption.role_arn, whole.role_arn, "{gone}");
        assert_eq!(assumption.audience, whole.audience, "{gone}");
    }
}

#[test]
fn the_principal_alone_tells_issuer_audience_and_subject() {
    for audience in ["https://github.com/my-org", "sts.amazonaws.com"] {
        let mut json = record();
        json["responseElements"] = serde_json::Value::Null;
        json["userIdentity"] =
            serde_json::json!({"principalId": format!("{PROVIDER}:{audience}:{SUBJECT}")});
        let assumption = assumption(&json);
        assert_eq!(assumption.subject, SUBJECT);
        assert_eq!(assumption.audience.as_deref(), Some(audience));
        assert_eq!(
            assumption.issuer,
            "https://token.actions.githubusercontent.com"
        );
    }
}

#[test]
fn the_role_of_last_resort_is_the_sessions() {
    let mut json = record();
    json["requestParameters"] = serde_json::Value::Null;
    json["resources"] = serde_json::Value::Null;
    assert_eq!(
        assumption(&json).role_arn,
        "arn:aws:iam::123456789012:role/deploy"
    );
}

#[test]
fn what_is_missing_is_named() {
    let mut json = record();
    for gone in [
        "userIdentity",
        "requestParameters",
        "responseElements",
        "resources",
    ] {
        json[gone] = serde_json::Value::Null;
    }
    let Observation::Unreadable(record) = observe(&json) else {
        panic!("understood")
    };
    assert_eq!(
        record.reason,
        "no field of the record tells the issuer, the role, the subject"
    );
    assert_eq!(record.event_id.as_deref(), Some("e-1"));
}

#[test]
fn sessions_are_asked_for_measured_or_an_hour() {
    let mut json = record();
    json["requestParameters"]["durationSeconds"] = 1800.into();
    assert_eq!(assumption(&json).session, Session::Requested(1800));
    let mut json = record();
    json["responseElements"]["credentials"]["expiration"] = "soon".into();
    assert_eq!(assumption(&json).session.seconds(), 3600);
    json["responseElements"]["credentials"]["expiration"] = "Nov 20, 2025, 10:30:02 AM".into();
    assert_eq!(
        assumption(&json).session,
        Session::Assumed,
        "before the call is no measure"
    );
}

#[test]
fn a_built_in_provider_is_a_host() {
    let mut json = record();
    json["userIdentity"] = serde_json::json!({
        "principalId": "cognito-identity.amazonaws.com:us-east-1:pool:us-east-1:sub",
        "userName": "us-east-1:sub",
        "identityProvider": "cognito-identity.amazonaws.com",
    });
    assert_eq!(
        assumption(&json).issuer,
        "https://cognito-identity.amazonaws.com"
    );
}

#[test]
fn what_is_only_shown_is_cut() {
    let mut json = record();
    let long = "ü".repeat(1 << 20);
    json["userAgent"] = long.clone().into();
    json["sourceIPAddress"] = long.clone().into();
    json["awsRegion"] = long.clone().into();
    json["errorCode"] = long.clone().into();
    json["requestParameters"]["roleSessionName"] = long.clone().into();
    json["responseElements"]["credentials"]["accessKeyId"] = long.clone().into();
    json["eventID"] = long.into();
    let assumption = assumption(&json);
    let Outcome::Refused { code } = assumption.outcome else {
        panic!("{:?}", assumption.outcome);
    };
    for text in [
        assumption.user_agent.unwrap(),
        assumption.source_ip.unwrap(),
        assumption.region.unwrap(),
        assumption.role_session_name.unwrap(),
        assumption.access_key_id.unwrap(),
        code,
    ] {
        assert_eq!(text, "ü".repeat(2046) + "…");
    }
    assert_eq!(assumption.event_id, "sha256:c0ffee");
}

#[test]
fn what_is_judged_by_is_whole_or_not_judged() {
    let longest = "x".repeat(16 << 10);
    let mut json = record();
    json["userIdentity"]["userName"] = longest.clone().into();
    assert_eq!(assumption(&json).subject, longest);
    for (pointer, name) in [
        ("/userIdentity/userName", "subject"),
        ("/userIdentity/identityProvider", "issuer"),
        ("/requestParameters/roleArn", "role"),
        ("/responseElements/audience", "audience"),
        ("/recipientAccountId", "account"),
    ] {
        let mut json = record();
        *json.pointer_mut(pointer).unwrap() = format!("{longest}x").into();
        let Observation::Unreadable(unreadable) = observe(&json) else {
            panic!("{pointer}");
        };
        assert_eq!(
            unreadable.reason,
            format!("too long to be judged by: the {name}")
        );
        assert_eq!(unreadable.event_id.as_deref(), Some("e-1"));
        let size = serde_json::to_string(&unreadable).unwrap().len();
        assert!(size < 5000, "{pointer}: {size}");
    }
}
