//! [`CHECK`]: a role's ARN kept as a secret.

use crate::lints::Severity;

use super::expression::secrets;
use super::facts::{Facts, scalar, walk};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-role-in-secrets",
    title: "a role's ARN is kept as a secret",
    severity: Severity::Low,
    help: "keep the ARN in a variable of the environment and read it as ${{ vars.NAME }}",
    explanation: include_str!("workflow-role-in-secrets.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut found = Vec::new();
    walk(facts.root, ("", ""), &mut |key, pointer, node| {
        let Some(text) = scalar(node) else { return };
        if is_role(key) && !secrets(&text).is_empty() {
            found.push(Complaint {
                message: format!("{key} comes from a secret: logs mask what a reader has to see"),
                pointer: pointer.to_owned(),
                offset: node.span.start,
            });
        }
    });
    found
}

fn is_role(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    name == "role_to_assume" || name.ends_with("role_arn")
}
