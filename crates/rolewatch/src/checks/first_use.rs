//! `first-use`: an expected use for the first time.

use super::{Check, Complaint, Fact, Facts};
use crate::finding::Severity;
use crate::words::{assumed, caller_in_context};

pub(super) const CHECK: Check = Check {
    id: "first-use",
    title: "an expected use for the first time",
    severity: Severity::Info,
    needs: &[Fact::History],
    explanation: include_str!("first-use.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule, history) = facts.expected()?;
    (!history.known_use).then(|| Complaint {
        title: assumed(&caller_in_context(assumption), assumption, "first use"),
        message: format!(
            "rule \"{}\" expects it, and it was never seen before",
            rule.name
        ),
    })
}
