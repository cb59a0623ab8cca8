//! Where a policy's text came from, so that places in it are places in the file.

use std::sync::Arc;

use crate::json::LineIndex;
use crate::place::Place;

/// From a place in the policy's text to one in the file.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) lines: Arc<LineIndex>,
    pub(crate) offsets: Offsets,
    /// The pointer of the document in its file.
    pub(crate) pointer: String,
}

/// How offsets in the policy's text become offsets in the file.
#[derive(Clone, Debug)]
pub(crate) enum Offsets {
    /// The text stands in the file as it is, from this offset on.
    From(usize),
    /// The text was decoded: the offset of each of its bytes, and of its end.
    Each(Vec<usize>),
}

impl Offsets {
    pub(crate) fn in_file(&self, offset: usize) -> usize {
        match self {
            Self::From(start) => start + offset,
            Self::Each(offsets) => offsets
                .get(offset)
                .or_else(|| offsets.last())
                .copied()
                .unwrap_or_default(),
        }
    }
}

impl Origin {
    /// A text that is a whole file.
    pub(crate) fn whole(text: &str) -> Self {
        Self {
            lines: Arc::new(LineIndex::new(text)),
            offsets: Offsets::From(0),
            pointer: String::new(),
        }
    }

    pub(crate) fn place(&self, pointer: &str, offset: usize) -> Place {
        let (line, column) = self.lines.locate(self.offsets.in_file(offset));
        Place {
            pointer: format!("{}{pointer}", self.pointer),
            line,
            column,
        }
    }
}
