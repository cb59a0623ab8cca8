//! [`CHECK`]: a whole organisation gets in.

use crate::pattern::has_wildcard;
use crate::witness::Reach;

use super::complaint::Complaint;
use super::facts::Facts;
use super::scope::Scope;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check {
    id: "trust-whole-organisation",
    title: "every repository of the owner gets in",
    severity: Severity::High,
    explanation: include_str!("trust-whole-organisation.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let scopes = facts.scopes.iter();
    let whole =
        scopes.filter(|scope| scope.worst.reach == Reach::OtherRepository && scope.any_repository);
    whole.filter_map(|scope| complain(facts, scope)).collect()
}

fn complain(facts: &Facts<'_>, scope: &Scope<'_>) -> Option<Complaint> {
    let name = scope.name();
    if is_by_one_workflow(facts, scope) {
        let message = format!(
            "{name} admits every repository of its owner, if only by the workflow that it pins"
        );
        return Some(scope.complain(facts, message)?.severity(Severity::Low));
    }
    let message = format!("{name} admits every repository of its owner");
    scope.complain(facts, message)
}

/// Whether the called workflow is spelt out with its ref: what it does is decided where it stands,
/// whoever calls it.
fn is_by_one_workflow(facts: &Facts<'_>, scope: &Scope<'_>) -> bool {
    let in_value = scope.blame.is_some_and(|blame| {
        let workflow = blame.value.text.split_once("job_workflow_ref:");
        let workflow = workflow.map(|(_, rest)| rest.split(':').next().unwrap_or_default());
        blame.condition.lower_key().ends_with(":sub") && workflow.is_some_and(is_exact)
    });
    let by_condition = facts.survey(scope).is_some_and(|survey| {
        let conditions = scope.statement.conditions.iter();
        let mut of_workflow = conditions.filter(|condition| {
            let must = condition.operator.wants_text() && !condition.operator.if_exists;
            let claim = survey.claim(condition);
            must && condition.operator.set.is_none() && claim.as_deref() == Some("job_workflow_ref")
        });
        of_workflow.any(|condition| {
            let mut values = condition.values.iter();
            values.all(|value| is_exact(&value.text))
        })
    });
    in_value || by_condition
}

fn is_exact(workflow: &str) -> bool {
    let named = workflow
        .split_once('@')
        .is_some_and(|(_, git_ref)| !git_ref.is_empty());
    named && !has_wildcard(workflow) && !workflow.contains("${")
}
