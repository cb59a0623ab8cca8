//! What can be wrong with an input, and where.

use std::fmt;
use std::io;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

/// Where in an input something begins. For text inside a record, such as an SQS message's body,
/// it is where the outermost value begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Lines count from 1.
    pub line: u64,
    /// Bytes before it, after decompression.
    pub byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, byte {}", self.line, self.byte)
    }
}

/// Something in an input that is not a readable record. Displays as a lower-case fragment.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What it is.
    #[source]
    pub kind: ProblemKind,
}

/// What is wrong at one place of an input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Nothing, or nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// The input could not be read on. What came before is used.
    #[error("cannot read on: {0}")]
    Read(#[source] io::Error),
    /// The gzip stream is damaged, ends early or is followed by something else. What it held
    /// before is used.
    #[error("{0}")]
    Gzip(String),
    /// The input ends inside a value.
    #[error("the input ends inside the value that begins at {began}")]
    Truncated {
        /// Where the unfinished value begins.
        began: Place,
    },
    /// The input holds more than [`Limits::input`](crate::Limits::input) bytes.
    #[error("there is more than the limit of {0} bytes, decompressed")]
    InputLimit(u64),
    /// A compressed input decompresses to more than [`Limits::ratio`](crate::Limits::ratio) times
    /// its size, as nothing but a bomb does. What came before is used.
    #[error("it decompresses to more than {0} times its size; nothing behind that is read")]
    Ratio(u64),
    /// A value is larger than [`Limits::record`](crate::Limits::record) and was passed over.
    #[error("a value is larger than the limit of {0} bytes and was passed over")]
    Oversize(usize),
    /// Not JSON; reading went on at the next place that looks like a beginning.
    #[error("not valid JSON: {0}")]
    Syntax(String),
    /// Not JSON at all: text, binary data, a format of another kind.
    #[error("found {0}, not JSON")]
    NotJson(String),
    /// Containers are nested in texts more often than [`Limits::nesting`](crate::Limits::nesting).
    #[error("containers are nested more than {0} deep")]
    Nesting(usize),
    /// Something that was understood, and is not CloudTrail's.
    #[error("found {0}, not a CloudTrail record")]
    Foreign(String),
    /// Something with what looks like a record somewhere inside, where none is looked for.
    #[error(
        "found {0}, with what looks like a CloudTrail record inside; such a container is not read"
    )]
    Unopened(String),
}

impl ProblemKind {
    /// Whether records may have been lost to it. Only what was understood as something else
    /// loses none.
    #[must_use]
    pub fn may_hide_records(&self) -> bool {
        !matches!(self, Self::Foreign(_))
    }
}

/// A record that is there but cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its `eventID`, as far as that could be recovered.
    pub event_id: Option<String>,
    /// Its `recipientAccountId`, as far as that could be recovered.
    pub account: Option<String>,
    /// Its `eventTime`, as far as that could be recovered.
    pub time: Option<DateTime<Utc>>,
    /// Its `awsRegion`, as far as that could be recovered.
    pub region: Option<String>,
    /// Identifies its bytes.
    pub hash: RecordHash,
    /// Why it cannot be read, as a lower-case fragment.
    pub reason: String,
    /// Where it begins.
    pub place: Place,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: unreadable record: {}", self.place, self.reason)
    }
}

/// The first 16 bytes of the SHA-256 of a record's bytes as they arrived: tells records apart
/// that have no readable `eventID`. Displays as hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordHash(pub [u8; 16]);

impl RecordHash {
    /// Identifies some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        Self(hash)
    }
}

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
