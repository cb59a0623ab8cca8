//! Quiet windows: the first finding of a kind is told at once, the rest is counted.
//!
//! A window is owned by the event that opened it. Until the delivery of its alert is recorded
//! nothing is a repeat: other events wait, and so does another copy of the owner's, until the
//! lease has run out or was given back. Then any of them takes the window over. So an alert can
//! be told twice, though only where a lease runs out, and never not at all.

use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::{Terms, Windows, keys, snooze};
use crate::alert::Alert;
use crate::digest::digest;
use crate::finding::{Background, Severity};
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;

/// A publication and its recording take less; a function is ended after half of it.
pub(super) const LEASE: i64 = 60;
/// How long a window is kept after it closed, for a sweep that comes late.
const AFTERLIFE: i64 = 7 * 86_400;
/// Distinct subjects that are told by name in a summary.
const NAMED: usize = 5;
/// Distinct subjects that are told apart; beyond it they are only said to be more.
const TOLD_APART: usize = 100;
/// A subject in a summary is cut to this many characters.
const LONGEST_NAME: usize = 200;

/// The state of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    /// When it closes.
    pub(super) until: i64,
    /// The event whose alert opens it.
    pub(super) owner: String,
    /// Until when whoever has the owner's alert may take to deliver it.
    pub(super) lease: i64,
    /// Whether the alert is delivered, or safely kept to be.
    pub(super) delivered: bool,
    /// When what it has counted is to be told, if it has counted anything.
    pub(super) due: Option<i64>,
    /// The latest time under which counts were taken out to be told. Never used again: whoever tells
    /// them deletes their mark, and the summary's id is made of it.
    #[serde(default)]
    pub(super) taken_out: i64,
    /// What it has counted.
    pub(super) counted: Counted,
    /// The alert that opened it.
    pub(super) first: Kept,
}

/// Findings that were counted instead of told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    /// How many.
    pub(super) count: u64,
    /// The first few distinct subjects, cut.
    pub(super) subjects: Vec<String>,
    /// Hashes of distinct subjects.
    pub(super) seen: Vec<String>,
    /// The time of the latest event.
    pub(super) last: String,
}

/// A window's counts on their way to being told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frozen {
    /// Until when somebody is telling them.
    pub(super) lease: i64,
    /// Whether `first` itself was not told yet.
    pub(super) gathered: bool,
    /// What to tell.
    pub(super) counted: Counted,
    /// The alert that opened the window.
    pub(super) first: Kept,
}

/// What a window does with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The event owns the window, and is to publish until the lease runs out.
    Own {
        /// When it does.
        lease: i64,
    },
    /// The window's alert is on its way.
    Wait,
    /// Counted, or kept to be told later.
    Settled,
}

/// Lets a finding into its window.
pub(super) fn enter(
    draft: &mut Draft,
    quiet: &str,
    event: &str,
    alert: &Alert,
    terms: Terms<'_>,
) -> Result<Entry, NotRead> {
    let key = keys::window(quiet);
    let mut taken_out = 0;
    let open = match draft.get::<Window>(&key)? {
        // Where there are to be no windows, none is open for a worker whose clock is behind.
        Some(window) if terms.now < window.until && terms.windows != Windows::NONE => Some(window),
        Some(closed) => {
            freeze(draft, quiet, &closed)?;
            taken_out = closed.taken_out.max(closed.due.unwrap_or_default());
            None
        }
        None => None,
    };
    let (window, entry) = match open {
        None => opened(draft, quiet, (event, alert), taken_out, terms)?,
        Some(window) => entered(draft, quiet, event, alert, window, terms)?,
    };
    window.put(draft, &key)?;
    if matches!(entry, Entry::Own { .. }) {
        snooze::told(draft, alert, terms.now)?;
    }
    Ok(entry)
}

fn opened(
    draft: &mut Draft,
    quiet: &str,
    (event, alert): (&str, &Alert),
    taken_out: i64,
    terms: Terms<'_>,
) -> Result<(Window, Entry), NotRead> {
    let gathers = alert.severity <= Severity::Low && !terms.windows.gather.is_zero();
    let gathered = terms.now + terms.windows.gather.num_seconds();
    let due = gathers.then(|| gathered.max(taken_out + 1));
    let window = Window {
        // A window that gathers stays open until it has told what it gathered.
        until: due
            .unwrap_or(terms.now)
            .max(terms.now + terms.windows.quiet.num_seconds()),
        owner: event.to_owned(),
        lease: terms.now + LEASE,
        delivered: gathers,
        due,
        taken_out,
        counted: Counted::default(),
        first: Kept::from(alert),
    };
    let entry = match due {
        Some(at) => {
            draft.put(&keys::due(at, quiet), &Pending { gathered: true }, None)?;
            snooze::told(draft, alert, terms.now)?;
            Entry::Settled
        }
        None => Entry::Own {
            lease: window.lease,
        },
    };
    Ok((window, entry))
}

