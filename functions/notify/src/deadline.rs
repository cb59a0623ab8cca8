//! The time an invocation has, and what still fits into it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};

/// A post takes this long at most: the HTTP client's time-out, and a little to answer Lambda.
const POST: Duration = Duration::from_secs(12);

/// When the function is ended.
pub(crate) struct Deadline(SystemTime);

impl Deadline {
    pub(crate) fn of(context: &Context) -> Self {
        Self(UNIX_EPOCH + Duration::from_millis(context.deadline))
    }

    /// Whether a post fits that begins after `wait`.
    fn allows(&self, wait: Duration) -> bool {
        // What Slack asks for may be beyond all times.
        let end = SystemTime::now().checked_add(wait.saturating_add(POST));
        end.is_some_and(|end| end <= self.0)
    }

    /// Posts an alert; waits for as long as the other side asks for, if there is time.
    pub(crate) async fn post(&self, webhook: &impl Notifier, alert: &Alert) -> Result<(), String> {
        if !self.allows(Duration::ZERO) {
            return Err("no time is left in this invocation".into());
        }
        let refused = match webhook.notify(alert).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if let NotifyError::Later {
            wait: Some(seconds),
            ..
        } = refused
        {
            let wait = Duration::from_secs(seconds);
            if self.allows(wait) {
                tokio::time::sleep(wait).await;
                return webhook
                    .notify(alert)
                    .await
                    .map_err(|error| error.to_string());
            }
        }
        Err(refused.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_beyond_all_times_is_not_allowed_and_no_panic() {
        let deadline = Deadline(SystemTime::now() + Duration::from_mins(1));
        assert!(deadline.allows(Duration::ZERO));
        assert!(!deadline.allows(Duration::from_mins(1)));
        assert!(!deadline.allows(Duration::from_secs(u64::MAX)));
    }
}
