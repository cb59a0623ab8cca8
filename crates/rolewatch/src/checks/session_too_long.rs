//! `session-too-long`: the session is longer than its rule allows.

use super::{Check, Complaint, Facts};
use crate::allowlist::{Fault, format_duration};
use crate::assumption::Session;
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "session-too-long",
    title: "the session is longer than its rule allows",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("session-too-long.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule) = facts.fault(Fault::Session)?;
    let (length, limit) = (
        format_duration(assumption.session.seconds()),
        format_duration(rule.max_session),
    );
    let cure = match assumption.session {
        Session::Requested(_) => "lower role-duration-seconds in the workflow",
        Session::Measured(_) | Session::Assumed => {
            "the caller asked for no duration, so STS gave its default; set role-duration-seconds"
        }
    };
    Some(Complaint {
        title: assumed(
            &caller(assumption),
            assumption,
            &format!("session {length}, {limit} allowed"),
        ),
        message: format!(
            "the session lasts {length}, and rule \"{}\" allows {limit}; {cure}",
            rule.name
        ),
    })
}
