//! What a rule's fields match: one module a field, each splitting the field along its own
//! borders before any wildcard is tried.

mod address;
mod context;
mod hours;
mod parameter;
mod repository;
mod role;
mod session;
mod subject;
mod subject_field;

pub(crate) use self::address::Network;
pub(crate) use self::context::ContextPattern;
pub(crate) use self::hours::Hours;
pub(crate) use self::parameter::parse_audience;
pub(super) use self::parameter::parse_region;
pub(crate) use self::repository::{
    NamePattern, RepositoryPattern, Strictness, owner_of, repository_of,
};
pub(crate) use self::role::RolePattern;
pub(crate) use self::session::LONGEST_SESSION;
pub(super) use self::session::SHORTEST_SESSION;
pub use self::session::{format_duration, parse_duration};
pub(crate) use self::subject::SubjectPattern;

use crate::pattern::LONGEST;

/// Why a field's text is no pattern for it, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct Invalid {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Invalid {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Refuses what no field may hold: control characters, and more than [`LONGEST`] bytes.
fn check_text(text: &str) -> Result<(), Invalid> {
    if text.len() > LONGEST {
        let message = format!("a pattern of {} bytes is too long", text.len());
        return Err(Invalid::new(
            message,
            format!("keep it under {LONGEST} bytes"),
        ));
    }
    if text.trim() != text || text.contains(char::is_control) {
        return Err(Invalid::new(
            "white space at an end, or a control character, in a pattern",
            "remove it; no name on GitHub or AWS has one",
        ));
    }
    Ok(())
}
