//! What there is to read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cloudtrail::{Files, Source, WalkProblem, WalkProblemKind, walk_where};

use super::{Period, folders, remote};
use crate::output::path_name;
use crate::progress::Progress;

/// Standard input where it is asked for, then files.
pub(super) struct Sources {
    stdin: bool,
    files: Files,
    /// How many folders of other days were passed over.
    pub(super) skipped: usize,
    /// Folders that were given, and hold neither a file nor a folder of another day: one that was filled
    /// by something that failed looks like that, so that it is no success.
    pub(super) empty: Vec<String>,
}

/// One of them.
pub(super) enum Input {
    Stdin,
    /// A pipe, or something else that is no file.
    Special(PathBuf),
    File(PathBuf),
}

impl Sources {
    /// Those of the sources that may hold something of the period. What is no input is complained
    /// of, by its name.
    pub(super) fn of(
        sources: &[OsString],
        period: Period,
        progress: &Progress,
        mut complain: impl FnMut(String, &str),
    ) -> Self {
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut stdin = false;
        for source in sources {
            match Source::from(source.as_os_str()) {
                Source::Stdin => stdin = true,
                Source::Path(path) => paths.push(path),
            }
        }
        let roots: Vec<Root> = paths.iter().map(|path| Root::of(path)).collect();
        let skipped = RefCell::new(BTreeSet::new());
        let wanted = |folder: &Path| {
            let full = in_full(folder, &roots);
            let wanted = folders::may_hold(&full, period);
            if !wanted {
                skipped.borrow_mut().insert(full);
            }
            wanted
        };
        let walk = walk_where(&paths, wanted, |files| progress.found(files));
        for problem in walk.problems {
            progress.suspend(|| complain(path_name(&problem.path), &reason(&problem)));
        }
        Self {
            stdin,
            files: walk.files,
            skipped: skipped.into_inner().len(),
            empty: walk.empty.iter().map(|path| path_name(path)).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.stdin) + self.files.len()
    }

    /// The bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.files.bytes()
    }

    pub(super) fn get(&self, place: usize) -> Option<Input> {
        if self.stdin && place == 0 {
            return Some(Input::Stdin);
        }
        let file = self.files.get(place - usize::from(self.stdin))?;
        let kind = if file.special {
            Input::Special
        } else {
            Input::File
        };
        Some(kind(file.path))
    }
}

/// A path as it was given, and the same in full: what a folder is for may stand above it.
struct Root {
    given: PathBuf,
    full: PathBuf,
}

impl Root {
    fn of(given: &Path) -> Self {
        Self {
            given: given.to_owned(),
            full: fs::canonicalize(given).unwrap_or_else(|_| given.to_owned()),
        }
    }
}

/// A folder that was reached from one of the roots, in full.
fn in_full(folder: &Path, roots: &[Root]) -> PathBuf {
    let below = roots
        .iter()
        .find_map(|root| Some(root.full.join(folder.strip_prefix(&root.given).ok()?)));
    below.unwrap_or_else(|| folder.to_owned())
}

/// Why a path is no input.
fn reason(problem: &WalkProblem) -> String {
    if let WalkProblemKind::Unreadable(error) = &problem.kind
        && error.kind() == ErrorKind::NotFound
        && let Some(cure) = remote::cure(&problem.path)
    {
        return cure;
    }
    problem.kind.to_string()
}

impl Input {
    /// As it is shown.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::Special(path) | Self::File(path) => path_name(path),
        }
    }
}
