//! Why a file cannot be opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::FORMAT;

/// Why a file cannot be used. Names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Somebody has it open.
    #[error("{}: in use by another process: wait until it has ended, or name another file", .0.display())]
    InUse(PathBuf),
    /// It holds something else.
    #[error("{}: not a state of rolewatch: name another file, or one that does not exist yet", .0.display())]
    Foreign(PathBuf),
    /// It is a state, of another format.
    #[error(
        "{}: a state in format {found}, and this rolewatch reads {FORMAT}: use the rolewatch that wrote it, or name another file",
        .path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// It was one.
    #[error("{}: damaged ({reason}): restore it from a copy, or move it away to begin anew", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system does not let us.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why. Said above, and so no source that is said once more.
        reason: io::Error,
    },
}

/// What the library's error means to who named the file.
pub(crate) fn unusable(path: &Path, error: redb::Error) -> OpenError {
    let path = path.to_owned();
    match error {
        redb::Error::DatabaseAlreadyOpen => OpenError::InUse(path),
        // So redb says that the file is none of its own.
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            OpenError::Foreign(path)
        }
        redb::Error::TableTypeMismatch { .. } | redb::Error::TypeDefinitionChanged { .. } => {
            OpenError::Foreign(path)
        }
        redb::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            OpenError::Damaged {
                path,
                reason: "its end is missing".into(),
            }
        }
        redb::Error::Io(reason) => OpenError::Io { path, reason },
        error => OpenError::Damaged {
            path,
            reason: error.to_string(),
        },
    }
}
