//! [`CHECK`]: a policy that AWS would not save again.

use crate::witness::Reach;

use super::complaint::Complaint;
use super::facts::Facts;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-no-subject",
    title: "no condition looks at the subject",
    severity: Severity::Info,
    explanation: include_str!("trust-no-subject.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (index, survey) in facts.surveys.iter().enumerate() {
        let mut scopes = facts.scopes.iter().filter(|scope| scope.survey == index);
        let entered = !survey.admitted.is_empty();
        let closed = entered && scopes.all(|scope| scope.worst.reach != Reach::Anyone);
        if closed && survey.on_claim("sub").is_empty() {
            let message = "other claims pin who gets in, but AWS refuses to save a GitHub trust \
                           policy without a condition on the subject";
            complaints.push(Complaint::at(&survey.statement.place, message));
        }
    }
    complaints
}
