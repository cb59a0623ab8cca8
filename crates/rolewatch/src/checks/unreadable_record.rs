//! `unreadable-record`: a record could not be judged.

use super::{Check, Complaint, Facts};
use crate::assumption::Observation;
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
        message: format!(
            "{}; look at it in CloudTrail (hash {})",
            record.reason, record.hash
        ),
    })
}
