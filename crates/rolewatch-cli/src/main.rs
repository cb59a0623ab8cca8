//! The command line of rolewatch.

mod args;
mod commands;
mod diagnostics;
mod diff;
mod lines;
mod lints;
mod output;
mod policies;
mod progress;
mod reading;
mod sarif;
mod secret;
mod token_text;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{AllowlistCommand, Cli, Command, TokenCommand, TrustCommand, WorkflowCommand};
use crate::output::Exit;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let result = match &cli.command {
        Command::Replay(args) => commands::replay::run(args, cli.quiet),
        Command::Init(args) => commands::init::run(args, cli.quiet),
        Command::Diff(args) => commands::diff::run(args, cli.quiet),
        Command::Report(args) => commands::report::run(args, cli.quiet),
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
        Command::Trust {
            command: TrustCommand::Lint(args),
        } => commands::trust_lint::run(args, cli.quiet),
        Command::Trust {
            command: TrustCommand::Explain(args),
        } => commands::trust_explain::run(args, cli.quiet),
        Command::Trust {
            command: TrustCommand::Fix(args),
        } => commands::trust_fix::run(args, cli.quiet),
        Command::Workflow {
            command: WorkflowCommand::Lint(args),
        } => commands::workflow_lint::run(args),
        Command::Token {
            command: TokenCommand::Inspect(args),
        } => commands::token_inspect::run(args),
        Command::Token {
            command: TokenCommand::Verify(args),
        } => commands::token_verify::run(args, cli.quiet),
        #[cfg(feature = "aws")]
        Command::Drill(args) => commands::drill::run(args, cli.quiet),
        Command::Snooze(args) => commands::snooze::run(args),
        #[cfg(feature = "aws")]
        Command::Doctor(args) => commands::doctor::run(args),
        Command::Checks(args) => commands::checks::run(args),
        Command::Completions { shell } => commands::completions::run(*shell),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            Exit::CouldNotRun.into()
        }
    }
}

/// What clap has to say: help, the version, or what is wrong with the command line. A token that
/// stands there is not repeated.
fn refuse(error: &clap::Error) -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let message = error.to_string();
    let shown = secret::redact(&message, arguments.into_iter());
    if shown != message {
        output::print_error(&shown);
        return Exit::CouldNotRun.into();
    }
    match error.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            output::complain(&error.to_string());
            Exit::CouldNotRun.into()
        }
        _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)),
    }
}
