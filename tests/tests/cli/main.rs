//! The command line, through the real binary: what each command prints and how it exits.

#![allow(
    clippy::format_push_string,
    clippy::unwrap_used,
    reason = "a panic is how a test fails, and nobody waits for a string"
)]

mod allowlist;
mod conventions;
mod diff;
mod doctor;
mod formats;
mod init;
mod memory;
mod pages;
mod replay;
mod report;
mod snooze;
mod workflow;

use rolewatch_tests::root;

/// What differs from one version and machine to the next, named.
fn steady(output: &str) -> String {
    output
        .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
        .replace(root().to_str().unwrap(), "[ROOT]")
}

/// A snapshot in `snapshots/`, beside this file.
macro_rules! snapshot {
    ($name:expr, $output:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, crate::steady(&$output));
        })
    };
}
pub(crate) use snapshot;
