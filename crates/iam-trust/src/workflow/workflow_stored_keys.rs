//! [`CHECK`]: a long-lived key of AWS's.

use crate::lints::Severity;

use super::expression::secrets;
use super::facts::{Facts, scalar, walk};
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-stored-keys",
    title: "a stored AWS key is used instead of OIDC",
    severity: Severity::High,
    help: "assume a role with role-to-assume and `id-token: write`, then delete the key in IAM",
    explanation: include_str!("workflow-stored-keys.md"),
    run,
};

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let mut found = Vec::new();
    walk(facts.root, ("", ""), &mut |key, pointer, node| {
        let Some(text) = scalar(node) else { return };
        let read = secrets(&text);
        let what = if has_key_id(&text) {
            "an access key's id is written here".to_owned()
        } else if let Some(name) = read.iter().find(|name| is_key(name)) {
            format!(
                "a stored AWS key is read from the secret {}",
                name.to_uppercase()
            )
        } else if is_key(key) && !read.is_empty() {
            format!("{key} comes from a secret: a stored AWS key")
        } else {
            return;
        };
        found.push(Complaint {
            message: what,
            pointer: pointer.to_owned(),
            offset: node.span.start,
        });
    });
    found
}

/// Whether a name is that of an input, a variable or a secret for half of a key.
fn is_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    name.contains("access_key_id") || name.contains("secret_access_key")
}

/// Whether there is the id of a long-lived key: `AKIA` and 16 more.
fn has_key_id(text: &str) -> bool {
    let inside = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.match_indices("AKIA").any(|(at, _)| {
        let free = at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
        free && text.as_bytes()[at..]
            .iter()
            .take_while(|it| inside(it))
            .count()
            == 20
    })
}
