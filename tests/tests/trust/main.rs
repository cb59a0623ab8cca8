//! Trust policies and tokens, through the real binary.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod explain;
mod fix;
mod keys;
mod lint;
mod sarif;
mod token;

use std::path::PathBuf;

use rolewatch_tests::{Rolewatch, rolewatch};

/// A sample trust policy, from the root.
fn sample(name: &str) -> String {
    format!("samples/trust/{name}.json")
}

/// Every sample trust policy, from the root.
fn samples() -> Vec<String> {
    let mut files = rolewatch_tests::files("samples/trust");
    files.retain(|file| {
        PathBuf::from(file)
            .extension()
            .is_some_and(|it| it == "json" || it == "yaml")
    });
    files
}

fn trust(command: &str) -> Rolewatch {
    rolewatch(&format!("trust {command}"))
}

/// A snapshot in `snapshots/`, beside this file.
macro_rules! snapshot {
    ($name:expr, $output:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $output);
        })
    };
}
pub(crate) use snapshot;

/// Nothing that a terminal would obey, and no line that is too wide.
fn assert_fit_to_print(output: &str) {
    use unicode_width::UnicodeWidthStr;
    for line in output.lines() {
        assert!(line.width() <= 200, "{line}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
    }
}
