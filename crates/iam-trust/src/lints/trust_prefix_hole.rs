//! [`CHECK`]: a wildcard that goes on with a name.

use crate::witness::{ContextKind, Reach};

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
    let complaint = scope.complain(facts, format!("{} admits {what}", scope.name()))?;
    Some(complaint.severity(severity))
}

/// Whether the context goes on after a letter: `prod*`. After a joint, as in `release/*`, a family
/// of names is meant. Tags are versions: `v*` is such a family too.
fn cuts_a_word(scope: &Scope<'_>) -> bool {
    let Some(blame) = scope
        .blame
        .filter(|_| scope.worst.kind == ContextKind::Longer)
    else {
        return false;
    };
    let text = &blame.value.text;
    let Some((before, _)) = text.split_once(['*', '?']) else {
        return false;
    };
    let of_tags = before.contains(":ref:refs/tags/") || before.starts_with("refs/tags/");
    before.ends_with(char::is_alphanumeric) && !of_tags
}
