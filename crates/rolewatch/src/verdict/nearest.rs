//! The rule that comes nearest to an unexpected assumption: where its reader should look first.

use chrono::NaiveDate;

use super::Reason;
use crate::allowlist::{Allowlist, Fit, Identity, Part, Rule};

/// The nearest rule.
#[derive(Debug)]
pub struct Nearest<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What of it fits.
    pub fit: Fit,
    /// Its pattern that would match if case did not count.
    pub but_for_case: Option<String>,
}

/// The rule of the reason itself, else the live rule that is missed by case alone, else the one
/// of which most fits; the first in the file among equals. None where neither role nor owner of
/// any rule fits.
pub(super) fn nearest<'a>(
    who: &Identity<'_>,
    allowlist: &'a Allowlist,
    day: NaiveDate,
    reason: &Reason<'a>,
) -> Option<Nearest<'a>> {
    let part = missed_part(reason);
    let near = |rule: &'a Rule| {
        let fit = rule.fit(who);
        let part = part.filter(|part| fits_before(fit, *part));
        Nearest {
            rule,
            fit,
            but_for_case: part.and_then(|part| rule.near_miss_by_case(who, part)),
        }
    };
    if let Reason::Parameters { rule, .. }
    | Reason::UnexpectedIssuer { rule: Some(rule) }
    | Reason::ExpiredRule(rule) = reason
    {
        return Some(near(rule));
    }
    allowlist
        .live_rules(day)
        .map(near)
        .filter(|near| near.fit.role || near.fit.owner || near.but_for_case.is_some())
        // Of equals the last wins here, so the file is read from its end.
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .max_by_key(|near| (near.but_for_case.is_some(), near.fit.nearness()))
}

/// The part of the identity that the reason is about.
fn missed_part(reason: &Reason<'_>) -> Option<Part> {
    match reason {
        Reason::UnlistedOwner => Some(Part::Owner),
        Reason::UnlistedRole => Some(Part::Role),
        Reason::UnlistedRepository => Some(Part::Repository),
        Reason::UnlistedContext => Some(Part::Context),
        Reason::UnlistedSubject => Some(Part::Subject),
        Reason::Parameters { .. }
        | Reason::UnexpectedIssuer { .. }
        | Reason::RepositoryIdMismatch(_)
        | Reason::ExpiredRule(_) => None,
    }
}

/// Whether what is looked at before this part fits: a context is missed by case only where role
/// and repository are the rule's.
fn fits_before(fit: Fit, part: Part) -> bool {
    match part {
        Part::Owner | Part::Role => true,
        Part::Repository | Part::Subject => fit.role,
        Part::Context => fit.role && fit.repository,
    }
}
