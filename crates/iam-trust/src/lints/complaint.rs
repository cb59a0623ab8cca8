//! What a check answers with.

use crate::fix::Fix;
use crate::place::Place;
use crate::witness::Witness;

use super::{Check, Lint, Severity};

/// A complaint before its check's name is on it.
pub(crate) struct Complaint {
    severity: Option<Severity>,
    message: String,
    place: Place,
    witness: Option<Witness>,
    fix: Option<Fix>,
}

impl Complaint {
    pub(super) fn at(place: &Place, message: impl Into<String>) -> Self {
        Self {
            severity: None,
            message: message.into(),
            place: place.clone(),
            witness: None,
            fix: None,
        }
    }

    /// A severity other than the check's own.
    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(super) fn witness(mut self, witness: Option<Witness>) -> Self {
        self.witness = witness;
        self
    }

    pub(super) fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    pub(super) fn into_lint(self, check: &Check) -> Lint {
        Lint {
            check: check.id,
            severity: self.severity.unwrap_or(check.severity),
            title: check.title,
            message: self.message,
            location: self.place,
            witness: self.witness,
            fix: self.fix,
        }
    }
}
