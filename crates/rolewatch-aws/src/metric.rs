//! What `CloudWatch` counts, in its embedded metric format: a line of the log that needs no call
//! and no permission.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The namespace that infra/rolewatch.yaml watches.
const NAMESPACE: &str = "rolewatch";

/// A line that counts one value for a function. `unit` is one of `CloudWatch`'s.
#[must_use]
pub fn line(function: &str, now: DateTime<Utc>, name: &str, unit: &str, value: i64) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.timestamp_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [{"Name": name, "Unit": unit}],
            }],
        },
        "level": "info",
        "message": "measured",
        "FunctionName": function,
        name: value,
    })
}

/// A line that says how old the oldest message is that a function gives back to its queue, in
/// seconds, by the times (`SentTimestamp`) at which SQS took them. None where it gives none back.
///
/// SQS's own `ApproximateAgeOfOldestMessage` leaves out a message that was received three times:
/// what fails for long is what it does not count.
#[must_use]
pub fn given_back<'a>(
    function: &str,
    now: DateTime<Utc>,
    sent: impl IntoIterator<Item = Option<&'a str>>,
) -> Option<Value> {
    let milliseconds = now.timestamp_millis();
    let age = |sent: Option<&str>| {
        let sent = sent.and_then(|sent| sent.parse().ok());
        // One that does not say when it was sent is one that was given back, all the same.
        milliseconds.saturating_sub(sent.unwrap_or(milliseconds)) / 1000
    };
    let oldest = sent.into_iter().map(age).max()?;
    Some(line(function, now, "GivenBack", "Seconds", oldest.max(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_as_old_as_the_oldest_of_it() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default();
        let sent = |seconds: i64| (now.timestamp_millis() - seconds * 1000).to_string();
        let (old, young, later) = (sent(1801), sent(7), sent(-3));
        let all = [Some(young.as_str()), Some(&old), None, Some("soon")];
        let line = given_back("notify-1", now, all).unwrap_or_default();
        assert_eq!(line["GivenBack"], 1801);
        assert_eq!(line["FunctionName"], "notify-1");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "rolewatch");
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        let metric = json!([{"Name": "GivenBack", "Unit": "Seconds"}]);
        assert_eq!(directive["Metrics"], metric);
        let ahead = given_back("notify-1", now, [Some(later.as_str())]);
        assert_eq!(ahead.unwrap_or_default()["GivenBack"], 0);
        assert_eq!(given_back("notify-1", now, []), None);
    }
}
