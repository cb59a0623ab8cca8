//! From a message of the queue to the alert in it.

use std::collections::HashMap;

use aws_lambda_events::sqs::SqsMessage;
use chrono::DateTime;
use rolewatch::alert::Alert;
use rolewatch::dispatch::Letter;
use rolewatch::rendering::sns::received;
use serde::Deserialize;

/// Why a message holds no alert. Does not repeat the message.
#[derive(Debug, PartialEq, Eq)]
enum MessageError {
    /// The body is not what SNS sends.
    Envelope,
    /// The text in it is not a finding.
    Finding,
}

impl std::fmt::Display for MessageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Envelope => "the message is not a notification of SNS",
            Self::Finding => "the notification does not hold a finding",
        })
    }
}

/// What SNS puts into a queue, as far as it is of use. The envelope of `aws_lambda_events` is
/// that of an invocation by SNS, whose fields have other names.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
    #[serde(rename = "MessageAttributes", default)]
    attributes: HashMap<String, Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "Value")]
    value: String,
}

/// A message of the queue, read.
pub(crate) fn letter(queued: &SqsMessage) -> Letter {
    let receives = queued.attributes.get("ApproximateReceiveCount");
    let sent = queued.attributes.get("SentTimestamp");
    let alert = alert(queued.body.as_deref().unwrap_or_default());
    Letter {
        alert: alert.map_err(|error| error.to_string()),
        receives: receives.and_then(|it| it.parse().ok()).unwrap_or(1),
        sent: sent.and_then(|it| DateTime::from_timestamp_millis(it.parse().ok()?)),
    }
}

/// The alert in a notification of SNS, with what the attributes beside it say.
fn alert(body: &str) -> Result<Alert, MessageError> {
    let notification: Notification =
        serde_json::from_str(body).map_err(|_| MessageError::Envelope)?;
    let attribute = |name: &str| Some(notification.attributes.get(name)?.value.as_str());
    received(&notification.message, attribute).map_err(|_| MessageError::Finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn finding() -> serde_json::Value {
        json!({
            "type": "finding", "schema": "rolewatch.finding/1", "id": "59e2a0588b65d113",
            "about": "assumption", "check": "unreadable-record", "severity": "medium",
            "title": "t", "message": "m", "event": null, "rule": null, "nearest_rule": null,
            "suggestion": null,
        })
    }

    #[test]
    fn an_alert_is_unwrapped_with_its_owner() {
        let body = json!({
            "Type": "Notification",
            "Message": finding().to_string(),
            "MessageAttributes": {"owner": {"Type": "String", "Value": "#team-payments"}},
        });
        let alert = alert(&body.to_string()).unwrap();
        assert_eq!(alert.check, "unreadable-record");
        assert_eq!(alert.owner.as_deref(), Some("#team-payments"));
    }

    #[test]
    fn the_sample_holds_an_alert() {
        let batch = include_str!("../../../samples/events/notify-batch.json");
        let batch: aws_lambda_events::sqs::SqsEvent = serde_json::from_str(batch).unwrap();
        let alert = alert(batch.records[0].body.as_deref().unwrap()).unwrap();
        assert_eq!(alert.check, "unlisted-context");
        let sent = letter(&batch.records[0]).sent.map(|it| it.timestamp());
        let said = batch.records[0].attributes["SentTimestamp"].parse::<i64>();
        assert_eq!(sent, Some(said.unwrap() / 1000));
    }

    #[test]
    fn anything_else_is_an_error_that_does_not_repeat_it() {
        assert_eq!(alert("hello").unwrap_err(), MessageError::Envelope);
        assert_eq!(
            alert(&json!({"Message": "{}"}).to_string()).unwrap_err(),
            MessageError::Finding
        );
    }
}
