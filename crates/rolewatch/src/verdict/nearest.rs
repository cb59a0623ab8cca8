//! The rule that comes nearest to an unexpected assumption: where its reader should look first.

use chrono::NaiveDate;

use super::Reason;
use crate::allowlist::{Allowlist, Fit, Identity, Rule};

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

/// The rule of the reason itself, else the live rule of which most fits, the first in the file
/// among equals. None where neither role nor owner of any rule fits.
pub(super) fn nearest<'a>(
    who: &Identity<'_>,
    allowlist: &'a Allowlist,
    day: NaiveDate,
    reason: &Reason<'a>,
) -> Option<Nearest<'a>> {
    let near = |rule: &'a Rule| {
        let fit = rule.fit(who);
        Nearest {
            rule,
            fit,
            but_for_case: rule.near_miss_by_case(who, fit),
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
        .max_by_key(|near| (near.fit.nearness(), near.but_for_case.is_some()))
}
