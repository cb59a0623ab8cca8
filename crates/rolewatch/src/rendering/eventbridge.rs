//! An alert as an event on a bus of EventBridge: the finding whole, and what rules filter by
//! beside it.

use serde::Serialize;
use serde_json::json;

use super::brief::Brief;
use super::sns::fitting;
use super::terminal::cut_to;
use crate::alert::Alert;

/// The event's source.
pub const SOURCE: &str = "rolewatch";
/// The event's detail type.
pub const DETAIL_TYPE: &str = "rolewatch finding";
/// EventBridge refuses an entry of 256 KiB and more, its names included.
const LARGEST: usize = 240 * 1024;
/// The longest ARN that is named as a resource.
const LONGEST_ARN: usize = 2048;

/// An entry of `PutEvents`, but for the bus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    /// Always [`SOURCE`].
    pub source: &'static str,
    /// Always [`DETAIL_TYPE`].
    pub detail_type: &'static str,
    /// A JSON text.
    pub detail: String,
    /// The role, where there is one.
    pub resources: Vec<String>,
    /// When it happened, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
}

/// An alert, ready to be put on a bus.
#[must_use]
pub fn entry(alert: &Alert) -> Entry {
    let alert = fitting(alert, LARGEST / 2);
    let brief = Brief::of(&alert);
    let detail = json!({
        "version": "1",
        "headline": brief.headline,
        "owner": alert.owner.as_deref().map(|owner| cut_to(owner, LONGEST_ARN)),
        "background": alert.background,
        "finding": &*alert,
    });
    let event = alert.event.as_ref();
    let role = event.and_then(|event| event.role_arn.as_deref());
    let role = role.filter(|role| role.starts_with("arn:") && role.len() <= LONGEST_ARN);
    Entry {
        source: SOURCE,
        detail_type: DETAIL_TYPE,
        detail: detail.to_string(),
        resources: role.map(str::to_owned).into_iter().collect(),
        time: brief.time,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::finding::Background;
    use crate::rendering::hostile::{NAMES, alert};

    #[test]
    fn hostile_names_are_carried_and_an_entry_fits() {
        for name in NAMES {
            for times in [1, 100, 10_000] {
                // What is ours stays ours: ids, the check's name, the quiet key.
                let alert = Alert {
                    id: "59e2a0588b65d113".into(),
                    check: "unlisted-context".into(),
                    background: Background::default(),
                    ..alert(&name.repeat(times))
                };
                let entry = entry(&alert);
                assert!(entry.detail.len() + 2 * LONGEST_ARN < 256 * 1024);
                let detail: Value = serde_json::from_str(&entry.detail).unwrap();
                if times == 1 {
                    assert_eq!(detail["finding"]["title"], alert.title);
                }
            }
        }
    }
}
