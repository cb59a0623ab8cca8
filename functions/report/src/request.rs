//! What an invocation asks for.

use chrono::{DateTime, NaiveDate, Utc};
use rolewatch::report::{Period, PeriodError};
use serde::Deserialize;
use serde_json::Value;

/// The schedule's `{"rolewatch":"report"}`, or what somebody asks for by hand: `week`, or
/// `first` and `last`.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    #[serde(default, rename = "rolewatch")]
    _caller: Option<String>,
    #[serde(default)]
    week: Option<String>,
    #[serde(default)]
    first: Option<NaiveDate>,
    #[serde(default)]
    last: Option<NaiveDate>,
    /// Tells it once more, though it was told.
    #[serde(default)]
    pub(crate) again: bool,
}

/// Why there is nothing to report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error(
        "not a request: {0}; ask for {{\"week\":\"2026-W47\"}}, or for {{\"first\":\"2026-11-01\",\"last\":\"2026-11-30\"}}"
    )]
    Payload(#[from] serde_json::Error),
    #[error("ask for a week, or for first and last, or for nothing")]
    Period,
    #[error("{0}")]
    NoPeriod(#[from] PeriodError),
}

impl Request {
    pub(crate) fn read(payload: Value) -> Result<Self, RequestError> {
        match payload {
            Value::Null => Ok(Self::default()),
            payload => Ok(serde_json::from_value(payload)?),
        }
    }

    /// The days that are asked for: the last complete week, unless said.
    pub(crate) fn period(&self, now: DateTime<Utc>) -> Result<Period, RequestError> {
        match (&self.week, self.first, self.last) {
            (None, None, None) => Ok(Period::last_complete_week(now)),
            (Some(week), None, None) => Ok(Period::parse_week(week)?),
            (None, Some(first), Some(last)) => Ok(Period::new(first, last)?),
            _ => Err(RequestError::Period),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn name(payload: Value) -> Result<String, String> {
        let now = "2026-11-25T06:00:00Z".parse().unwrap();
        let request = Request::read(payload).map_err(|error| error.to_string())?;
        let period = request.period(now).map_err(|error| error.to_string())?;
        Ok(period.name())
    }

    #[test]
    fn what_is_asked_for_is_reported() {
        for (payload, wanted) in [
            (json!(null), "2026-W47"),
            (json!({"rolewatch": "report"}), "2026-W47"),
            (json!({"week": "2026-W02", "again": true}), "2026-W02"),
            (
                json!({"first": "2026-11-16", "last": "2026-11-22"}),
                "2026-W47",
            ),
            (
                json!({"first": "2026-11-01", "last": "2026-11-30"}),
                "2026-11-01_2026-11-30",
            ),
        ] {
            assert_eq!(name(payload.clone()).as_deref(), Ok(wanted), "{payload}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for payload in [
            json!({"weak": "2026-W02"}),
            json!({"week": "2026-W60"}),
            json!({"week": "2026-W02", "first": "2026-11-01"}),
            json!({"first": "2026-11-01"}),
            json!({"first": "2026-11-02", "last": "2026-11-01"}),
            json!({"first": "2020-11-02", "last": "2026-11-01"}),
            json!("2026-W47"),
        ] {
            assert!(name(payload.clone()).is_err(), "{payload}");
        }
    }
}
