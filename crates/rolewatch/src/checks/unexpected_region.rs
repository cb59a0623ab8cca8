//! `unexpected-region`: the call was made in another region.

use super::{Check, Complaint, Facts};
use crate::allowlist::Fault;
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unexpected-region",
    title: "the call was made in another region",
    severity: Severity::Medium,
    needs: &[],
    explanation: include_str!("unexpected-region.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule) = facts.fault(Fault::Region)?;
    let region = match &assumption.region {
        Some(region) => format!("the call was made in {region}"),
        None => "the record does not tell the region".to_owned(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "unexpected region"),
        message: format!(
            "{region}, and rule \"{}\" expects {}",
            rule.name,
            rule.regions_text()
        ),
    })
}
