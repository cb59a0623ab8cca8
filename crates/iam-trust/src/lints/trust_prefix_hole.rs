//! [`CHECK`]: a wildcard that goes on with a name.

use crate::pattern::has_wildcard;
use crate::witness::{ContextKind, Reach, segments};

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Scope;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-prefix-hole",
    title: "a longer name gets in as well",
    severity: Severity::High,
    explanation: include_str!("trust-prefix-hole.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let scopes = facts.scopes.iter();
    scopes.filter_map(|scope| complain(facts, scope)).collect()
}

fn complain(facts: &Facts<'_>, scope: &Scope<'_>) -> Option<Complaint> {
    let (what, severity) = match scope.worst.reach {
        Reach::OtherOwner if facts.is_stranger(scope) => {
            ("every owner of the enterprise", Severity::High)
        }
        Reach::OtherOwner => ("other owners than the one it names", Severity::High),
        Reach::OtherRepository if !scope.any_repository => {
            ("other repositories than the one it names", Severity::Medium)
        }
        Reach::Intended if cuts_a_word(scope) => {
            ("other contexts than the one it names", Severity::Low)
        }
        _ => return None,
    };
    let mut message = format!("{} admits {what}", scope.name());
    let value = scope.blame.map(|blame| &*blame.value.text);
    if value.is_some_and(has_open_id) {
        message.push_str("; write both ids out");
    }
    let complaint = scope.complain(facts, message)?;
    Some(complaint.severity(severity))
}

/// Whether a wildcard stands for an id, or goes on with it.
fn has_open_id(value: &str) -> bool {
    let names = segments(value).map(|(owner, repository, _)| [Some(owner), repository]);
    let names = names.into_iter().flatten().flatten();
    let mut ids = names.filter_map(|name| name.split_once('@'));
    ids.any(|(_, id)| has_wildcard(id))
}

/// Whether the context has a wildcard that is no family of names: `prod*`, `*main`.
fn cuts_a_word(scope: &Scope<'_>) -> bool {
    let longer = scope.worst.kind == ContextKind::Longer;
    let Some(blame) = scope.blame.filter(|_| longer) else {
        return false;
    };
    let text = &*blame.value.text;
    match blame.condition.lower_key().rsplit(':').next() {
        Some("ref") => !is_family(text),
        Some("environment") => has_wildcard(text),
        Some("sub") => match segments(text) {
            Some((_, _, context)) => context.is_some_and(is_open),
            None => has_wildcard(text),
        },
        _ => false,
    }
}

fn is_open(context: &str) -> bool {
    // Whoever names an environment first in a job makes it.
    let of_ref = context.strip_prefix("ref:");
    has_wildcard(context) && !of_ref.is_some_and(is_family)
}

/// Whether a pattern on a ref means the names that begin so: its one wildcard stands at the end,
/// behind a joint. Tags are versions: any pattern of them is a family.
fn is_family(git_ref: &str) -> bool {
    if !has_wildcard(git_ref) || git_ref.starts_with("refs/tags/") {
        return true;
    }
    let name = git_ref.strip_suffix('*').unwrap_or(git_ref);
    !has_wildcard(name) && name.ends_with(['/', '-', '_', '.'])
}
