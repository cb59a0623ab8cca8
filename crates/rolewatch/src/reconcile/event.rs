//! Events as the history has them, and as EventBridge delivers them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Page;
use crate::assumption::Observation;
use crate::pipeline::Item;
use crate::rendering::json::printable;

/// What the provider of a cluster has in its ARN. Infra's rule leaves their calls out.
const CLUSTER: &str = ":oidc-provider/oidc.eks.";

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
        let json = envelope.and_then(|envelope| serde_json::to_string(&envelope));
        // There are characters that a queue refuses, and a branch may be named by them.
        printable(&json.unwrap_or_default()).into_owned()
    }
}

/// The calls on a page that should have arrived, and the time of the oldest record of any.
pub(super) fn events(page: &Page) -> (Vec<Event<'_>>, Option<DateTime<Utc>>) {
    let mut events = Vec::new();
    let mut oldest: Option<DateTime<Utc>> = None;
    for record in &page.records {
        let head: Head = serde_json::from_str(record).unwrap_or_default();
        oldest = oldest.into_iter().chain(head.time()).min();
        if head.is_of_a_cluster() {
            continue;
        }
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

/// What of a record says when it was, and whose provider it came through.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Head {
    event_time: Value,
    user_identity: Value,
}

impl Head {
    fn time(&self) -> Option<DateTime<Utc>> {
        self.event_time.as_str()?.parse().ok()
    }

    fn is_of_a_cluster(&self) -> bool {
        let provider = self.user_identity["identityProvider"].as_str();
        provider.is_some_and(|provider| provider.contains(CLUSTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the rules let through and this leaves out would be missed without a word; the other
    /// way round, each call of a cluster would be a missed one.
    #[test]
    fn it_leaves_out_what_the_rules_leave_out() {
        for file in ["rolewatch.yaml", "forwarder.yaml"] {
            let path = format!("{}/../../infra/{file}", env!("CARGO_MANIFEST_DIR"));
            let template = std::fs::read_to_string(path).unwrap();
            let wildcards: Vec<&str> = template.split("\"wildcard\": \"").skip(1).collect();
            let wanted = format!("*{CLUSTER}*\"");
            assert!(
                wildcards.len() == 1 && wildcards[0].starts_with(&wanted),
                "{file}"
            );
        }
    }
}
