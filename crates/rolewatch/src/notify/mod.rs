//! The port to what delivers alerts.

mod localised;
mod memory;

use std::future::Future;

pub use self::localised::{CHECK, Localised};
pub use self::memory::Outbox;
use crate::alert::Alert;

/// Why an alert was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// It may be delivered later: throttled, timed out, or the other side is down.
    #[error("not delivered now: {reason}")]
    Later {
        /// Why; never with an address that is a secret.
        reason: String,
        /// How long the other side wants to be left alone, in seconds.
        wait: Option<u64>,
    },
    /// It will not be delivered as things are: refused, forbidden, gone.
    #[error("refused: {0}")]
    Refused(String),
    /// This message will not be delivered as it is; another may be.
    #[error("refused as it is: {0}")]
    Unfit(String),
}

/// What delivers.
pub trait Notifier: Sync {
    /// Delivers one alert. It may arrive twice where the answer got lost.
    fn notify(&self, alert: &Alert) -> impl Future<Output = Result<(), NotifyError>> + Send;
}
