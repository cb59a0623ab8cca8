//! What can be said to `rolewatch drill`.

use std::time::Duration;

use clap::Args;

use super::assumption::{parse_address, parse_role, parse_sts_session};
use super::snooze::By;
use super::{Format, parse_session};

#[expect(clippy::doc_markdown, reason = "a terminal shows it as it is")]
#[derive(Debug, Args)]
pub(crate) struct DrillArgs {
    /// The subject of the token that nobody has, such as repo:my-org/my-repo:pull_request.
    #[arg(long, alias = "subject", value_name = "SUBJECT")]
    pub(crate) sub: String,
    /// The ARN of the role that nobody assumes.
    #[arg(long, value_name = "ARN", value_parser = parse_role)]
    pub(crate) role: String,
    /// The session's length, such as 15m.
    #[arg(long, value_name = "LENGTH", value_parser = parse_sts_session, default_value = "15m")]
    pub(crate) session: u64,
    /// The issuer's URL.
    #[arg(long, value_name = "URL", default_value = github_oidc::GITHUB_ISSUER)]
    pub(crate) issuer: String,
    /// The token's audience.
    #[arg(long, default_value = "sts.amazonaws.com")]
    pub(crate) audience: String,
    /// The caller's address, for rules with networks.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub(crate) source_ip: Option<String>,
    #[command(flatten)]
    pub(crate) by: By,
    /// The bus. Account and region are those of the environment; from a region with a forwarder
    /// the drill takes the way through it.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(crate) bus: String,
    /// Wait until the delivery is recorded, at most so long, such as 2m. Needs --table.
    #[arg(long, value_name = "LENGTH", value_parser = parse_wait, requires = "table")]
    pub(crate) wait: Option<Duration>,
    /// The DynamoDB table of the stack (its output TableName).
    #[arg(
        long,
        value_name = "NAME",
        env = "ROLEWATCH_TABLE",
        hide_env_values = true
    )]
    pub(crate) table: Option<String>,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

fn parse_wait(text: &str) -> Result<Duration, String> {
    Ok(Duration::from_secs(parse_session(text)?))
}
