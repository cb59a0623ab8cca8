//! Questions about a GitHub Actions workflow: how it comes by its AWS credentials.
//!
//! A lint is data, as those of trust policies are: a [`WorkflowCheck`] in a file of its own beside
//! its page. The order of [`WORKFLOW_CHECKS`] is that in which users see them, the gravest first.

mod document;
mod expression;
mod facts;

mod workflow_constant_session_name;
mod workflow_long_session;
mod workflow_missing_id_token;
mod workflow_production_without_environment;
mod workflow_role_in_secrets;
mod workflow_stored_keys;

use crate::lints::Severity;
use crate::place::{Place, Problem};

use document::Document;
use facts::Facts;

/// What kind of file it is, which says who decides about permissions and environments.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum WorkflowKind {
    /// A workflow that events start.
    Workflow,
    /// A workflow that others call: where it says no permissions, its caller's hold.
    Reusable,
    /// A composite action: permissions and the environment are those of the job that uses it.
    CompositeAction,
}

/// One question about a workflow.
pub struct WorkflowCheck {
    /// Its name, which says the bad pattern, in kebab-case.
    pub id: &'static str,
    /// What it complains of, in one line.
    pub title: &'static str,
    /// How grave its complaints are.
    pub severity: Severity,
    /// What to do about one, in one line.
    pub help: &'static str,
    /// Its page in Markdown: what it does, why it is bad, an example, what to do.
    pub explanation: &'static str,
    run: fn(&Facts<'_>) -> Vec<Complaint>,
}

/// One complaint about one place of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowLint {
    /// The id of the check that complains.
    pub check: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The check's title.
    pub title: &'static str,
    /// What is wrong here: a sentence without a full stop. It may quote names of the file.
    pub message: String,
    /// What to do about it.
    pub help: &'static str,
    /// Where.
    pub location: Place,
}

/// What a complaint says, and where: the offset in the document, and its pointer.
struct Complaint {
    message: String,
    pointer: String,
    offset: usize,
}

/// Every check, in the order in which users see them.
pub const WORKFLOW_CHECKS: &[&WorkflowCheck] = &[
    &workflow_stored_keys::CHECK,
    &workflow_production_without_environment::CHECK,
    &workflow_missing_id_token::CHECK,
    &workflow_long_session::CHECK,
    &workflow_constant_session_name::CHECK,
    &workflow_role_in_secrets::CHECK,
];

/// Asks every check about a workflow or a composite action in YAML. The lints stand in the order of
/// the file.
///
/// # Errors
/// [`Problem`] where the text is neither, or is no YAML that can be read.
pub fn lint_workflow(text: &str) -> Result<(WorkflowKind, Vec<WorkflowLint>), Problem> {
    let document = Document::read(text)?;
    let facts = Facts::of(&document)?;
    let mut lints = Vec::new();
    for check in WORKFLOW_CHECKS {
        for complaint in (check.run)(&facts) {
            lints.push(WorkflowLint {
                check: check.id,
                severity: check.severity,
                title: check.title,
                message: complaint.message,
                help: check.help,
                location: document.place(&complaint.pointer, complaint.offset),
            });
        }
    }
    lints.sort_by_key(|lint| (lint.location.line, lint.location.column));
    Ok((facts.kind, lints))
}
