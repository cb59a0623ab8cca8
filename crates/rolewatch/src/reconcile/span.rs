//! What of a span is left to be looked through.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{MARGIN, OVERLAP};
use crate::digest::digest;
use crate::store::{Open, Progress};

/// Opens a span up to now, unless an earlier one is still open.
pub(super) fn begin(progress: &mut Progress, now: DateTime<Utc>) {
    let until = (now - MARGIN).max(progress.done_until);
    progress.open.get_or_insert_with(|| Open {
        until,
        done: BTreeSet::new(),
        part: None,
    });
}

/// What is left of a resource, both ends included; nothing where it is done.
pub(super) fn left_of(
    progress: &Progress,
    resource: &str,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let open = progress.open.as_ref()?;
    let name = name(resource);
    if open.done.contains(&name) {
        return None;
    }
    let from = (progress.done_until - OVERLAP).max(progress.since);
    let until = match &open.part {
        Some((half_done, until)) if *half_done == name => *until,
        _ => open.until,
    };
    Some((from, until))
}

/// A resource is looked through from the span's end back to a moment.
pub(super) fn part(progress: &mut Progress, resource: &str, back_to: DateTime<Utc>) {
    if let Some(open) = &mut progress.open {
        open.part = Some((name(resource), back_to));
    }
}

/// A resource is done.
pub(super) fn done(progress: &mut Progress, resource: &str) {
    if let Some(open) = &mut progress.open {
        open.done.insert(name(resource));
        open.part = None;
    }
}

/// All of it is done.
pub(super) fn end(progress: &mut Progress) {
    if let Some(open) = progress.open.take() {
        progress.done_until = open.until;
    }
}

fn name(resource: &str) -> String {
    digest(&[resource])
}
