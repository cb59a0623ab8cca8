//! What the end-to-end tests share: the repository, and the real binary in it.
//!
//! Everything here panics where it cannot go on, as tests do.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

pub mod markdown;
mod run;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

pub use self::run::{Rolewatch, Run, rolewatch};

/// What every session token in the samples reads. No output may hold it.
pub const SESSION_TOKEN: &str = "EXAMPLE-SESSION-TOKEN-NEVER-PRINTED";

/// The sample allowlist, from the root.
pub const ALLOWLIST: &str = "samples/allowlist.toml";

/// The sample archive, from the root.
pub const ARCHIVE: &str = "samples/archive";

/// The root of the repository.
#[must_use]
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .to_owned()
    });
    &ROOT
}

/// A file of the repository, as text.
#[must_use]
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A JSON file of the repository.
#[must_use]
pub fn read_json(path: &str) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// OASIS's schema of SARIF. One of its patterns has a `]` too many, which JavaScript forgives.
#[must_use]
pub fn sarif_schema() -> serde_json::Value {
    let schema = read("tests/schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}\\\\]?$");
    serde_json::from_str(&schema).unwrap()
}

/// The schema of OCSF's Detection Finding.
#[must_use]
pub fn ocsf_schema() -> serde_json::Value {
    read_json("tests/schemas/ocsf-1.8.0-detection-finding.json")
}

/// Every file below a folder of the repository, from the root, in order.
#[must_use]
pub fn files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root()).unwrap().to_str().unwrap().into());
            }
        }
    }
    files.sort();
    files
}

/// The binary `rolewatch`, built as these tests are. Cargo gives a test the path of its own
/// package's binaries only; this one is built once a test process, which is quick when nothing
/// changed. A test is built with it, as it chooses the features: with those that tests have,
/// nothing has to be compiled a second time.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        // target/PROFILE/deps/TEST
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "--locked", "--workspace"])
            .args(["--bin", "rolewatch", "--test", "architecture"])
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(root());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{build:?}");
        profile.join(format!("rolewatch{}", std::env::consts::EXE_SUFFIX))
    });
    &BINARY
}
