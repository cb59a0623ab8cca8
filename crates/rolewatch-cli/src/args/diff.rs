//! What can be said to `rolewatch diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rolewatch::comparison::Direction;

use super::SourceOptions;

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// For a comment on a pull request, which it fits into.
    Markdown,
}

/// Which changes end with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum FailOn {
    /// Any change, one from a finding to another too.
    Any,
    /// What was a finding and is none any more.
    NewlyExpected,
    /// What was none and is one now.
    NewlyUnexpected,
    /// No change.
    None,
}

impl FailOn {
    pub(crate) fn includes(self, direction: Direction) -> bool {
        match self {
            Self::Any => true,
            Self::NewlyExpected => direction == Direction::NewlyExpected,
            Self::NewlyUnexpected => direction == Direction::NewlyUnexpected,
            Self::None => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The allowlist as it is.
    #[arg(long, value_name = "OLD")]
    pub(crate) from: PathBuf,
    /// The allowlist as it is to be.
    #[arg(long, value_name = "NEW")]
    pub(crate) to: PathBuf,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Exit with 1 for such changes.
    #[arg(long, value_enum, value_name = "CHANGE", default_value_t = FailOn::Any)]
    pub(crate) fail_on: FailOn,
    #[command(flatten)]
    pub(crate) history: SourceOptions,
}
