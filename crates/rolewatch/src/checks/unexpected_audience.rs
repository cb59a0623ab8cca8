//! `unexpected-audience`: the token is meant for another audience.

use super::{Check, Complaint, Facts};
use crate::allowlist::Fault;
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unexpected-audience",
    title: "the token is meant for another audience",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("unexpected-audience.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule) = facts.fault(Fault::Audience)?;
    let audience = match &assumption.audience {
        Some(audience) => format!("the token is meant for \"{audience}\""),
        None => "the record does not tell the audience".to_owned(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "unexpected audience"),
        message: format!(
            "{audience}, and rule \"{}\" expects {}",
            rule.name,
            rule.audiences_text()
        ),
    })
}
