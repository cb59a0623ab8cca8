//! `rolewatch workflow …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use rolewatch::finding::Severity;

use super::{LintFormat, parse_severity};

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    /// Say how workflows come by their AWS credentials, and should not.
    Lint(WorkflowLintArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WorkflowLintArgs {
    /// A workflow or a composite action; a folder, in which the files of folders named `workflows`
    /// and all action.yml are taken; or - for standard input.
    #[arg(default_value = ".github", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How lints are printed.
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub(crate) format: LintFormat,
    /// Exit with 1 for lints of this severity and above.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "low")]
    pub(crate) fail_on: Severity,
}
