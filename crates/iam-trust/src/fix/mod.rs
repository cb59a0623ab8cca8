//! Corrected policies: the least edit of the text, everything else byte for byte as it was.

mod edit;
mod narrower;
mod style;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evaluate::admits;
use crate::policy::Policy;
use crate::request::Request;
use crate::witness::{Reach, Survey, Witness, survey_at};

pub(crate) use edit::{add_condition, move_condition, rename_key, set_texts};
pub(crate) use narrower::is_narrower;

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

    /// What an edit that lets in who is refused at a time has to be besides. It is no fix where a
    /// statement would reach further than it does, beyond the repositories that it names: what was
    /// written by mistake may be meant, but nobody asked for more.
    pub(crate) fn opens_no_more(
        self,
        policy: &Policy,
        surveys: &[Survey<'_>],
        now: Option<&str>,
    ) -> Option<Self> {
        let fixed = policy.reparse(&self.policy)?;
        let (before, after) = (reaches(surveys), reaches(&survey_at(&fixed, now)));
        let widens = after.iter().any(|(statement, reach)| {
            *reach > Reach::Intended && before.get(statement).is_none_or(|before| reach > before)
        });
        (!widens).then_some(self)
    }
}

/// How far each statement reaches at worst, by its number; one by which nobody gets in is missing.
fn reaches(surveys: &[Survey<'_>]) -> BTreeMap<usize, Reach> {
    let mut reaches = BTreeMap::new();
    for survey in surveys {
        let worst = survey.admitted.iter().map(|token| token.reach).max();
        if let Some(worst) = worst {
            let reach = reaches.entry(survey.statement.index).or_insert(worst);
            *reach = worst.max(*reach);
        }
    }
    reaches
}
