//! What of a span is left to be looked through.

use chrono::{DateTime, Utc};

use super::{MARGIN, OVERLAP};
use crate::store::{Open, Progress};

/// What is left of the open span, both ends included. Where none is open, one up to now is begun.
pub(super) fn left(progress: &mut Progress, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let until = (now - MARGIN).max(progress.done_until);
    let open = progress.open.get_or_insert(Open { until, left: until });
    let from = (progress.done_until - OVERLAP).max(progress.since);
    (from, open.left)
}

/// The span is looked through from its end back to a moment.
pub(super) fn back_to(progress: &mut Progress, moment: DateTime<Utc>) {
    if let Some(open) = &mut progress.open {
        open.left = moment;
    }
}

/// All of it is done.
pub(super) fn end(progress: &mut Progress) {
    if let Some(open) = progress.open.take() {
        progress.done_until = open.until;
    }
}
