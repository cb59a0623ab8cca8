//! Finding files.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use cloudtrail::{Source, Walk, open, walk};

fn write(folder: &Path, name: impl AsRef<OsStr>, size: usize) -> PathBuf {
    let path = folder.join(name.as_ref());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, vec![b' '; size]).unwrap();
    path
}

fn names(walk: &Walk) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    walk.files.iter().map(|file| name(&file.path)).collect()
}

#[test]
fn the_largest_comes_first_then_the_names_decide() {
    let folder = tempfile::tempdir().unwrap();
    for (name, size) in [("b", 5), ("x/a", 5), ("x/y/c", 9), ("d", 0)] {
        write(folder.path(), name, size);
    }
    let walk = walk(&[folder.path().to_owned()]);
    assert_eq!(names(&walk), ["c", "b", "a", "d"]);
    assert_eq!(walk.files.get(0).unwrap().size, 9);
    assert!(walk.problems.is_empty());
}

#[test]
fn a_file_that_is_reached_twice_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a/b", 1);
    let given = [
        file.clone(),
        folder.path().to_owned(),
        folder.path().join("a/../a/b"),
    ];
    assert_eq!(walk(&given).files.len(), 1);
}

#[test]
fn hidden_files_are_read_only_when_given() {
    let folder = tempfile::tempdir().unwrap();
    let hidden = write(folder.path(), ".hidden", 1);
    write(folder.path(), ".git/config", 1);
    assert!(walk(&[folder.path().to_owned()]).files.is_empty());
    assert_eq!(names(&walk(&[hidden])), [".hidden"]);
    assert!(walk(&[folder.path().join(".git")]).files.len() == 1);
}

#[test]
fn what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let walk = walk(std::slice::from_ref(&missing));
    assert_eq!(walk.problems.len(), 1);
    assert_eq!(walk.problems[0].path, missing);
    let problem = walk.problems[0].to_string();
    assert_eq!(
        problem.matches("missing").count(),
        1,
        "named once: {problem}"
    );
    let error = open(&missing).err().unwrap().to_string();
    assert!(
        error.starts_with("cannot open ") && error.contains("missing"),
        "{error}"
    );
    assert!(open(folder.path()).is_err());
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_named() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a/file", 1);
    symlink(folder.path().join("a"), folder.path().join("b")).unwrap();
    symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    let walk = walk(&[folder.path().to_owned()]);
    assert_eq!(walk.files.len(), 1);
    let problems: Vec<String> = walk.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems
            .iter()
            .any(|problem| problem.contains("links back to")),
        "{problems:?}"
    );
    assert!(
        problems.iter().any(|problem| problem.contains("dangling")),
        "{problems:?}"
    );
}

#[cfg(unix)]
#[test]
fn sockets_are_named_inside_folders_and_taken_when_given() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let inside = walk(&[folder.path().to_owned()]);
    assert_eq!((inside.files.len(), inside.problems.len()), (0, 1));
    assert_eq!(walk(&[socket]).files.len(), 1);
}

#[cfg(target_os = "linux")]
/// Between the walk and the reading anything may have taken a file's place.
#[test]
#[cfg(unix)]
fn a_pipe_in_a_files_place_is_not_waited_for() {
    use std::ops::ControlFlow;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let mut reader = cloudtrail::ArchiveReader::new(cloudtrail::Limits::default());
    let outcome = reader.assumptions(&pipe, |_| ControlFlow::Continue(()));
    let error = outcome.unwrap_err().to_string();
    assert!(
        error.ends_with("pipe: neither a file nor a folder"),
        "{error}"
    );
    let given = walk(&[pipe]);
    assert!(given.files.iter().all(|file| file.special));
    assert_eq!(given.files.len(), 1);
}

#[test]
fn names_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), OsStr::from_bytes(b"log-\xff.json"), 3);
    let walk = walk(&[folder.path().to_owned()]);
    let found = walk.files.get(0).unwrap();
    assert_eq!(found.path, path);
    let mut content = String::new();
    open(&found.path)
        .unwrap()
        .read_to_string(&mut content)
        .unwrap();
    assert_eq!(content, "   ");
}

#[test]
fn a_dash_is_standard_input() {
    assert_eq!(Source::from(OsStr::new("-")), Source::Stdin);
    assert_eq!(Source::from(OsStr::new("./-")), Source::Path("./-".into()));
}
