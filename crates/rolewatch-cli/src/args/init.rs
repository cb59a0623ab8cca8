//! What can be said to `rolewatch init`.

use std::path::PathBuf;

use clap::Args;

use super::SourceOptions;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Write the allowlist into this file, which must not be there yet, instead of to standard
    /// output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) from: SourceOptions,
}
