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
