//! What tells a file from all others, however it is reached.

use std::fs;
use std::path::Path;

/// Where a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(_path: &Path, metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    /// By its name with all links resolved. A pipe has none of its own, and is what it is reached
    /// by.
    #[cfg(not(unix))]
    pub(super) fn of(path: &Path, _metadata: &fs::Metadata) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        path.hash(&mut hasher);
        Self {
            device: 0,
            inode: hasher.finish(),
        }
    }
}
