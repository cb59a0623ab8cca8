//! What detect has `CloudWatch` count.

use chrono::{DateTime, Utc};
use rolewatch::pipeline::Report;
use rolewatch::upkeep::Canary;
use rolewatch_aws::metric::line;
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
    use chrono::TimeDelta;
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
