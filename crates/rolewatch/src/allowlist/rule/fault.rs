//! The parameters in which a rule that matches an identity may still not be satisfied.

use super::Rule;
use crate::assumption::Assumption;
use crate::pattern::Pattern;

/// A measured session may exceed its limit by this many seconds: `expiration` and `eventTime`
/// are rounded, and are taken at different moments of the same call.
const SESSION_TOLERANCE: u64 = 5;

/// A parameter in which a rule that matches the identity is not satisfied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The session is longer than the rule's maximum.
    Session,
    /// The audience is not the rule's, or not recorded.
    Audience,
    /// The region is not the rule's, or not recorded.
    Region,
    /// The source is in none of the rule's networks.
    Network,
    /// The call came outside the rule's hours.
    Hours,
}

impl Rule {
    /// The parameters in which the rule is not satisfied, in the order of their checks.
    pub(crate) fn faults(&self, assumption: &Assumption) -> Vec<Fault> {
        let missing_or = |value: Option<&str>, patterns: &[Pattern]| {
            !value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        };
        let session_limit =
            self.max_session + SESSION_TOLERANCE * u64::from(assumption.session.is_measured());
        let source = assumption.source_ip.as_deref().unwrap_or_default();
        [
            (Fault::Session, assumption.session.seconds() > session_limit),
            (
                Fault::Audience,
                missing_or(assumption.audience.as_deref(), &self.audiences),
            ),
            (
                Fault::Region,
                !self.regions.is_empty() && missing_or(assumption.region.as_deref(), &self.regions),
            ),
            (
                Fault::Network,
                !self.networks.is_empty()
                    && !self.networks.iter().any(|network| network.contains(source)),
            ),
            (
                Fault::Hours,
                self.hours
                    .as_ref()
                    .is_some_and(|hours| !hours.contain(assumption.time)),
            ),
        ]
        .into_iter()
        .filter_map(|(fault, is_there)| is_there.then_some(fault))
        .collect()
    }
}
