//! `repository-renamed`: a known id under another name.

use super::{Check, Complaint, Fact, Facts};
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "repository-renamed",
    title: "a known repository under another name",
    severity: Severity::Info,
    needs: &[Fact::History],
    explanation: include_str!("repository-renamed.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule, history) = facts.expected()?;
    let former = history.former_name.as_ref()?;
    Some(Complaint {
        title: assumed(&caller(assumption), assumption, "renamed"),
        message: format!(
            "the repository was called {former}; its id is the same. Rule \"{}\" expects the new \
             name: check whether another rule still names the old one",
            rule.name
        ),
    })
}
