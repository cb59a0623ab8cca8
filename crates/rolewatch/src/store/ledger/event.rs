//! One event: counted once, its findings let into their windows, their delivery recorded.

use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::window::{self, Entry};
use super::{Terms, all, keys, recall, rollup, sighting, snooze};
use crate::alert::Alert;
use crate::allowlist::Mode;
use crate::assumption::Observation;
use crate::detect::{Decision, decide, decide_with};
use crate::store::draft::{Draft, NotRead};
use crate::store::table::Key;
use crate::store::{Admission, Disposition};

/// What is remembered of an event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Event {
    findings: Vec<Told>,
}

/// What is remembered of a finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    id: String,
    quiet: String,
    /// The alert, until nothing more is to be done for it.
    open: Option<Kept>,
}

/// Proof that something was to be delivered, to be handed back when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub(super) Delivery);

/// What was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// An event's finding.
    Finding {
        event: Key,
        finding: String,
        quiet: String,
        /// Until when nobody else delivers it.
        lease: i64,
    },
    /// What stood under this mark.
    Due(Key),
}

/// Asks for the items that an event surely needs.
pub(super) fn want(draft: &mut Draft, observation: &Observation, terms: Terms<'_>) {
    draft.want(keys::event(observation));
    let decision = decide(observation, terms.allowlist);
    for finding in &decision.findings {
        draft.want(keys::window(&finding.quiet));
        snooze::want(draft, &Alert::from(finding));
    }
    rollup::want(draft, observation, &decision, terms);
    recall::want(draft, observation, &decision);
}

/// Takes an event in.
pub(super) fn admit(
    draft: &mut Draft,
    observation: &Observation,
    terms: Terms<'_>,
) -> Result<Admission, NotRead> {
    let key = keys::event(observation);
    if draft.exists(&key)? {
        return admit_again(draft, &key, observation, terms);
    }
    let history = recall::recall(draft, observation, terms)?;
    let decision = decide_with(observation, terms.allowlist, &history);
    rollup::count(draft, observation, &decision, terms)?;
    recall::learn(draft, observation, &decision, terms)?;
    sighting::note(draft, observation, &decision, terms)?;
    let mut event = Event::default();
    // All of them at once: what each needs is read together, or many findings would take more
    // reads than a draft has.
    let findings = all(decision.findings.iter().map(|finding| {
        let alert = Alert::from(finding);
        let mut told = Told {
            id: finding.id.clone(),
            quiet: finding.quiet.clone(),
            open: Some(Kept::from(&alert)),
        };
        let disposition = if terms.allowlist.mode == Mode::Audit {
            told.open = None;
            Ok(Disposition::Settled)
        } else {
            enter(draft, &key, &mut told, &alert, terms)
        };
        event.findings.push(told);
        disposition
    }))?;
    draft.put(&key, &event, Some(terms.now + keys::EVENT_LIFE))?;
    Ok(admission(observation, decision, false, findings))
}

/// Takes an event in that was taken in before: what is still open is tried again.
fn admit_again(
    draft: &mut Draft,
    key: &Key,
    observation: &Observation,
    terms: Terms<'_>,
) -> Result<Admission, NotRead> {
    let mut event = draft.get::<Event>(key)?.unwrap_or_default();
    let mut changed = false;
    let findings = all(event.findings.iter_mut().map(|told| {
        let Some(alert) = told.open.as_ref().map(Kept::alert) else {
            return Ok(Disposition::Settled);
        };
        let disposition = enter(draft, key, told, &alert, terms);
        changed |= told.open.is_none();
        disposition
    }))?;
    if changed {
        draft.put(key, &event, Some(terms.now + keys::EVENT_LIFE))?;
    }
    let decision = decide(observation, terms.allowlist);
    Ok(admission(observation, decision, true, findings))
}

fn admission(
    observation: &Observation,
    decision: Decision,
    seen: bool,
    findings: Vec<Disposition>,
) -> Admission {
    Admission {
        observation: observation.clone(),
        decision,
        seen,
        findings,
    }
}

fn enter(
    draft: &mut Draft,
    event: &Key,
    told: &mut Told,
    alert: &Alert,
    terms: Terms<'_>,
) -> Result<Disposition, NotRead> {
    if snooze::covers(draft, alert)? {
        told.open = None;
        return Ok(Disposition::Snoozed);
    }
    Ok(
        match window::enter(draft, &told.quiet, &event.partition, alert, terms)? {
            Entry::Wait => Disposition::Wait,
            Entry::Settled => {
                told.open = None;
                Disposition::Settled
            }
            Entry::Own { lease } => {
                let delivery = Delivery::Finding {
                    event: event.clone(),
                    finding: told.id.clone(),
                    quiet: told.quiet.clone(),
                    lease,
                };
                Disposition::Publish(Box::new(alert.clone()), Receipt(delivery))
            }
        },
    )
}

/// Asks for the items that a delivery changes.
pub(super) fn want_delivery(draft: &mut Draft, receipt: &Receipt) {
    match &receipt.0 {
        Delivery::Finding { event, quiet, .. } => {
            draft.want(event.clone());
            draft.want(keys::window(quiet));
        }
        Delivery::Due(key) => draft.want(key.clone()),
    }
}

/// Records a delivery.
pub(super) fn mark_delivered(
    draft: &mut Draft,
    receipt: &Receipt,
    now: i64,
) -> Result<(), NotRead> {
    match &receipt.0 {
        Delivery::Finding {
            event: key,
            finding,
            quiet,
            ..
        } => {
            if let Some(mut event) = draft.get::<Event>(key)? {
                for told in event.findings.iter_mut().filter(|told| told.id == *finding) {
                    told.open = None;
                }
                draft.put(key, &event, Some(now + keys::EVENT_LIFE))?;
            }
            window::mark_delivered(draft, quiet, &key.partition)
        }
        Delivery::Due(key) => draft.delete(key),
    }
}

/// Records that a delivery failed: whoever comes next need not wait for the lease to run out.
pub(super) fn release(draft: &mut Draft, receipt: &Receipt) -> Result<(), NotRead> {
    match &receipt.0 {
        Delivery::Finding { quiet, lease, .. } => window::release(draft, quiet, *lease),
        // The next sweep comes about when the lease runs out anyway.
        Delivery::Due(_) => Ok(()),
    }
}
