//! The command line of rolewatch.

mod args;
mod commands;
mod diagnostics;
mod output;
mod progress;
mod reading;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{AllowlistCommand, Cli, Command};
use crate::output::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Replay(args) => commands::replay::run(args, cli.quiet),
        Command::Allowlist {
            command: AllowlistCommand::Check(args),
        } => commands::allowlist_check::run(args),
        Command::Allowlist {
            command: AllowlistCommand::Test(args),
        } => commands::allowlist_test::run(args),
        Command::Allowlist {
            command: AllowlistCommand::Explain(args),
        } => commands::allowlist_explain::run(args),
        Command::Allowlist {
            command: AllowlistCommand::Schema,
        } => commands::allowlist_schema::run(),
        Command::Checks(args) => commands::checks::run(args),
        Command::Completions { shell } => commands::completions::run(*shell),
    };
    match result {
        Ok(exit) => exit.into(),
        // Whoever reads the output has seen enough.
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            Exit::CouldNotRun.into()
        }
    }
}
