//! `expired-rule`: the rule that would match has expired.

use super::{Check, Complaint, Facts};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "expired-rule",
    title: "the rule that would match has expired",
    severity: Severity::High,
    needs: &[],
    explanation: include_str!("expired-rule.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::ExpiredRule(rule), _) = facts.unexpected()? else {
        return None;
    };
    let last = rule.expires.map(|day| day.to_string()).unwrap_or_default();
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "rule has expired"),
        message: format!(
            "rule \"{}\" matched through {last} (UTC); extend it if this is still wanted",
            rule.name
        ),
    })
}
