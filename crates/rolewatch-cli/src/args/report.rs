//! What can be said to `rolewatch report`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use rolewatch::finding::Severity;
use rolewatch::report::Period;

use super::{DEFAULT_ALLOWLIST, LimitOptions, parse_severity, parse_time};

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal or a mail.
    Text,
    /// One page for browsers and paper, complete in itself.
    Html,
    /// For an issue or a wiki.
    Markdown,
    /// One JSON object.
    Json,
    /// A message for Slack's incoming webhooks, JSON.
    Slack,
    /// For spreadsheets.
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// What to read: a file, a folder (walked), or - for standard input, as for replay. To tell
    /// what is new and unused, it takes the 90 days before, too.
    #[arg(required_unless_present_any = ["state", "schema"], value_name = "SOURCE")]
    pub(crate) sources: Vec<OsString>,
    /// Read the counts that replay --state keeps in this file, instead of logs.
    #[arg(long, value_name = "FILE", conflicts_with = "sources")]
    pub(crate) state: Option<PathBuf>,
    /// What is expected.
    #[arg(long, value_name = "FILE", default_value = DEFAULT_ALLOWLIST)]
    pub(crate) allowlist: PathBuf,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// The ISO week, such as 2026-W47; the last complete one, where nothing is said.
    #[arg(long, value_name = "WEEK", value_parser = parse_week, conflicts_with_all = ["since", "until"])]
    pub(crate) week: Option<Period>,
    /// The first day (UTC), such as 2026-11-16, instead of a week's.
    #[arg(long, value_name = "DAY", value_parser = parse_time, requires = "until")]
    pub(crate) since: Option<DateTime<Utc>>,
    /// The day after the last.
    #[arg(long, value_name = "DAY", value_parser = parse_time, requires = "since")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Exit with 1 for findings of this severity and above.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "low")]
    pub(crate) fail_on: Severity,
    /// How many files are read at once. Results are the same for any number.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// Print the JSON Schema of --format json, and nothing else.
    #[arg(long, exclusive = true)]
    pub(crate) schema: bool,
}

fn parse_week(text: &str) -> Result<Period, String> {
    Period::parse_week(text).map_err(|error| error.to_string())
}
