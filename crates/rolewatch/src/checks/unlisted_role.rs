//! `unlisted-role`: no rule names the role.

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unlisted-role",
    title: "no rule names the role",
    severity: Severity::High,
    needs: &[],
    explanation: include_str!("unlisted-role.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedRole, nearest) = facts.unexpected()? else {
        return None;
    };
    let elsewhere = match nearest.filter(|nearest| nearest.fit.repository) {
        Some(nearest) => format!(
            "; rule \"{}\" allows this repository on {}",
            nearest.rule.name,
            nearest.rule.roles_text()
        ),
        None => String::new(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "role in no rule"),
        message: format!(
            "no rule of the allowlist names {}{elsewhere}{}",
            assumption.role_arn,
            near_miss(nearest)
        ),
    })
}
