//! For how long an alert waits in its queue, so that its receives last as long as the queue
//! keeps it.
//!
//! A queue hands a message out so often and not more (`maxReceiveCount`, 1000 at most), then it is
//! a dead letter; and keeps it for 14 days. An alert that comes for the first 300 times waits for
//! as long as it has to, often only seconds; after that never less than half an hour. The other
//! 700 receives then last for 700 × 30 min = 14.6 days: it is there for as long as the queue keeps
//! it. Then SQS would delete it, and make no dead letter of it. So after twelve days it is put among
//! these by whoever would hold it once more, as a new message, which is kept for 14 days more.

use chrono::{DateTime, TimeDelta, Utc};

use crate::finding::Severity;

/// How often the queue hands a message out before it is a dead letter.
pub const MOST_RECEIVES: u32 = 1000;
/// So many times the wait may be short.
const SHORT_WAITS: u32 = 300;
/// The wait after that, in seconds.
const LONG_WAIT: i64 = 1800;
/// The longest wait, in seconds: SQS takes twelve hours, counted from the receipt.
const LONGEST_WAIT: i64 = 11 * 3600;
/// How long an alert is held in its queue at most, and a wait more, which is half a day at most: well
/// before the 14 days are over.
pub(super) const LONGEST_STAY: TimeDelta = TimeDelta::days(12);
/// So many times an alert stays behind those that are urgent. After that it has waited enough.
const GIVES_WAY: u32 = 200;

/// Whether an alert that was received so often stays behind what is urgent.
pub(super) fn gives_way(receives: u32) -> bool {
    receives <= GIVES_WAY
}

/// How much longer it waits: what weighs more is seen before what weighs less.
pub(super) fn behind(severity: Severity) -> TimeDelta {
    TimeDelta::seconds(match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Medium => 2,
        Severity::Low => 3,
        Severity::Info => 4,
    })
}

/// Seconds until a message shall be seen again.
pub(super) fn hold(wanted: TimeDelta, receives: u32) -> u32 {
    let wanted = wanted.num_milliseconds().max(0).saturating_add(999) / 1000;
    let least = if receives > SHORT_WAITS { LONG_WAIT } else { 1 };
    u32::try_from(wanted.clamp(least, LONGEST_WAIT)).unwrap_or(0)
}

/// Whether an alert that came into its queue then is not to be held there any longer.
pub(super) fn is_over(sent: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    sent.is_some_and(|sent| now - sent >= LONGEST_STAY)
}

/// How long a place is left alone, where the store cannot tell.
pub(super) fn pause(wait: Option<u64>) -> TimeDelta {
    let wait = wait.unwrap_or(10).clamp(1, 3600);
    TimeDelta::seconds(i64::try_from(wait).unwrap_or(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receives_last_longer_than_the_queue_keeps_a_message() {
        let waits = (1..=MOST_RECEIVES).map(|n| hold(TimeDelta::zero(), n));
        let together: u32 = waits.sum();
        assert!(together >= 14 * 86_400, "{together} s");
    }

    #[test]
    fn a_wait_is_what_is_wanted_within_bounds() {
        assert_eq!(hold(TimeDelta::milliseconds(1500), 1), 2);
        assert_eq!(hold(TimeDelta::seconds(-5), 300), 1);
        assert_eq!(hold(TimeDelta::seconds(5), 301), 1800);
        assert_eq!(hold(TimeDelta::MAX, 1), 11 * 3600);
    }

    #[test]
    fn the_last_wait_ends_before_the_queue_forgets() {
        let last = LONGEST_STAY + TimeDelta::seconds(LONGEST_WAIT);
        assert!(last < TimeDelta::days(13), "{last}");
        let sent = DateTime::from_timestamp(1_795_000_000, 0);
        let after = |stay| sent.is_some_and(|at| is_over(sent, at + stay));
        assert!(after(LONGEST_STAY) && !after(LONGEST_STAY - TimeDelta::seconds(1)));
        assert!(!is_over(None, DateTime::<Utc>::MAX_UTC));
    }

    #[test]
    fn a_pause_is_bounded() {
        let seconds = |wait| pause(wait).num_seconds();
        assert_eq!(
            [None, Some(0), Some(30), Some(u64::MAX)].map(seconds),
            [10, 1, 30, 3600]
        );
    }
}
