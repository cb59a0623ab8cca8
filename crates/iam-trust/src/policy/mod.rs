//! The trust policy of a role, as its author wrote it, with the place of everything in it.
//!
//! The grammar is that of AWS's "Grammar of the IAM JSON policy language", less what a trust policy
//! may not have (`Resource`). What is not in it is a [`Problem`](crate::Problem), never ignored.

mod action;
mod condition;
mod operator;
mod origin;
mod parse;
mod principal;
mod resolve;
mod texts;

use std::ops::Range;

use crate::place::{Place, Problem};

pub use action::Actions;
pub use condition::{Condition, ConditionValue};
pub use operator::{Base, Comparison, Operator, Polarity, SetOperator};
pub(crate) use origin::{Offsets, Origin};
pub(crate) use parse::parse;
pub use principal::{PrincipalEntry, PrincipalKind, Principals, provider_url};
pub(crate) use resolve::{Computed, Literal, Resolved, Resolver, placeholder, text};

/// A whole trust policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The document's own text. Where it was embedded in a file as a string, the decoded string.
    pub text: String,
    /// The version of the policy language.
    pub version: Version,
    /// The element `Id`.
    pub id: Option<String>,
    /// The statements, in the order of the document; never empty.
    pub statements: Vec<Statement>,
    /// Where the document starts.
    pub place: Place,
    /// The computed values of a template, by their text, to read the policy again after an edit.
    pub(crate) computed: Computed,
}

impl Policy {
    /// Reads a bare policy document.
    ///
    /// # Errors
    /// All that is wrong with it, each with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        parse(text, &Origin::whole(text), &Literal)
    }

    /// Reads another text of the same policy, with what the template computed for this one.
    pub(crate) fn reparse(&self, text: &str) -> Option<Self> {
        parse(text, &Origin::whole(text), &self.computed).ok()
    }
}

/// The version of the policy language.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, and what a document without `Version` has: no policy variables.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its number in the document, from 0.
    pub index: usize,
    /// The element `Sid`.
    pub sid: Option<String>,
    /// What it does when it matches.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Principals,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// Every pair of operator and key of `Condition`, in the order of the document. All must hold.
    pub conditions: Vec<Condition>,
    /// Where the statement starts.
    pub place: Place,
    /// The statement's bytes in [`Policy::text`].
    pub span: Range<usize>,
}

/// What a matching statement does.
#[derive(Copy, Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Effect {
    /// It lets in, unless some statement denies.
    Allow,
    /// It refuses, whatever the others say.
    Deny,
}

/// The text of a value, a placeholder where a template leaves part of it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text. An open part stands here as the name that the template gives it.
    pub text: String,
    /// The names of what the template leaves open; empty in all that is not a template.
    pub open: Vec<String>,
    /// Whether nothing at all of the text is known.
    pub unknown: bool,
    /// Whether a template computes it: what stands in the document is a function, not this text.
    pub computed: bool,
    /// Where it stands.
    pub place: Place,
    /// Its bytes in [`Policy::text`], quotes included.
    pub span: Range<usize>,
}
