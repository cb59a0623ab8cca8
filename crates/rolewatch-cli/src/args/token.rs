//! `rolewatch token …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use iam_trust::STS_AUDIENCE;

use super::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Show what a token says, without asking whether it is true.
    Inspect(TokenInspectArgs),
    /// Ask whether GitHub signed a token, and who would take it.
    Verify(TokenVerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenInspectArgs {
    /// The token; - reads it from standard input, which keeps it out of the shell's history.
    #[arg(value_name = "JWT")]
    pub(crate) token: String,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct TokenVerifyArgs {
    /// The token; - reads it from standard input, which keeps it out of the shell's history.
    #[arg(value_name = "JWT")]
    pub(crate) token: String,
    /// Where the issuer's keys are: a URL or a file. Else the issuer publishes them.
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) jwks: Option<String>,
    /// For whom the token has to be made.
    #[arg(long, default_value = STS_AUDIENCE)]
    pub(crate) audience: String,
    /// Who has to have signed it. The allowlist's issuers are known besides.
    #[arg(long, value_name = "URL", default_value = github_oidc::GITHUB_ISSUER)]
    pub(crate) issuer: String,
    /// Say which rules of this allowlist would take the token.
    #[arg(long, value_name = "FILE")]
    pub(crate) allowlist: Option<PathBuf>,
    /// Say which of these trust policies would let it in (what `trust lint` takes).
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<PathBuf>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
