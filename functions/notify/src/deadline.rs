//! The time an invocation has, and what still fits into it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::Context;
use rolewatch::alert::Alert;
use rolewatch::notify::{Notifier, NotifyError};

/// A post takes this long at most: the HTTP client's time-out, and a little to answer Lambda.
const POST: Duration = Duration::from_secs(12);

/// When the function is ended, and whether the other side will hear more of it until then.
pub(crate) struct Deadline {
    end: SystemTime,
    left_alone: bool,
}

impl Deadline {
    pub(crate) fn of(context: &Context) -> Self {
        Self::at(UNIX_EPOCH + Duration::from_millis(context.deadline))
    }

    fn at(end: SystemTime) -> Self {
        Self {
            end,
            left_alone: false,
        }
    }

    /// Whether a post fits that begins after `wait`, which the other side chose: it may be any
    /// number.
    fn allows(&self, wait: Duration) -> bool {
        wait.checked_add(POST)
            .and_then(|needed| SystemTime::now().checked_add(needed))
            .is_some_and(|done| done <= self.end)
    }

    /// Posts an alert; waits for as long as the other side asks for, if there is time. If there
    /// is not, nothing more is posted: sooner would be refused again, and makes the wait longer.
    pub(crate) async fn post(
        &mut self,
        webhook: &impl Notifier,
        alert: &Alert,
    ) -> Result<(), String> {
        if self.left_alone {
            return Err("Slack wants to be left alone for longer than this invocation has".into());
        }
        if !self.allows(Duration::ZERO) {
            return Err("no time is left in this invocation".into());
        }
        let mut answer = webhook.notify(alert).await;
        if let Some(wait) = asked_to_wait(&answer)
            && self.allows(wait)
        {
            tokio::time::sleep(wait).await;
            answer = webhook.notify(alert).await;
        }
        self.left_alone = asked_to_wait(&answer).is_some();
        answer.map_err(|error| error.to_string())
    }
}

/// For how long the other side wants to be left alone, where it says so.
fn asked_to_wait(answer: &Result<(), NotifyError>) -> Option<Duration> {
    match answer {
        Err(NotifyError::Later { wait, .. }) => wait.map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
