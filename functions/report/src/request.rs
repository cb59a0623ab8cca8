//! What a call asks for: the week that is over, or the days that its payload names.

use chrono::{DateTime, NaiveDate, Utc};
use rolewatch::report::Period;
use serde::Deserialize;
use serde_json::Value;

/// The payload. A schedule's is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    week: Option<String>,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

/// The days that a payload asks for.
pub(crate) fn period(payload: Value, now: DateTime<Utc>) -> Result<Period, String> {
    let payload = match payload {
        Value::Null => Payload::default(),
        payload => serde_json::from_value(payload).map_err(|error| error.to_string())?,
    };
    match (payload.week, payload.first, payload.last) {
        (None, None, None) => Ok(Period::last_complete_week(now)),
        (Some(week), None, None) => Period::parse_week(&week).map_err(|error| error.to_string()),
        (None, Some(first), Some(last)) => {
            Period::new(first, last).map_err(|error| error.to_string())
        }
        _ => Err("a report is asked for by week, or by first and last".into()),
    }
}

/// What a period's page is called: the same for every run about it.
pub(crate) fn name(period: Period) -> String {
    period.week().map_or_else(
        || format!("{}_{}", period.first, period.last),
        |week| week.to_string(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(payload: Value) -> Result<String, String> {
        period(payload, "2026-11-23T03:15:00Z".parse().unwrap()).map(name)
    }

    #[test]
    fn a_payload_names_a_week_or_days_or_nothing() {
        for (payload, expected) in [
            (json!(null), "2026-W47"),
            (json!({}), "2026-W47"),
            (json!({"week": "2026-W40"}), "2026-W40"),
            (
                json!({"first": "2026-11-16", "last": "2026-11-22"}),
                "2026-W47",
            ),
            (
                json!({"first": "2026-11-01", "last": "2026-11-30"}),
                "2026-11-01_2026-11-30",
            ),
        ] {
            assert_eq!(named(payload.clone()).as_deref(), Ok(expected), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_not_taken_for_the_last_week() {
        for payload in [
            json!({"weeks": "2026-W40"}),
            json!({"week": "47"}),
            json!({"week": "2026-W40", "first": "2026-11-01", "last": "2026-11-30"}),
            json!({"first": "2026-11-01"}),
            json!({"first": "2026-11-30", "last": "2026-11-01"}),
            json!("2026-W40"),
        ] {
            assert!(named(payload.clone()).is_err(), "{payload}");
        }
    }
}
