//! Finding the files to read.

mod files;
mod identity;

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

pub use self::files::{File, Files};
use self::identity::Identity;

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Standard input, written `-`.
    Stdin,
    /// A file, a folder, or anything else that can be opened and read.
    Path(PathBuf),
}

impl From<&OsStr> for Source {
    fn from(argument: &OsStr) -> Self {
        if argument == "-" {
            Self::Stdin
        } else {
            Self::Path(argument.into())
        }
    }
}

/// What was found under some paths.
#[derive(Debug, Default)]
pub struct Walk {
    /// What to read, each file once.
    pub files: Files,
    /// What cannot be read, by name.
    pub problems: Vec<WalkProblem>,
    /// Those of the paths below which there is nothing: no file, no problem, and no folder that was
    /// not wanted.
    pub empty: Vec<PathBuf>,
}

/// A path that is not read. Displays as a lower-case fragment that names it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {kind}", path.display())]
pub struct WalkProblem {
    /// The path.
    pub path: PathBuf,
    /// Why it is not read.
    #[source]
    pub kind: WalkProblemKind,
}

/// Why a path is not read.
#[derive(Debug, thiserror::Error)]
pub enum WalkProblemKind {
    /// It is not there, or not for us.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// A link to a folder that it is in.
    #[error("links back to {}", .0.display())]
    Loop(PathBuf),
    /// A socket, pipe or device inside a folder; named by itself it is read.
    #[error("neither a file nor a folder")]
    Special,
}

/// A file that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open {}: {error}", path.display())]
pub struct OpenError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub error: io::Error,
}

/// Opens a file, or something else that can be read, for [`read()`](crate::read()).
pub fn open(path: &Path) -> Result<impl Read + use<>, OpenError> {
    open_with(path, fs::OpenOptions::new().read(true)).map(|(file, _)| file)
}

/// A file that was opened, and what is known about it. What is no file any more is not waited for: a
/// pipe may never have a writer.
pub(crate) fn open_file(path: &Path) -> Result<(fs::File, fs::Metadata), OpenError> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let (file, metadata) = open_with(path, &options)?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    Err(OpenError {
        path: path.to_owned(),
        error: io::Error::other("neither a file nor a folder"),
    })
}

fn open_with(
    path: &Path,
    options: &fs::OpenOptions,
) -> Result<(fs::File, fs::Metadata), OpenError> {
    let failed = |error| OpenError {
        path: path.to_owned(),
        error,
    };
    let file = options.open(path).map_err(failed)?;
    // Opening a folder succeeds, reading it does not.
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    Ok((file, metadata))
}

/// Finds all files under some paths. Links are followed; a file that is reached twice is listed
/// once. Inside folders, names that begin with a dot are passed over; a path that is given is
/// taken whatever its name and kind.
#[must_use]
pub fn walk(paths: &[PathBuf]) -> Walk {
    walk_where(paths, |_| true, |_| ())
}

/// Finds files as [`walk`] does, without going into folders that are not `wanted`. Paths that are
/// given are not asked about. `found` is told how many files there are so far.
#[must_use]
pub fn walk_where(
    paths: &[PathBuf],
    wanted: impl Fn(&Path) -> bool,
    found: impl Fn(usize),
) -> Walk {
    let mut walk = Walk::default();
    let met = Cell::new(false);
    let passes = |entry: &DirEntry| {
        let folder = entry.file_type().is_dir();
        if entry.depth() == 0 || is_hidden(entry) {
            return entry.depth() == 0;
        }
        let passes = !folder || wanted(entry.path());
        met.set(met.get() || !passes);
        passes
    };
    for path in paths {
        met.set(false);
        let before = (walk.files.len(), walk.problems.len());
        let entries = WalkDir::new(path).follow_links(true).into_iter();
        for entry in entries.filter_entry(passes) {
            match entry {
                Ok(entry) => {
                    walk.visit(&entry);
                    found(walk.files.len());
                }
                Err(error) => walk.problems.push(walk_problem(path, error)),
            }
        }
        if !met.get() && before == (walk.files.len(), walk.problems.len()) {
            walk.empty.push(path.clone());
        }
    }
    walk.files.finish();
    walk.problems.sort_by(|a, b| a.path.cmp(&b.path));
    walk
}

impl Walk {
    fn visit(&mut self, entry: &DirEntry) {
        let kind = entry.file_type();
        if kind.is_dir() {
            return;
        }
        let path = entry.path();
        if !kind.is_file() && entry.depth() > 0 {
            self.problem(path, WalkProblemKind::Special);
            return;
        }
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return self.problems.push(walk_problem(path, error)),
        };
        let identity = Identity::of(path, &metadata);
        self.files.push(path, metadata.len(), identity);
        if !kind.is_file() {
            self.files.special.push(path.to_owned());
        }
    }

    fn problem(&mut self, path: &Path, kind: WalkProblemKind) {
        self.problems.push(WalkProblem {
            path: path.to_owned(),
            kind,
        });
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn walk_problem(given: &Path, error: walkdir::Error) -> WalkProblem {
    let path = error.path().unwrap_or(given).to_owned();
    let kind = match error.loop_ancestor() {
        Some(ancestor) => WalkProblemKind::Loop(ancestor.to_owned()),
        // Without the path, which is named beside it.
        None => WalkProblemKind::Unreadable(
            error
                .into_io_error()
                .unwrap_or_else(|| io::ErrorKind::Other.into()),
        ),
    };
    WalkProblem { path, kind }
}
