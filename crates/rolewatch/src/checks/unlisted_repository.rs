//! `unlisted-repository`: the role is known, not for this repository.

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unlisted-repository",
    title: "the role is known, not for this repository",
    severity: Severity::High,
    explanation: include_str!("unlisted-repository.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedRepository, nearest) = facts.unexpected()? else {
        return None;
    };
    let allowed = match nearest.filter(|nearest| nearest.fit.role) {
        Some(nearest) => format!(
            "; rule \"{}\" allows {}",
            nearest.rule.name,
            nearest.rule.repositories_text()
        ),
        None => String::new(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "repository not listed"),
        message: format!(
            "no rule for this role names the repository \"{}\"{allowed}{}",
            caller(assumption),
            near_miss(nearest)
        ),
    })
}
