//! Which findings are alike: those of one quiet key are told once in a window.

use chrono::NaiveDate;
use github_oidc::Subject;

use crate::allowlist::{Allowlist, Identity};
use crate::assumption::{Assumption, Observation};
use crate::digest::digest;

/// The quiet key of a finding: check, account, role and repository, hashed. A name that
/// somebody else chose is not part of it (a repository that no rule names, a role that no rule
/// names in a refused call), so that such names cannot open windows of their own.
pub(crate) fn quiet_key(check: &str, observation: &Observation, allowlist: &Allowlist) -> String {
    let account = observation.account().unwrap_or_default();
    let (role, repository) = match observation {
        Observation::Assumption(assumption) => names(assumption, allowlist),
        Observation::Unreadable(record) => (
            record
                .role_arn
                .clone()
                .filter(|_| record.error_code.is_none()),
            None,
        ),
    };
    digest(&[
        check,
        account,
        &role.unwrap_or_default(),
        &repository.unwrap_or_default(),
    ])
}

fn names(assumption: &Assumption, allowlist: &Allowlist) -> (Option<String>, Option<String>) {
    let day = assumption.time.date_naive();
    let role = Some(assumption.role_arn.clone())
        .filter(|role| !assumption.is_refused() || allowlist.names_role(role, day));
    let subject = Subject::parse(&assumption.subject);
    let repository = subject
        .repository()
        .map(|repository| repository.full_name());
    (
        role,
        repository.filter(|_| is_listed(assumption, &subject, allowlist, day)),
    )
}

/// Whether some rule that has not expired names the subject's repository.
fn is_listed(
    assumption: &Assumption,
    subject: &Subject<'_>,
    allowlist: &Allowlist,
    day: NaiveDate,
) -> bool {
    let who = Identity {
        role_arn: &assumption.role_arn,
        issuer: None,
        subject,
        subject_text: &assumption.subject,
    };
    allowlist
        .live_rules(day)
        .any(|rule| rule.fit(&who).repository)
}
