//! `repository-id-mismatch`: the name is known, its id is not the pinned one.

use super::{Check, Complaint, Facts};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "repository-id-mismatch",
    title: "the name is known, its id is not the pinned one",
    severity: Severity::Critical,
    needs: &[],
    explanation: include_str!("repository-id-mismatch.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::RepositoryIdMismatch(pin), _) = facts.unexpected()? else {
        return None;
    };
    let pinned: Vec<String> = pin.pinned.iter().map(u64::to_string).collect();
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "not the pinned id"),
        message: format!(
            "{} came with the id {}, and {} {}. Ids are never reused and names \
             are: this may be a stranger who took over a free name",
            pin.name,
            pin.found,
            if pin.remembered {
                "until now it had"
            } else {
                "the allowlist pins"
            },
            pinned.join(" or "),
        ),
    })
}