fn entered(
    draft: &mut Draft,
    quiet: &str,
    event: &str,
    alert: &Alert,
    mut window: Window,
    terms: Terms<'_>,
) -> Result<(Window, Entry), NotRead> {
    if window.delivered {
        window.counted.add(alert);
        if window.due.is_none() {
            // A sweep may have been here at the window's end: our clock is behind, or we are slow.
            let at = window.until.max(window.taken_out + 1);
            window.due = Some(at);
            draft.put(&keys::due(at, quiet), &Pending { gathered: false }, None)?;
        }
        return Ok((window, Entry::Settled));
    }
    if terms.now < window.lease {
        return Ok((window, Entry::Wait));
    }
    event.clone_into(&mut window.owner);
    window.lease = terms.now + LEASE;
    window.first = Kept::from(alert);
    let lease = window.lease;
    Ok((window, Entry::Own { lease }))
}

/// Records that the owner's alert was delivered.
pub(super) fn mark_delivered(draft: &mut Draft, quiet: &str, event: &str) -> Result<(), NotRead> {
    let key = keys::window(quiet);
    if let Some(mut window) = draft.get::<Window>(&key)?
        && window.owner == event
        && !window.delivered
    {
        window.delivered = true;
        window.put(draft, &key)?;
    }
    Ok(())
}

/// Gives a lease back whose holder did not deliver, unless somebody else has taken over.
pub(super) fn release(draft: &mut Draft, quiet: &str, lease: i64) -> Result<(), NotRead> {
    let key = keys::window(quiet);
    if let Some(mut window) = draft.get::<Window>(&key)?
        && window.lease == lease
        && !window.delivered
    {
        window.lease = 0;
        window.put(draft, &key)?;
    }
    Ok(())
}

/// A mark among what has a time to come: the window itself holds what to tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    /// Whether the window's first alert was not told yet.
    pub(super) gathered: bool,
}

/// Takes what a window has counted out of it, and keeps it with its mark, to be told. What
/// comes in from then on is counted anew.
pub(super) fn freeze(draft: &mut Draft, quiet: &str, window: &Window) -> Result<(), NotRead> {
    let Some(at) = window.due else { return Ok(()) };
    let key = keys::due(at, quiet);
    if let Some(Pending { gathered }) = draft.get::<Pending>(&key)? {
        let (counted, first) = (window.counted.clone(), window.first.clone());
        draft.put(
            &key,
            &Frozen {
                lease: 0,
                gathered,
                counted,
                first,
            },
            None,
        )?;
    }
    Ok(())
}

impl Window {
    /// Stages the window.
    pub(super) fn put(&self, draft: &mut Draft, key: &Key) -> Result<(), NotRead> {
        draft.put(key, self, Some(self.until + AFTERLIFE))
    }
}

impl Counted {
    fn add(&mut self, alert: &Alert) {
        self.count += 1;
        let Some(event) = &alert.event else { return };
        self.last.clone_from(&event.time);
        let subject = event.subject.as_deref().unwrap_or_default();
        let hash: String = digest(&[subject]).chars().take(12).collect();
        if self.seen.contains(&hash) || self.seen.len() >= TOLD_APART {
            return;
        }
        self.seen.push(hash);
        if self.subjects.len() < NAMED {
            self.subjects
                .push(subject.chars().take(LONGEST_NAME).collect());
        }
    }
}

impl Frozen {
    /// What a person is told of it.
    pub(super) fn alert(&self, id: String) -> Alert {
        let Counted {
            count,
            subjects,
            seen,
            last,
        } = &self.counted;
        let distinct = match seen.len() {
            TOLD_APART => format!("{TOLD_APART} or more subjects"),
            1 => "one subject".to_owned(),
            many => format!("{many} subjects"),
        };
        let first = self.first.alert();
        let (title, message) = match (self.gathered, *count) {
            (true, 0) => (first.title.clone(), first.message.clone()),
            (true, more) => (
                format!("{} times: {}", more + 1, first.title),
                format!(
                    "{}; {more} more like it until {last}, with {distinct}",
                    first.message
                ),
            ),
            (false, more) => (
                format!("{more} more: {}", first.title),
                format!(
                    "{more} more like finding {} until {last}, with {distinct}: {}",
                    first.id,
                    subjects.join(", ")
                ),
            ),
        };
        let summary_of = (!self.gathered).then(|| first.id.clone());
        Alert {
            id,
            title,
            message,
            repeats: Some(*count),
            background: Background {
                summary_of,
                ..first.background
            },
            ..first
        }
    }
}
