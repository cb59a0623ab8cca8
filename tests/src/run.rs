//! Running the binary.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::{binary, root};

/// A run of `rolewatch` in the repository's root, to be.
#[derive(Debug)]
pub struct Rolewatch {
    command: Command,
    input: Option<Vec<u8>>,
}

/// How a run ended, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// `rolewatch` with these arguments, separated by spaces. Whatever holds a space goes through
/// [`Rolewatch::arg`].
#[must_use]
pub fn rolewatch(arguments: &str) -> Rolewatch {
    let mut command = Command::new(binary());
    command
        .args(arguments.split_whitespace())
        .current_dir(root())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("COLUMNS");
    Rolewatch {
        command,
        input: None,
    }
}

impl Rolewatch {
    /// One more argument, as it is.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// An environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// What standard input holds; nothing otherwise.
    #[must_use]
    pub fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// The command itself, for what this type does not offer.
    #[must_use]
    pub fn command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(mut self) -> Run {
        let stdin = if self.input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = self
            .command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let feeder = child.stdin.take().zip(self.input).map(|(mut pipe, input)| {
            // It may stop reading before the end.
            thread::spawn(move || drop(pipe.write_all(&input)))
        });
        let output = child.wait_with_output().unwrap();
        if let Some(feeder) = feeder {
            feeder.join().unwrap();
        }
        Run::of(output)
    }
}

impl Run {
    /// A run that has ended.
    #[must_use]
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The run, which has to end with this code.
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output, of a run that has to succeed in silence.
    #[must_use]
    pub fn success(self) -> String {
        let run = self.exits(0);
        assert_eq!(run.stderr, "");
        run.stdout
    }

    /// Standard output as one JSON value a line.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// The findings of a replay in JSON.
    #[must_use]
    pub fn findings(&self) -> Vec<Value> {
        let mut lines = self.json();
        assert_eq!(lines.pop().unwrap()["type"], "summary");
        assert!(lines.iter().all(|line| line["type"] == "finding"));
        lines
    }

    /// The checks whose findings a replay in JSON printed, in order.
    #[must_use]
    pub fn checks(&self) -> Vec<String> {
        self.findings()
            .iter()
            .map(|finding| finding["check"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The summary of a replay in JSON.
    #[must_use]
    pub fn summary(&self) -> Value {
        let summary = self.json().pop().unwrap();
        assert_eq!(summary["type"], "summary");
        summary
    }
}
