//! Corrected policies: the least edit of the text, everything else byte for byte as it was.

mod edit;
mod style;

use serde::Serialize;

use crate::evaluate::admits;
use crate::policy::Policy;
use crate::request::Request;
use crate::witness::Witness;

pub(crate) use edit::{add_condition, move_condition, rename_key, set_texts};

/// A corrected policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fix {
    /// The whole policy document.
    pub policy: String,
}

impl Fix {
    /// Takes an edited policy as a fix if it is one: it can be read, the witness comes out the
    /// other way, and what should get in still does.
    pub(crate) fn verified(
        policy: &Policy,
        edited: String,
        witness: Option<&Witness>,
        keep: &[Request],
    ) -> Option<Self> {
        let fixed = policy.reparse(&edited)?;
        let cured =
            witness.is_none_or(|witness| admits(&fixed, &witness.request) != witness.admitted);
        let kept = keep.iter().all(|request| admits(&fixed, request));
        (edited != policy.text && cured && kept).then_some(Self { policy: edited })
    }
}
