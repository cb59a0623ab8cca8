//! The smallest rule that would have expected an assumption: the exact role, repository (with
//! its ids where it came with them), context and session, nothing wider.
//!
//! Every suggestion is compiled and put to the assumption before it is given out.

use github_oidc::{Form, Issuer, Subject};

use crate::allowlist::{Allowlist, Fault, Rule, compile};
use crate::assumption::Assumption;
use crate::checks::{Check, Facts};
use crate::finding::Severity;
use crate::history::Sightings;
use crate::new_rule::{MEASURING_ERROR, NewRule, NewWho, free_name, session_limit};
use crate::verdict::{Judging, Reason, Verdict, judge};

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
    if is_a_strangers(assumption, allowlist) || is_disputed(assumption, allowlist) {
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

/// Whether the file pins a name of the subject to another id, if only in a rule that has expired: the name may have been
/// registered anew, and somebody has to look first.
fn is_disputed(assumption: &Assumption, allowlist: &Allowlist) -> bool {
    let issuer = assumption.issuer.parse();
    issuer.is_ok_and(|issuer| allowlist.is_disputed(&issuer, &Subject::parse(&assumption.subject)))
}

fn write_rule(
    assumption: &Assumption,
    allowlist: &Allowlist,
    template: Option<&Rule>,
) -> Option<String> {
    let subject = Subject::parse(&assumption.subject);
    let (repository, context);
    let who = match &subject {
        Subject::Standard(standard) => {
            repository = standard.repository.to_string();
            context = standard.context.to_string();
            NewWho::Repositories {
                repositories: vec![&repository],
                contexts: vec![&context],
                immutable: subject.form() == Form::Immutable,
            }
        }
        _ => NewWho::Subjects(vec![&assumption.subject]),
    };
    let audience = assumption.audience.as_deref()?;
    let issuer: Issuer = assumption.issuer.parse().ok()?;
    let is_default = allowlist.is_only_default_issuer(&issuer);
    let new = NewRule {
        name: &free_name_for(assumption, allowlist),
        role_arn: &assumption.role_arn,
        who,
        max_session: session_limit(assumption.session),
        audience: Some(audience).filter(|it| !allowlist.is_only_default_audience(it)),
        issuer: (!is_default).then(|| issuer.url()),
    };
    let mut rule = new.text()?;
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
    Some(rule.text)
}

/// How many of the earlier assumptions with what a suggestion asks for (role, names and context, ids
/// where they came) it would have allowed as well: the sessions decide.
pub(crate) fn allowed_too(seen: &Sightings, assumption: &Assumption) -> u64 {
    seen.within(session_limit(assumption.session) + MEASURING_ERROR)
}

/// A name that no rule of the file has.
fn free_name_for(assumption: &Assumption, allowlist: &Allowlist) -> String {
    let subject = Subject::parse(&assumption.subject);
    let caller = match (subject.repository(), subject.context()) {
        (Some(repository), Some(context)) => format!("{} {context}", repository.full_name()),
        (Some(repository), None) => repository.full_name(),
        _ => assumption.subject.clone(),
    };
    let taken = |name: &str| allowlist.rules().iter().any(|rule| rule.name == name);
    free_name(
        &assumption.role_arn,
        &caller,
        allowlist.rules().len(),
        taken,
    )
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
