//! This machine's time.

use chrono::{DateTime, TimeDelta, Utc};
use lambda_runtime::Context;
use rolewatch::dispatch::Clock;

/// Needed after the last post: to put back what waits, to park what is refused, to answer.
const REST: TimeDelta = TimeDelta::seconds(5);

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        // A moment in the past is no length of time.
        let wait = (moment - Utc::now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
}

/// When the posting of an invocation has to be over.
pub(crate) fn end(context: &Context) -> DateTime<Utc> {
    let milliseconds = i64::try_from(context.deadline).unwrap_or_default();
    let deadline = DateTime::from_timestamp_millis(milliseconds).unwrap_or_default();
    deadline - REST
}
