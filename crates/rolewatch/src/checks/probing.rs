//! `probing`: somebody tries doors.

use super::{Check, Complaint, Fact, Facts};
use crate::finding::Severity;
use crate::verdict::Verdict;
use crate::words::{caller, role_name};

/// A workflow that is set up wrongly is refused one role, or two.
const ROLES: usize = 3;
/// A role whose trust policy is wrong refuses the branches of a few repositories.
const SUBJECTS: usize = 10;

pub(super) const CHECK: Check = Check {
    id: "probing",
    title: "refused on several roles, or many subjects on one",
    severity: Severity::High,
    needs: &[Fact::History],
    explanation: include_str!("probing.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (Verdict::Denied, Some(assumption)) = (facts.verdict, facts.assumption()) else {
        return None;
    };
    let refusals = facts.history?.refusals;
    let role = role_name(&assumption.role_arn);
    let (title, message) = if refusals.roles_of_source >= ROLES {
        let source = assumption.source_ip.as_deref().unwrap_or_default();
        (
            format!("{} is trying roles", caller(assumption)),
            format!(
                "{source} was refused {} roles within an hour",
                refusals.roles_of_source
            ),
        )
    } else if refusals.subjects_of_role >= SUBJECTS {
        (
            format!("Many subjects are trying {role}"),
            format!(
                "{role} was refused to {} subjects within an hour",
                refusals.subjects_of_role
            ),
        )
    } else {
        return None;
    };
    Some(Complaint { title, message })
}
