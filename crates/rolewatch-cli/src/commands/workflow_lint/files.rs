//! Which files are linted, and which of them others use.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use iam_trust::{Problem, Workflow};

use crate::output::complain;
use crate::policies::read_path;

/// The deepest folder that is looked into.
const MAX_DEPTH: usize = 32;

/// A file that was read.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) workflow: Workflow,
}

/// All that were asked for.
#[derive(Default)]
pub(super) struct Files {
    pub(super) given: Vec<Given>,
    /// What was not understood, with its file.
    pub(super) problems: Vec<(String, Problem)>,
    /// What could not be read, or not understood.
    pub(super) failed: Vec<String>,
    pub(super) bytes: usize,
}

impl Files {
    pub(super) fn read(paths: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for path in paths {
            if !path.is_dir() {
                files.take(path);
                continue;
            }
            let mut found = Vec::new();
            if let Err(error) = walk(path, MAX_DEPTH, &mut found) {
                files.fail(path, &error.to_string());
            } else if found.is_empty() {
                files.fail(path, "no workflow and no action is in it");
            }
            found.sort();
            for path in found {
                files.take(&path);
            }
        }
        files.failed.sort();
        files.failed.dedup();
        files
    }

    fn take(&mut self, path: &Path) {
        let name = path.display().to_string();
        match read_path(path) {
            Err(error) => {
                complain(&format!("{error:#}"));
                self.failed.push(name);
            }
            Ok(text) => {
                self.bytes += text.len();
                match Workflow::read(&text) {
                    Ok(workflow) => self.given.push(Given { name, workflow }),
                    Err(problem) => {
                        self.problems.push((name.clone(), problem));
                        self.failed.push(name);
                    }
                }
            }
        }
    }

    fn fail(&mut self, path: &Path, why: &str) {
        let name = path.display().to_string();
        complain(&format!("cannot read {name}: {why}"));
        self.failed.push(name);
    }

    /// The one of these files that a job uses, if it assumes roles; of several, as of two
    /// repositories, the least guarded. Only what begins with `./` is of the same repository.
    pub(super) fn used(&self, uses: &str) -> Option<&Workflow> {
        let path = uses.strip_prefix("./").map(Path::new)?;
        let given = self.given.iter();
        let meant = given.filter(|it| stands_at(Path::new(&it.name), path));
        let meant = meant.map(|it| &it.workflow);
        let logins = meant.filter(|workflow| workflow.assumes_roles());
        logins.max_by_key(|workflow| workflow.unguarded())
    }
}

/// Whether a file is the one that is meant from the repository's root, wherever that is.
fn stands_at(file: &Path, meant: &Path) -> bool {
    let is_action =
        matches!(file.file_name().and_then(OsStr::to_str), Some(name) if is_action(name));
    file.ends_with(meant) || is_action && file.parent().is_some_and(|it| it.ends_with(meant))
}

fn is_action(name: &str) -> bool {
    ["action.yml", "action.yaml"].contains(&name)
}

/// The workflows and actions below a folder. Links are not followed.
fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let is_for_workflows = folder.file_name().is_some_and(|name| name == "workflows");
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_yaml = [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
        if kind.is_dir() && depth > 0 && name != ".git" && name != "node_modules" {
            walk(&path, depth - 1, found)?;
        } else if kind.is_file() && (is_action(&name) || is_for_workflows && is_yaml) {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_found_from_the_root() {
        let stands = |file: &str, meant: &str| stands_at(Path::new(file), Path::new(meant));
        let login = "repo/.github/actions/login/action.yml";
        assert!(stands(login, ".github/actions/login"));
        assert!(!stands(login, ".github/actions/logi"));
        assert!(!stands(login, ".github/actions"));
        let workflow = ".github/workflows/deploy.yml";
        assert!(stands(workflow, workflow));
        assert!(!stands(workflow, ".github/workflows"));
    }
}
