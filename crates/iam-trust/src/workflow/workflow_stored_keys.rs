//! [`CHECK`]: a long-lived key of AWS's.

use crate::lints::Severity;

use super::expression::read_from;
use super::facts::{Facts, scalar, walk};
use super::login::At;
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
        let at = At::node(pointer, node);
        let whole = complain(key, &text).map(|message| Complaint::new(&at, message));
        found.extend(whole.or_else(|| in_script(&text, &at)));
    });
    found
}

fn complain(key: &str, text: &str) -> Option<String> {
    if has_key_id(text) {
        return Some("the id of an access key is written here".to_owned());
    }
    let mut stored = ["secrets", "vars"].into_iter();
    let named = stored.find_map(|from| read_from(text, from).into_iter().find(|it| is_key(it)));
    if let Some(name) = named {
        let name = name.to_uppercase();
        return Some(format!("a stored AWS key is read from {name}"));
    }
    let given = is_key(key) && !read_from(text, "secrets").is_empty();
    given.then(|| format!("{key} comes from a secret: a stored AWS key"))
}

/// A line that sets a key to a secret, whatever that is called.
fn in_script(text: &str, at: &At) -> Option<Complaint> {
    let sets = |line: &str| is_key(line) && !read_from(line, "secrets").is_empty();
    let line = text.lines().position(sets)?;
    let at = At {
        word: Some((line, "secrets")),
        ..at.clone()
    };
    let message = "a script sets a stored AWS key from a secret";
    Some(Complaint::new(&at, message))
}

/// Whether a name is that of an input, a variable or a secret for half of a key.
fn is_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    name.contains("access_key_id") || name.contains("secret_access_key")
}

/// Whether there is the id of a long-lived key: `AKIA` and 16 more.
fn has_key_id(text: &str) -> bool {
    let inside = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.match_indices("AKIA").any(|(at, _)| {
        let before = text.as_bytes()[..at].last();
        let is_start = before.is_none_or(|it| !it.is_ascii_alphanumeric());
        is_start && text.as_bytes()[at..].iter().take_while(inside).count() == 20
    })
}
