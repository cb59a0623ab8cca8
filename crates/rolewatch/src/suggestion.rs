//! The smallest rule that would have expected an assumption: the exact role, repository (with
//! its ids where it came with them), context and session, nothing wider.
//!
//! Every suggestion is compiled and put to the assumption before it is given out.

use std::fmt::Write as _;

use github_oidc::{Form, Issuer, Subject};

use crate::allowlist::{Allowlist, Fault, Rule, compile, format_duration, quote};
use crate::assumption::Assumption;
use crate::checks::{Check, Facts};
use crate::finding::Severity;
use crate::history::Sightings;
use crate::pattern::has_wildcard;
use crate::verdict::{Judging, Reason, Verdict, judge};

/// The shortest `max_session` that a rule can have, in seconds.
const SHORTEST_SESSION: u64 = 900;
/// A measured session is this many seconds too long at the most; rules tolerate as much.
const MEASURING_ERROR: u64 = 5;
/// The name of a suggested rule is cut to this many characters.
const LONGEST_NAME: usize = 80;

/// A `[[allow]]` to paste, for a finding that a rule could settle. None for a critical one
/// (somebody has to look first) or a stranger, and where the file's format cannot say just this: a name that
/// holds a wildcard's character, a subject that does not tell its caller, or a second fault that
/// the rule would have to allow as well.
pub(crate) fn suggest(check: &Check, facts: &Facts<'_>, allowlist: &Allowlist) -> Option<String> {
    let Verdict::Unexpected(unexpected) = facts.verdict else {
        return None;
    };
    let template = match &unexpected.reason {
        Reason::Parameters { rule, faults } if faults.as_slice() == [Fault::Session] => Some(*rule),
        Reason::UnlistedRole
        | Reason::UnlistedRepository
        | Reason::UnlistedContext
        | Reason::UnlistedSubject => None,
        _ => return None,
    };
    if check.severity == Severity::Critical {
        return None;
    }
    let assumption = facts.assumption()?;
    if is_a_strangers(assumption, allowlist) {
        return None;
    }
    let text = write_rule(assumption, allowlist, template)?;
    would_expect(&text, assumption, allowlist).then_some(text)
}

/// Whether the subject tells its owner by an id alone, and no rule knows that owner: a stranger
/// as far as one can see, whom somebody has to look at first.
fn is_a_strangers(assumption: &Assumption, allowlist: &Allowlist) -> bool {
    let subject = Subject::parse(&assumption.subject);
    let Some(id) = subject.owner_id().filter(|_| subject.owner().is_none()) else {
        return false;
    };
    let day = assumption.time.date_naive();
    !allowlist
        .live_rules(day)
        .any(|rule| rule.names_owner_id(id))
}

fn write_rule(
    assumption: &Assumption,
    allowlist: &Allowlist,
    template: Option<&Rule>,
) -> Option<String> {
    let subject = Subject::parse(&assumption.subject);
    let mut rule = RuleWriter::default();
    rule.list("roles", &[&assumption.role_arn])?;
    match &subject {
        Subject::Standard(standard) => {
            rule.list("repositories", &[&standard.repository.to_string()])?;
            rule.list("contexts", &[&standard.context.to_string()])?;
            if subject.form() == Form::Immutable {
                // Without it, a classic subject of the same name would do.
                rule.string("form", "immutable");
            }
        }
        _ => rule.list("subjects", &[&assumption.subject])?,
    }
    rule.string("max_session", &format_duration(session_limit(assumption)));
    let audience = assumption.audience.as_deref()?;
    if !allowlist.is_only_default_audience(audience) {
        rule.list("audiences", &[audience])?;
    }
    let issuer: Issuer = assumption.issuer.parse().ok()?;
    if !allowlist.is_only_default_issuer(&issuer) {
        rule.list("issuers", &[&issuer.url()])?;
    }
    if let Some(limits) = template.map(Rule::limits) {
        if limits.regions {
            rule.list("regions", &[assumption.region.as_deref()?])?;
        }
        if !limits.networks.is_empty() {
            rule.list("networks", &limits.networks)?;
        }
        if let Some(hours) = limits.hours {
            rule.string("hours", hours);
        }
    }
    Some(format!(
        "[[allow]]\nname = {}\n{}",
        quote(&free_name(assumption, allowlist)),
        rule.text
    ))
}

/// How many of the earlier assumptions with what a suggestion asks for (role, names and context, ids
/// where they came) it would have allowed as well: the sessions decide.
pub(crate) fn allowed_too(seen: &Sightings, assumption: &Assumption) -> u64 {
    seen.within(session_limit(assumption) + MEASURING_ERROR)
}

/// The session's length as a rule has to allow it; a measured one rounded down to the minute
/// that was meant.
fn session_limit(assumption: &Assumption) -> u64 {
    let seconds = assumption.session.seconds();
    let over = seconds % 60;
    let meant = if assumption.session.is_measured() && over <= MEASURING_ERROR {
        seconds - over
    } else {
        seconds
    };
    meant.max(SHORTEST_SESSION)
}

/// A name that no rule of the file has.
fn free_name(assumption: &Assumption, allowlist: &Allowlist) -> String {
    let subject = Subject::parse(&assumption.subject);
    let caller = match (subject.repository(), subject.context()) {
        (Some(repository), Some(context)) => format!("{} {context}", repository.full_name()),
        (Some(repository), None) => repository.full_name(),
        _ => assumption.subject.clone(),
    };
    let role = crate::words::role_name(&assumption.role_arn);
    let wanted: String = format!("{role} for {caller}")
        .chars()
        .take(LONGEST_NAME)
        .collect();
    let taken = |name: &str| allowlist.rules.iter().any(|rule| rule.name == name);
    if !taken(&wanted) {
        return wanted;
    }
    // One of so many names is free: there are more of them than rules.
    (2..=allowlist.rules.len() + 2)
        .map(|n| format!("{wanted} ({n})"))
        .find(|name| !taken(name))
        .unwrap_or(wanted)
}

#[derive(Default)]
struct RuleWriter {
    text: String,
}

impl RuleWriter {
    fn string(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.text, "{key} = {}", quote(value));
    }

    /// None where a value cannot be written as itself, because it holds a wildcard.
    fn list(&mut self, key: &str, values: &[&str]) -> Option<()> {
        if values.iter().any(|value| has_wildcard(value)) {
            return None;
        }
        let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
        let _ = writeln!(self.text, "{key} = [{}]", quoted.join(", "));
        Some(())
    }
}

/// Compiles the rule, on its own but for what the file lists, and puts the assumption to it.
fn would_expect(text: &str, assumption: &Assumption, allowlist: &Allowlist) -> bool {
    let file = format!("{}{text}", allowlist.preamble());
    compile(&file).is_ok_and(|(alone, _)| {
        matches!(
            judge(assumption, &alone, &Judging::ALL),
            Verdict::Expected(_)
        )
    })
}
