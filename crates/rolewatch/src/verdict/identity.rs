//! Why no rule matches an identity: exactly one reason, the first that holds.

use chrono::NaiveDate;
use github_oidc::{Form, Subject};

use super::Reason;
use crate::allowlist::{Allowlist, BrokenPin, Identity, Rule};

pub(super) fn reason<'a>(
    who: &Identity<'_>,
    allowlist: &'a Allowlist,
    day: NaiveDate,
    pin: Option<BrokenPin>,
) -> Reason<'a> {
    let live = || allowlist.live_rules(day);
    let of_role = || allowlist.live_rules_of(who.role_arn, day);
    let of_another_issuer = |rule: &&Rule| {
        let fit = rule.fit(who);
        fit.but_for_issuer() && !fit.issuer
    };
    if let Some(rule) = of_role().find(of_another_issuer) {
        Reason::UnexpectedIssuer { rule: Some(rule) }
    } else if let Some(pin) = pin {
        Reason::RepositoryIdMismatch(pin)
    } else if let Some(rule) = expired(who, allowlist, day) {
        rule
    } else if owner_is_known(who.subject) && !live().any(|rule| rule.fit(who).owner) {
        Reason::UnlistedOwner
    } else if of_role().next().is_none() {
        Reason::UnlistedRole
    } else if matches!(who.subject.form(), Form::Custom | Form::Unparsable) {
        Reason::UnlistedSubject
    } else if !of_role().any(|rule| rule.fit(who).repository) {
        Reason::UnlistedRepository
    } else {
        Reason::UnlistedContext
    }
}

fn expired<'a>(who: &Identity<'_>, allowlist: &'a Allowlist, day: NaiveDate) -> Option<Reason<'a>> {
    allowlist
        .rules_of(who.role_arn)
        .find(|rule| !rule.is_live(day) && rule.fit(who).identity())
        .map(Reason::ExpiredRule)
}

/// An owner that cannot be read out of the subject cannot be a stranger.
fn owner_is_known(subject: &Subject<'_>) -> bool {
    subject.owner().is_some()
}
