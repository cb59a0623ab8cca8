//! What can be said on the command line.

mod assumption;
mod diff;
#[cfg(feature = "aws")]
mod doctor;
#[cfg(feature = "aws")]
mod drill;
mod init;
mod limits;
mod report;
mod snooze;
mod sources;
mod token;
mod trust;
mod workflow;

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use rolewatch::finding::Severity;

pub(crate) use self::assumption::hint_of_subject;
use self::assumption::{parse_address, parse_role, parse_sts_session};
pub(crate) use self::diff::{DiffArgs, DiffFormat};
#[cfg(feature = "aws")]
pub(crate) use self::doctor::DoctorArgs;
#[cfg(feature = "aws")]
pub(crate) use self::drill::DrillArgs;
pub(crate) use self::init::InitArgs;
pub(crate) use self::limits::LimitOptions;
pub(crate) use self::report::{ReportArgs, ReportFormat};
pub(crate) use self::snooze::{Place, SnoozeArgs, SnoozeCommand, SnoozeEndArgs, SnoozeListArgs};
pub(crate) use self::sources::SourceOptions;
pub(crate) use self::token::{TokenCommand, TokenInspectArgs, TokenVerifyArgs};
pub(crate) use self::trust::{
    LintFormat, LintOptions, TrustCommand, TrustExplainArgs, TrustFixArgs, TrustLintArgs,
};
pub(crate) use self::workflow::{WorkflowCommand, WorkflowLintArgs};

/// The allowlist that is used where none is named.
const DEFAULT_ALLOWLIST: &str = "allowlist.toml";

/// Watches who assumes which AWS role through GitHub Actions, and whether that was expected.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 nothing found, 1 findings at or above --fail-on (or failed tests, or changes), \
2 could not run, or not completely."
)]
pub(crate) struct Cli {
    /// No progress and no notes on stderr; errors are still printed.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge recorded assumptions: read CloudTrail, and show what the allowlist does not expect.
    Replay(ReplayArgs),
    /// Write a first allowlist, in audit mode, that expects what is recorded and no more.
    Init(InitArgs),
    /// Compare two allowlists by what is recorded: what is no finding any more, and what is one now.
    Diff(DiffArgs),
    /// Report on a week: who came, what was found, what changed, what to tighten.
    Report(ReportArgs),
    /// Check, test and explain an allowlist.
    Allowlist {
        #[command(subcommand)]
        command: AllowlistCommand,
    },
    /// Lint, explain and correct the trust policies of roles.
    Trust {
        #[command(subcommand)]
        command: TrustCommand,
    },
    /// Lint GitHub Actions workflows: how they come by their AWS credentials.
    Workflow {
        #[command(subcommand)]
        command: WorkflowCommand,
    },
    /// Inspect and verify a workflow's token.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Send an assumption that nobody made, marked as a drill, to see that a finding arrives.
    #[cfg(feature = "aws")]
    Drill(DrillArgs),
    /// Keep findings like one that was told quiet for a while.
    Snooze(SnoozeArgs),
    /// Look whether the service in an account is well, and how to cure what is not.
    #[cfg(feature = "aws")]
    Doctor(DoctorArgs),
    /// List the checks, or show the page of one.
    Checks(ChecksArgs),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AllowlistCommand {
    /// Report every problem of an allowlist.
    Check(AllowlistCheckArgs),
    /// Run the `[[test]]`s of an allowlist.
    Test(AllowlistCheckArgs),
    /// Print the JSON Schema of the allowlist's format.
    Schema,
    /// Say what an allowlist makes of one assumption, rule by rule.
    Explain(AllowlistExplainArgs),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How a replay prints its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplayFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// One document for code scanning; findings alike are one alert there.
    Sarif,
    /// One Detection Finding (OCSF 1.8.0, class 2004) a line.
    Ocsf,
    /// The Slack message of each finding, one payload a line, as Block Kit Builder takes it.
    Slack,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// What is expected.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_ALLOWLIST)]
    pub(crate) allowlist: PathBuf,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = ReplayFormat::Text)]
    pub(crate) format: ReplayFormat,
    /// Exit with 1 for findings of this severity and above.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "low")]
    pub(crate) fail_on: Severity,
    /// Remember events in this file (or :memory:), and judge with what is remembered: first
    /// uses, ids that changed, probing. Events that it has seen before count as duplicates.
    #[arg(long, value_name = "FILE", conflicts_with = "explain")]
    pub(crate) state: Option<PathBuf>,
    /// Say how this one event was judged, rule by rule, and nothing else.
    #[arg(long, value_name = "EVENT_ID", conflicts_with = "format")]
    pub(crate) explain: Option<String>,
    #[command(flatten)]
    pub(crate) from: SourceOptions,
}

