//! `rolewatch trust …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use iam_trust::STS_AUDIENCE;
use rolewatch::finding::Severity;

use super::{Format, LimitOptions, parse_severity};

#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Say who gets in and should not, with a witness for each complaint.
    Lint(TrustLintArgs),
    /// Say whether a trust policy lets a token in, condition by condition.
    Explain(Box<TrustExplainArgs>),
    /// Correct trust policies: show what would change, or change it.
    Fix(TrustFixArgs),
}

/// How lints are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// SARIF 2.1.0, as GitHub code scanning takes it.
    Sarif,
}

/// What is known besides a policy.
#[derive(Debug, Args)]
pub(crate) struct LintOptions {
    /// What is expected: fixes pin to its rules for the role, sessions are held against them.
    #[arg(long, value_name = "FILE")]
    pub(crate) allowlist: Option<PathBuf>,
    /// The ARN of the role, where the file does not say it.
    #[arg(long, value_name = "ARN")]
    pub(crate) role: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TrustLintArgs {
    /// A trust policy, an answer of `aws iam get-role`, `list-roles` or
    /// `get-account-authorization-details`, a CloudFormation template in JSON or YAML, or a
    /// Terraform plan in JSON; - for standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) options: LintOptions,
    /// How lints are printed.
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    pub(crate) format: LintFormat,
    /// Exit with 1 for lints of this severity and above.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "low")]
    pub(crate) fail_on: Severity,
}

#[derive(Debug, Args)]
pub(crate) struct TrustFixArgs {
    /// What `trust lint` takes; - for standard input, which cannot be written.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) options: LintOptions,
    /// Change the file, and nothing in it but what the fixes are about.
    #[arg(long)]
    pub(crate) write: bool,
    /// Correct what is of this severity and above; exit with 1 while some of it is left.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity, default_value = "low")]
    pub(crate) fail_on: Severity,
}

#[derive(Debug, Args)]
#[command(override_usage = "\
    rolewatch trust explain [OPTIONS] --policy <FILE> <--subject|--token|--record>")]
pub(crate) struct TrustExplainArgs {
    /// What `trust lint` takes; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Which role of the file, by ARN or name, where there are several.
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Option<String>,
    #[command(flatten)]
    pub(crate) who: Who,
    /// One more claim of the token, or another value of it, such as actor=octocat; or another
    /// condition key of the request, such as aws:SourceIp=203.0.113.9. The time is now, or the
    /// record's, unless aws:CurrentTime says another.
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = parse_claim)]
    pub(crate) claims: Vec<(String, String)>,
    /// The token's audience, with --subject.
    #[arg(long, default_value = STS_AUDIENCE, conflicts_with_all = ["token", "record"])]
    pub(crate) audience: String,
    /// The issuer's URL, with --subject.
    #[arg(long, value_name = "URL", default_value = github_oidc::GITHUB_ISSUER,
          conflicts_with_all = ["token", "record"])]
    pub(crate) issuer: String,
    /// Which event of the record's file, where there are several.
    #[arg(long, value_name = "EVENT_ID", requires = "record")]
    pub(crate) event: Option<String>,
    /// Of the record's file.
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Who asks to get in.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Who {
    /// A subject, such as repo:my-org/my-repo:environment:production. The claims that it repeats
    /// are taken from it.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// A token; it is not verified. - reads it from standard input, which keeps it out of the
    /// shell's history.
    #[arg(long, value_name = "JWT")]
    pub(crate) token: Option<String>,
    /// A CloudTrail record, in anything that `replay` reads.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

fn parse_claim(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("not a claim; write NAME=VALUE, such as actor=octocat".to_owned()),
    }
}
