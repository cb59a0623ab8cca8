//! `unlisted-repository`: the role is known, not for this repository.

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unlisted-repository",
    title: "the role is known, not for this repository",
    severity: Severity::High,
    needs: &[],
    explanation: include_str!("unlisted-repository.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedRepository, nearest) = facts.unexpected()? else {
        return None;
    };
    let caller = caller(assumption);
    let message = match nearest.filter(|nearest| nearest.fit.role) {
        Some(nearest) if nearest.fit.lacks_ids => format!(
            "rule \"{}\" takes \"{caller}\" with its ids alone, and the subject carries none: \
             anyone who gets hold of the name could send it",
            nearest.rule.name
        ),
        Some(nearest) => format!(
            "no rule for this role names the repository \"{caller}\"; rule \"{}\" allows {}{}",
            nearest.rule.name,
            nearest.rule.repositories_text(),
            near_miss(Some(nearest))
        ),
        None => format!("no rule for this role names the repository \"{caller}\""),
    };
    Some(Complaint {
        title: assumed(&caller, assumption, "repository not listed"),
        message,
    })
}
