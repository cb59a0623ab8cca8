//! [`CHECK`]: a role's ARN kept as a secret.

use crate::lints::Severity;

use super::expression::read_from;
use super::facts::{Facts, scalar, walk};
use super::login::{At, Way};
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
        let reads = read_from(&text, "secrets");
        let role = reads.iter().find(|name| is_role(name));
        let said = match (role, is_role(key) && !reads.is_empty()) {
            (Some(name), _) => format!("the secret {}", name.to_uppercase()),
            (None, true) => key.to_owned(),
            (None, false) => return,
        };
        let at = At::node(pointer, node);
        found.push(complaint(&at, &said));
    });
    for login in facts.logins() {
        let role = login.role.iter().filter(|_| login.way == Way::Command);
        for role in role.filter(|role| !read_from(&role.text, "secrets").is_empty()) {
            found.push(complaint(&role.at, "--role-arn"));
        }
    }
    found
}

fn complaint(at: &At, said: &str) -> Complaint {
    let message =
        format!("{said} holds a role's ARN as a secret: logs mask what a reader has to see");
    Complaint::new(at, message)
}

/// Whether a name is that of a role's ARN.
fn is_role(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    name == "role_to_assume" || name.ends_with("role_arn") || name.ends_with("role_to_assume")
}
