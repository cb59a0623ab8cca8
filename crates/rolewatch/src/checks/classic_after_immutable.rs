//! `classic-after-immutable`: a repository that had ids comes without.

use github_oidc::{Form, Subject};

use super::{Check, Complaint, Fact, Facts};
use crate::finding::Severity;
use crate::words::{assumed, caller};

pub(super) const CHECK: Check = Check {
    id: "classic-after-immutable",
    title: "a repository that had ids comes without",
    severity: Severity::Medium,
    needs: &[Fact::History],
    explanation: include_str!("classic-after-immutable.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Option<Complaint> {
    let (assumption, rule, history) = facts.expected()?;
    let ids = history.ids?;
    let form = Subject::parse(&assumption.subject).form();
    (form == Form::Classic).then(|| Complaint {
        title: assumed(&caller(assumption), assumption, "ids are missing"),
        message: format!(
            "the repository came with the id {} before, and now without: the form of its \
             subjects was set back, or a repository of the same name stands in its place. Rule \
             \"{}\" takes both forms",
            ids.repository, rule.name
        ),
    })
}
