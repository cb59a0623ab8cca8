//! Questions about a GitHub Actions workflow: how it comes by its AWS credentials.
//!
//! A lint is data, as those of trust policies are: a [`WorkflowCheck`] in a file of its own beside
//! its page. The order of [`WORKFLOW_CHECKS`] is that in which users see them, the gravest first.

mod command;
mod document;
mod expression;
mod facts;
mod login;
mod matrix;
mod surroundings;

mod workflow_constant_session_name;
mod workflow_long_session;
mod workflow_missing_id_token;
mod workflow_role_in_secrets;
mod workflow_stored_keys;
mod workflow_unguarded_production;
mod workflow_untrusted_checkout;

use std::collections::HashSet;

use crate::lints::Severity;
use crate::place::{Place, Problem};

use document::Document;
use facts::Facts;
use login::At;

/// What kind of file it is, which says who decides about permissions and environments.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum WorkflowKind {
    /// A workflow that events start.
    Workflow,
    /// A workflow that others call: where it says no permissions, its caller's hold.
    Reusable,
    /// An action: permissions and the environment are those of the job that uses it.
    Action,
}

/// Which roles are assumed in jobs that name no environment.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unguarded {
    /// None.
    None,
    /// Only such as the file names itself.
    Named,
    /// Also such as an expression decides: what a caller hands over may be one.
    Handed,
}

/// One question about a workflow.
pub struct WorkflowCheck {
    /// Its name, which says the bad pattern, in kebab-case.
    pub id: &'static str,
    /// What it complains of, in one line.
    pub title: &'static str,
    /// How grave its complaints are, at most.
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
    /// Where. What an alias stands for has the place of its anchor.
    pub location: Place,
}

/// What a complaint says, and where.
struct Complaint {
    severity: Option<Severity>,
    help: Option<&'static str>,
    message: String,
    at: At,
}

impl Complaint {
    fn new(at: &At, message: impl Into<String>) -> Self {
        Self {
            severity: None,
            help: None,
            message: message.into(),
            at: at.clone(),
        }
    }

    /// Something that cannot be judged, as an expression decides it.
    fn unknown(at: &At, message: impl Into<String>) -> Self {
        Self {
            severity: Some(Severity::Info),
            ..Self::new(at, message)
        }
    }

    /// Something else than the check's own help helps here.
    fn cured_by(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }
}

/// Every check, in the order in which users see them.
pub const WORKFLOW_CHECKS: &[&WorkflowCheck] = &[
    &workflow_stored_keys::CHECK,
    &workflow_unguarded_production::CHECK,
    &workflow_untrusted_checkout::CHECK,
    &workflow_missing_id_token::CHECK,
    &workflow_long_session::CHECK,
    &workflow_constant_session_name::CHECK,
    &workflow_role_in_secrets::CHECK,
];

/// A workflow or an action, read.
#[derive(Debug)]
pub struct Workflow {
    /// Which of them it is.
    pub kind: WorkflowKind,
    document: Document,
}

impl Workflow {
    /// Reads YAML.
    ///
    /// # Errors
    /// [`Problem`] where the text is neither a workflow nor an action, or no YAML that GitHub takes.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let document = Document::read(text)?;
        let kind = facts::kind_of(&document)?;
        Ok(Self { kind, document })
    }

    /// Whether a job that uses it has to be able to ask for a token: some step of its own assumes a
    /// role with one.
    #[must_use]
    pub fn assumes_roles(&self) -> bool {
        let facts = Facts::of(&self.document, self.kind, &|_| None);
        facts.logins().any(|login| login.uses_oidc)
    }

    /// Which roles its jobs assume without an environment.
    #[must_use]
    pub fn unguarded(&self) -> Unguarded {
        Facts::of(&self.document, self.kind, &|_| None).unguarded()
    }

    /// Asks every check. `used` finds the file of the same repository that a step or job `uses`, if
    /// it [assumes roles](Self::assumes_roles). The lints stand in the order of the file.
    #[must_use]
    pub fn lint<'w>(&self, used: &dyn Fn(&str) -> Option<&'w Self>) -> Vec<WorkflowLint> {
        let facts = Facts::of(&self.document, self.kind, used);
        let mut lints: Vec<WorkflowLint> = Vec::new();
        // Several copies of what an alias stands for are one place of the file.
        let mut told = HashSet::new();
        for check in WORKFLOW_CHECKS {
            for complaint in (check.run)(&facts) {
                let lint = self.lint_of(check, complaint);
                let place = (lint.location.line, lint.location.column);
                if told.insert((check.id, place, lint.message.clone())) {
                    lints.push(lint);
                }
            }
        }
        lints.sort_by_key(|lint| (lint.location.line, lint.location.column));
        lints
    }

    fn lint_of(&self, check: &WorkflowCheck, complaint: Complaint) -> WorkflowLint {
        WorkflowLint {
            check: check.id,
            severity: complaint.severity.unwrap_or(check.severity),
            title: check.title,
            message: complaint.message,
            help: complaint.help.unwrap_or(check.help),
            location: self.document.place(&complaint.at),
        }
    }
}
