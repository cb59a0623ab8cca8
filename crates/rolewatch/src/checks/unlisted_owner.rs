//! `unlisted-owner`: the owner appears in no rule.

use github_oidc::Subject;

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "unlisted-owner",
    title: "the owner appears in no rule",
    severity: Severity::Critical,
    needs: &[],
    explanation: include_str!("unlisted-owner.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedOwner, nearest) = facts.unexpected()? else {
        return None;
    };
    let subject = Subject::parse(&assumption.subject);
    let owner = subject.owner().map_or("", |owner| owner.text);
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "owner in no rule"),
        message: format!(
            "no rule of the allowlist names the owner \"{owner}\"{}",
            near_miss(nearest)
        ),
    })
}
