//! `outside-hours`: the session began outside the rule's hours.

use super::{Check, Complaint, Facts};
use crate::allowlist::Fault;
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "outside-hours",
    title: "the session began outside the rule's hours",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("outside-hours.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule) = facts.fault(Fault::Hours)?;
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "outside hours"),
        message: format!(
            "the session began at {}, and rule \"{}\" allows {}",
            assumption.time.format("%Y-%m-%d %H:%M UTC"),
            rule.name,
            rule.hours_text()
        ),
    })
}
