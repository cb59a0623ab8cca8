//! `unlisted-subject`: no pattern covers this customised subject.

use github_oidc::Subject;

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unlisted-subject",
    title: "no pattern covers this customised subject",
    severity: Severity::High,
    explanation: include_str!("unlisted-subject.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedSubject, nearest) = facts.unexpected()? else {
        return None;
    };
    let what = match Subject::parse(&assumption.subject) {
        Subject::Unparsable(_) => "is not of a form that GitHub documents, and no",
        _ => "is customised, and no",
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "subject not listed"),
        message: format!(
            "the subject {what} `subjects` pattern for this role covers it{}",
            near_miss(nearest)
        ),
    })
}
