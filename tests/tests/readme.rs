//! What the pages say can be done, can be done.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;
use std::process::{Command, Stdio};

use rolewatch_tests::markdown::{commands, pages, relative_links};
use rolewatch_tests::{binary, read, rolewatch, root};

/// How a page's command is run here. What builds or installs is only looked at: the tests
/// themselves run inside of it.
fn runnable(command: &str) -> String {
    if command.starts_with("make ") {
        return format!("{command} --dry-run");
    }
    if let Some(path) = command.strip_prefix("cargo install --locked --path ") {
        return format!("test -f {path}/src/main.rs");
    }
    command.to_owned()
}

#[test]
fn every_command_runs_and_exits_as_it_says() {
    let path = format!(
        "{}:{}",
        binary().parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for command in commands(&read(&page)) {
            count += 1;
            let output = Command::new("sh")
                .args(["-c", &runnable(&command.text)])
                .current_dir(root())
                .env("PATH", &path)
                // This may be a `make test`, whose flags are not theirs.
                .env_remove("MAKEFLAGS")
                .env_remove("MAKELEVEL")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            if output.status.code() != Some(command.exit) {
                wrong.push(format!(
                    "{page}:{}: {} exits with {:?}, not {}\n{}",
                    command.line,
                    command.text,
                    output.status.code(),
                    command.exit,
                    String::from_utf8_lossy(&output.stderr)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 10, "only {count} commands were found");
}

#[test]
fn the_output_that_is_shown_is_real() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("<!-- lines of: rolewatch ").unwrap();
    let (arguments, rest) = rest.split_once(" -->\n```\n").unwrap();
    let (block, _) = rest.split_once("\n```").unwrap();
    let output = rolewatch(arguments).run().stdout;
    let mut lines = output.lines();
    for shown in block.lines().filter(|line| line.trim() != "...") {
        assert!(lines.any(|line| line == shown), "{shown}");
    }
}

#[test]
fn the_allowlist_that_is_shown_compiles_and_passes_its_tests() {
    let readme = read("README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (allowlist, _) = rest.split_once("```").unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), allowlist).unwrap();
    for command in ["allowlist check", "allowlist test"] {
        let run = rolewatch(command).arg(file.path()).run();
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn every_link_into_the_repository_leads_somewhere() {
    for page in pages() {
        let folder = Path::new(&page).parent().unwrap();
        for link in relative_links(&read(&page)) {
            let target = root().join(folder).join(&link);
            assert!(target.exists(), "{page} links to {link}");
        }
    }
}

#[test]
fn help_lists_every_target() {
    let makefile = read("Makefile");
    let help = Command::new("make")
        .args(["--no-print-directory", "help"])
        .current_dir(root())
        .env_remove("MAKEFLAGS")
        .env_remove("MAKELEVEL")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let phony = makefile
        .lines()
        .find_map(|line| line.strip_prefix(".PHONY: "))
        .unwrap();
    for target in phony.split_whitespace() {
        assert!(help.contains(&format!("make {target}")), "{target}\n{help}");
    }
    assert_eq!(help.lines().count(), phony.split_whitespace().count());
}
