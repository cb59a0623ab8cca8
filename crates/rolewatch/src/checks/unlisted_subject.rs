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
    needs: &[],
    explanation: include_str!("unlisted-subject.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedSubject, nearest) = facts.unexpected()? else {
        return None;
    };
    let subject = Subject::parse(&assumption.subject);
    let what = match (&subject, subject.owner(), subject.owner_id()) {
        (Subject::Unparsable(_), ..) => "is not of a form that GitHub documents".to_owned(),
        (_, None, Some(id)) => format!("is customised and tells just the owner's id {id}"),
        _ => "is customised".to_owned(),
    };
    let nearly = nearest.filter(|nearest| nearest.fit.role && nearest.fit.repository);
    let standard_only = match nearly {
        Some(nearest) if nearest.rule.takes_standard_subjects() => format!(
            "; rule \"{}\" names the repository, but `repositories` cover standard subjects alone",
            nearest.rule.name
        ),
        _ => String::new(),
    };
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "subject not listed"),
        message: format!(
            "the subject {what}, and no `subjects` pattern for this role covers it{standard_only}{}",
            near_miss(nearest)
        ),
    })
}
