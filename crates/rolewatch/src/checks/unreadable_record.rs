//! `unreadable-record`: a record could not be judged.

use std::fmt::Write as _;

use super::{Check, Complaint, Facts};
use crate::assumption::{Observation, UnreadableRecord};
use crate::finding::Severity;

pub(super) const CHECK: Check = Check {
    id: "unreadable-record",
    title: "a record could not be judged",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("unreadable-record.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let Observation::Unreadable(record) = facts.observation else {
        return None;
    };
    Some(Complaint {
        title: "A record of an assumed role could not be judged".into(),
        message: format!("{}; {}", record.reason, whereabouts(record)),
    })
}

/// How to find it. Where its time is not known, an alert has no event to show: all that is known is said here then.
fn whereabouts(record: &UnreadableRecord) -> String {
    let mut text = match &record.event_id {
        Some(id) => format!("look at event {id} in CloudTrail"),
        None => format!("look at it in CloudTrail (hash {})", record.hash),
    };
    if record.time.is_some() {
        return text;
    }
    for (name, value) in [
        ("account", &record.account),
        ("region", &record.region),
        ("role", &record.role_arn),
        ("subject", &record.subject),
        ("issuer", &record.issuer),
    ] {
        if let Some(value) = value {
            let _ = write!(text, ", {name} {value}"); // writing to a string cannot fail
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_it_is_said() {
        let known = UnreadableRecord {
            event_id: Some("BROKEN-1".into()),
            account: Some("123456789012".into()),
            role_arn: Some("arn:aws:iam::123456789012:role/deploy".into()),
            hash: "4c8d".into(),
            ..UnreadableRecord::default()
        };
        assert_eq!(
            whereabouts(&known),
            "look at event BROKEN-1 in CloudTrail, account 123456789012, role arn:aws:iam::123456789012:role/deploy"
        );
        let timed = UnreadableRecord {
            time: Some(chrono::DateTime::UNIX_EPOCH),
            ..known
        };
        assert_eq!(whereabouts(&timed), "look at event BROKEN-1 in CloudTrail");
        let nameless = UnreadableRecord {
            event_id: None,
            ..timed
        };
        assert_eq!(
            whereabouts(&nameless),
            "look at it in CloudTrail (hash 4c8d)"
        );
    }
}
