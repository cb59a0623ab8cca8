//! Events as the history has them, and as EventBridge delivers them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Page;
use crate::assumption::Observation;
use crate::pipeline::Item;

/// A call of AssumeRoleWithWebIdentity.
pub(super) struct Event<'a> {
    record: &'a str,
    pub(super) observation: Observation,
}

/// As EventBridge wraps a record of STS.
#[derive(Serialize)]
struct Envelope<'a> {
    version: &'static str,
    id: String,
    #[serde(rename = "detail-type")]
    detail_type: &'static str,
    source: &'static str,
    account: Option<&'a str>,
    time: Option<DateTime<Utc>>,
    detail: Box<RawValue>,
}

impl Event<'_> {
    pub(super) fn envelope(&self) -> String {
        let record = || RawValue::from_string(self.record.to_owned());
        let text = || serde_json::value::to_raw_value(self.record);
        let envelope = record().or_else(|_| text()).map(|detail| Envelope {
            version: "0",
            id: format!("reconciled-{}", self.observation.identity()),
            detail_type: "AWS API Call via CloudTrail",
            source: "aws.sts",
            account: self.observation.account(),
            time: self.observation.time(),
            detail,
        });
        // Texts and JSON, which always have a JSON form.
        envelope
            .and_then(|envelope| serde_json::to_string(&envelope))
            .unwrap_or_default()
    }
}

/// The calls of AssumeRoleWithWebIdentity on a page, and the time of the oldest record of any
/// call.
pub(super) fn events(page: &Page) -> (Vec<Event<'_>>, Option<DateTime<Utc>>) {
    let mut events = Vec::new();
    let mut oldest: Option<DateTime<Utc>> = None;
    for record in &page.records {
        let time = time(record);
        oldest = oldest.into_iter().chain(time).min();
        let item = Item {
            id: "history".to_owned(),
            body: record.clone().into_bytes(),
        };
        let observations = item.observations().into_iter();
        events.extend(observations.map(|observation| Event {
            record,
            observation,
        }));
    }
    (events, oldest)
}

fn time(record: &str) -> Option<DateTime<Utc>> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "eventTime")]
        time: DateTime<Utc>,
    }
    let head: Head = serde_json::from_str(record).ok()?;
    Some(head.time)
}
