//! Where in a file something stands, and what is wrong there.

use std::fmt;

use serde::Serialize;

/// A place in the file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The JSON pointer (RFC 6901). In a policy that is embedded as a string, it goes on inside
    /// that string; in a bare policy it starts at the policy.
    pub pointer: String,
    /// The line in the file, from 1.
    pub line: usize,
    /// The column in that line, from 1, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)?;
        if self.pointer.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.pointer)
    }
}

/// One thing that keeps a policy from being understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Problem {
    /// Where it stands.
    pub place: Place,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it, where that can be said.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            help: None,
        }
    }

    /// A key that comes twice in an object.
    pub(crate) fn repeated(place: Place, key: &str) -> Self {
        let problem = Self::new(place, format!("{key:?} comes twice in this object"));
        problem.help("keep one of them: readers differ in which one counts")
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Appends one step to a JSON pointer.
pub(crate) fn step(pointer: &str, token: &str) -> String {
    let token = token.replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{token}")
}
