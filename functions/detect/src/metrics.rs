//! What detect has `CloudWatch` count.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use rolewatch::pipeline::Report;
use rolewatch::upkeep::Canary;
use rolewatch_aws::metric::{self, line};
use serde_json::{Value, json};

/// The longest that an event of the batch took from its call to now. None where nothing new was judged:
/// an event that came again says nothing of the way to here.
pub(crate) fn lag(reports: &[Report], function: &str, now: DateTime<Utc>) -> Option<Value> {
    let new = reports.iter().flat_map(|report| &report.events);
    let times = new.filter(|judged| !judged.seen);
    let oldest = times.filter_map(|judged| judged.observation.time()).min()?;
    let milliseconds = (now - oldest).num_milliseconds();
    Some(line(function, now, "Lag", "Milliseconds", milliseconds))
}

/// How old the oldest item is that an answer gives back to the queue, by when SQS took each.
pub(crate) fn given_back(
    answer: &Value,
    sent: &HashMap<String, String>,
    function: &str,
    now: DateTime<Utc>,
) -> Option<Value> {
    let failures = answer["batchItemFailures"].as_array()?;
    let sent = failures.iter().map(|it| {
        let item = it["itemIdentifier"].as_str()?;
        sent.get(item).map(String::as_str)
    });
    metric::given_back(function, now, sent)
}

/// That the schedule's sweep came, and was well. An invocation proves less: events cause these, too.
pub(crate) fn sweep(function: &str, now: DateTime<Utc>) -> Value {
    line(function, now, "Sweeps", "Count", 1)
}

/// For how long that has been due which a sweep could not tell.
pub(crate) fn overdue(overdue: TimeDelta, function: &str, now: DateTime<Utc>) -> Value {
    let seconds = overdue.num_seconds().max(0);
    line(function, now, "Overdue", "Seconds", seconds)
}

/// That a canary arrived, and how long it took.
pub(crate) fn canary(canary: &Canary, function: &str, now: DateTime<Utc>) -> Value {
    let lag = (now - canary.sent).num_milliseconds();
    let mut line = line(function, now, "Canaries", "Count", 1);
    // Its lag is one of the way from EventBridge on; an event's is from the call on.
    line["CanaryLag"] = lag.into();
    let metrics = &mut line["_aws"]["CloudWatchMetrics"][0]["Metrics"];
    if let Some(metrics) = metrics.as_array_mut() {
        metrics.push(json!({"Name": "CanaryLag", "Unit": "Milliseconds"}));
    }
    line["region"] = canary.region.as_str().into();
    line
}

#[cfg(test)]
mod tests {
    use rolewatch::allowlist::Allowlist;
    use rolewatch::assumption::{Observation, UnreadableRecord};
    use rolewatch::detect::decide;
    use rolewatch::store::Admission;

    use super::*;

    fn judged(time: Option<DateTime<Utc>>, seen: bool) -> Admission {
        let observation: Observation = UnreadableRecord {
            time,
            ..UnreadableRecord::default()
        }
        .into();
        Admission {
            decision: decide(&observation, &Allowlist::empty()),
            observation,
            seen,
            findings: Vec::new(),
        }
    }

    #[test]
    fn what_an_answer_gives_back_is_as_old_as_its_oldest_item() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let sent = [("a", 900), ("b", 700), ("c", 5)].map(|(item, seconds)| {
            let sent = now - TimeDelta::seconds(seconds);
            (item.to_owned(), sent.timestamp_millis().to_string())
        });
        let measured = |failed: &[&str]| {
            let failed = failed.iter().map(|it| json!({"itemIdentifier": it}));
            let answer = json!({"batchItemFailures": failed.collect::<Vec<_>>()});
            given_back(&answer, &HashMap::from(sent.clone()), "detect-1", now)
        };
        assert_eq!(measured(&["c", "b"]).unwrap()["GivenBack"], 700);
        assert_eq!(measured(&[]), None);
        let single = given_back(&Value::Null, &HashMap::new(), "detect-1", now);
        assert_eq!(single, None);
    }

    #[test]
    fn the_lag_is_that_of_the_oldest_new_event() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let report = |events| Report {
            events,
            ..Report::undone("item".into(), String::new())
        };
        let reports = [
            report(vec![judged(ago(3), false), judged(None, false)]),
            report(vec![judged(ago(7), false), judged(ago(900), true)]),
        ];
        let line = lag(&reports, "detect-1", now).unwrap();
        assert_eq!(line["Lag"], 7000);
        assert_eq!(line["FunctionName"], "detect-1");
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "rolewatch");
        assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
        assert_eq!(directive["Metrics"][0]["Name"], "Lag");
        assert!(lag(&reports[..0], "detect-1", now).is_none());
        let seen = [report(vec![judged(ago(900), true)])];
        assert!(lag(&seen, "detect-1", now).is_none());
    }
}
