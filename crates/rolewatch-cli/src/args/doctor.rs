//! What can be said to `rolewatch doctor`.

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The stack's name. Account and region are those of the environment: the home region.
    #[arg(long, value_name = "NAME", default_value = "rolewatch")]
    pub(crate) stack: String,
    /// Post a message to Slack's webhook, to see that it takes one. Nothing else is changed.
    #[arg(long)]
    pub(crate) send_test: bool,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}
