//! A canary: an event of our own, hourly from every region, that takes the way of the real ones.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// The source of canaries. Never `aws.*`, which nobody can send, so that a canary is never taken for a record.
pub const CANARY_SOURCE: &str = "rolewatch.canary";
/// Their type.
pub const CANARY_DETAIL_TYPE: &str = "rolewatch canary";

/// How far two clocks may differ. One from the future would vouch for hours that are still to come.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// No region's name is longer.
const LONGEST_REGION: usize = 25;

/// That the way from a region to here is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// Where it was sent.
    pub region: String,
    /// When.
    pub sent: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Envelope {
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detail {
    region: String,
    sent: DateTime<Utc>,
}

impl Canary {
    /// The canary that an event is; nothing where it is not exactly one.
    #[must_use]
    pub fn read(body: &[u8], now: DateTime<Utc>) -> Option<Self> {
        let Envelope {
            detail: Detail { region, sent },
        } = serde_json::from_slice(body).ok()?;
        (is_region(&region) && sent - now <= CLOCKS).then_some(Self { region, sent })
    }
}

/// Whether it could be a region's name, such as `us-gov-west-1`.
fn is_region(name: &str) -> bool {
    let Some((area, number)) = name.rsplit_once('-') else {
        return false;
    };
    name.len() <= LONGEST_REGION
        && area.contains('-')
        && area
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && matches!(number.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regions_are_regions() {
        for good in ["eu-central-1", "us-gov-west-1", "ap-southeast-7"] {
            assert!(is_region(good), "{good}");
        }
        for bad in [
            "",
            "eu",
            "eu-1",
            "eu-central-0",
            "eu-central-11",
            "EU-central-1",
            "eu--central-1",
            "eu-central-1 ",
            "a-very-long-name-of-a-region-1",
        ] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
