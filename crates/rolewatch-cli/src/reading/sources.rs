//! What there is to read.

use std::ffi::OsString;
use std::path::PathBuf;

use cloudtrail::{Files, Source, WalkProblem};

use super::{Period, folders};

/// Standard input where it is asked for, then files.
pub(super) struct Sources {
    stdin: bool,
    files: Files,
}

/// One of them.
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

impl Sources {
    /// Those of the sources that may hold something of the period. What is no input is complained
    /// of.
    pub(super) fn of(
        sources: &[OsString],
        period: Period,
        complain: impl FnMut(WalkProblem),
    ) -> Self {
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut stdin = false;
        for source in sources {
            match Source::from(source.as_os_str()) {
                Source::Stdin => stdin = true,
                Source::Path(path) => paths.push(path),
            }
        }
        let walk = cloudtrail::walk_where(&paths, |folder| folders::may_hold(folder, period));
        walk.problems.into_iter().for_each(complain);
        Self {
            stdin,
            files: walk.files,
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
        Some(Input::File(file.path))
    }
}

impl Input {
    /// As it is shown.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}