#[derive(Debug, Args)]
pub(crate) struct AllowlistFile {
    /// The allowlist; - for standard input.
    #[arg(value_name = "FILE", default_value = DEFAULT_ALLOWLIST)]
    file: PathBuf,
    /// The same as FILE.
    #[arg(long = "allowlist", value_name = "FILE", conflicts_with = "file")]
    option: Option<PathBuf>,
}

impl AllowlistFile {
    pub(crate) fn path(&self) -> &Path {
        self.option.as_deref().unwrap_or(&self.file)
    }
}

#[derive(Debug, Args)]
pub(crate) struct AllowlistCheckArgs {
    #[command(flatten)]
    pub(crate) file: AllowlistFile,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct AllowlistExplainArgs {
    #[command(flatten)]
    pub(crate) file: AllowlistFile,
    /// The role's ARN.
    #[arg(long, value_name = "ARN", value_parser = parse_role)]
    pub(crate) role: String,
    /// The token's subject, such as repo:my-org/my-repo:environment:production.
    #[arg(long)]
    pub(crate) subject: String,
    /// The session's length, such as 15m.
    #[arg(long, value_name = "LENGTH", value_parser = parse_sts_session, default_value = "1h")]
    pub(crate) session: u64,
    /// The issuer's URL.
    #[arg(long, value_name = "URL", default_value = github_oidc::GITHUB_ISSUER)]
    pub(crate) issuer: String,
    /// The token's audience.
    #[arg(long, default_value = "sts.amazonaws.com")]
    pub(crate) audience: String,
    /// The AWS region.
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: String,
    /// The caller's address.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub(crate) source_ip: Option<String>,
    /// When (2026-11-20 or 2026-11-20T10:15:00Z); now, where nothing is said.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) at: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
pub(crate) struct ChecksArgs {
    /// The check to explain.
    pub(crate) id: Option<String>,
}

fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| {
            Some(
                text.parse::<NaiveDate>()
                    .ok()?
                    .and_hms_opt(0, 0, 0)?
                    .and_utc(),
            )
        })
        .ok_or_else(|| {
            "not a time; write a day (UTC) as 2026-11-20, or a moment as 2026-11-20T10:15:00Z"
                .into()
        })
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    let known = Severity::ALL;
    known
        .into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|severity| severity.as_str()).collect();
            format!("not a severity; write one of {}", words.join(", "))
        })
}

fn parse_session(text: &str) -> Result<u64, String> {
    rolewatch::allowlist::parse_duration(text).map_err(|invalid| invalid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_days_or_moments() {
        assert_eq!(
            parse_time("2026-11-20").unwrap().to_rfc3339(),
            "2026-11-20T00:00:00+00:00"
        );
        assert_eq!(
            parse_time("2026-11-20T10:15:00+02:00")
                .unwrap()
                .to_rfc3339(),
            "2026-11-20T08:15:00+00:00"
        );
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-20 10:15",
            "20261120",
        ] {
            assert!(
                parse_time(text)
                    .unwrap_err()
                    .contains("2026-11-20T10:15:00Z"),
                "{text}"
            );
        }
    }
}
