//! The elements `Action` and `NotAction`.

use crate::pattern::like;

use super::Text;

/// The actions that a statement is about.
#[derive(Clone, Debug)]
pub struct Actions {
    /// Whether it is `NotAction`: all but these.
    pub negated: bool,
    /// The patterns; `*` and `?` are wildcards, case does not matter.
    pub patterns: Vec<Text>,
}

impl Actions {
    /// Whether the statement is about this action.
    ///
    /// A pattern of which a template leaves all open may be any: it counts as covering the action
    /// where that lets in, which `lean` says.
    #[must_use]
    pub(crate) fn cover(&self, action: &str, lean: bool) -> bool {
        let action = action.to_ascii_lowercase();
        let named = self.patterns.iter().any(|pattern| {
            let known = like(&pattern.text.to_ascii_lowercase(), &action);
            known || (pattern.unknown && lean != self.negated)
        });
        named != self.negated
    }
}
