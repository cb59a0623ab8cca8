//! `unlisted-context`: role and repository are known, not this branch, tag or environment.

use github_oidc::Subject;

use super::{Check, Complaint, Facts, near_miss};
use crate::finding::Severity;
use crate::verdict::Reason;
use crate::words::{assumed, caller_in_context};

pub(super) const CHECK: Check = Check {
    id: "unlisted-context",
    title: "role and repository are known, not this branch, tag or environment",
    severity: Severity::High,
    needs: &[],
    explanation: include_str!("unlisted-context.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, Reason::UnlistedContext, nearest) = facts.unexpected()? else {
        return None;
    };
    let subject = Subject::parse(&assumption.subject);
    let context = subject
        .context()
        .map(|context| context.to_string())
        .unwrap_or_default();
    let allowed = match nearest.filter(|nearest| nearest.fit.role && nearest.fit.repository) {
        Some(nearest) => format!(
            "rule \"{}\" allows {}, not \"{context}\"",
            nearest.rule.name,
            nearest.rule.contexts_text()
        ),
        None => format!("no rule allows \"{context}\" of this repository on this role"),
    };
    Some(Complaint {
        title: assumed(&caller_in_context(assumption), assumption, "not listed"),
        message: format!("{allowed}{}", near_miss(nearest)),
    })
}
