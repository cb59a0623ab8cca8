//! What can be said to `rolewatch snooze`.

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::{Args, Subcommand};

use super::Format;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct SnoozeArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SnoozeCommand>,
    /// The finding's id, as its alert says. Findings of the same check, account, role and
    /// repository are then counted and reported, and not told. Critical ones cannot be snoozed.
    #[arg(value_name = "FINDING_ID", required = true)]
    pub(crate) id: Option<String>,
    /// For how long, such as 24h or 90m; at most 168h.
    #[arg(long = "for", value_name = "LENGTH", value_parser = parse_length, required = true)]
    pub(crate) lasts: Option<TimeDelta>,
    /// Why. The report says it.
    #[arg(long, value_name = "TEXT", required = true)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) by: By,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnoozeCommand {
    /// List the snoozes that are on.
    List(SnoozeListArgs),
    /// End a snooze before its time.
    End(SnoozeEndArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SnoozeListArgs {
    /// Those that are over too, of the last 100 days.
    #[arg(long)]
    pub(crate) all: bool,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct SnoozeEndArgs {
    /// The snooze's id, as the list says, or the id of the finding that was snoozed.
    #[arg(value_name = "SNOOZE_ID|FINDING_ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) by: By,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Who asks.
#[derive(Debug, Args)]
pub(crate) struct By {
    /// Who asks; the name that you are logged in with, where nothing is said.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl By {
    pub(crate) fn name(&self) -> Option<String> {
        let login = || {
            ["USER", "LOGNAME", "USERNAME"]
                .iter()
                .find_map(|it| std::env::var(it).ok())
        };
        self.by.clone().or_else(login)
    }
}

/// Where the memory is.
#[cfg_attr(
    feature = "aws",
    expect(clippy::doc_markdown, reason = "a terminal shows it as it is")
)]
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The file that replay --state remembers in.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// The DynamoDB table of the stack (its output TableName); ROLEWATCH_TABLE, where nothing is
    /// said. Account and region are those of the environment.
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "NAME", conflicts_with = "state")]
    pub(crate) table: Option<String>,
}

fn parse_length(text: &str) -> Result<TimeDelta, String> {
    let seconds = rolewatch::allowlist::parse_duration(text).map_err(|it| it.to_string())?;
    let length = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    length.ok_or_else(|| "too long".to_owned())
}
