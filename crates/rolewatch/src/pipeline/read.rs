//! From what a queue delivers to observations.

use std::ops::ControlFlow;

use cloudtrail::{Limits, assumptions, read};
use serde::Deserialize;

use crate::assumption::{Observation, UnreadableRecord};

/// What the sources of rolewatch's own events begin with.
const OWN_SOURCES: &str = "rolewatch.";
const FORGED: &str = "an event of rolewatch's own source that is neither a canary nor a drill";

#[derive(Deserialize)]
struct Envelope {
    source: String,
}

/// One item of a batch: a message's body, or an event by itself.
#[derive(Clone, Debug)]
pub struct Item {
    /// The item's name in its queue.
    pub id: String,
    /// What was delivered: an EventBridge event, or any other container of records.
    pub body: Vec<u8>,
}

impl Item {
    /// The observations in it: none for a record of another call, at least one for a body that
    /// cannot be read.
    #[must_use]
    pub fn observations(&self) -> Vec<Observation> {
        if self.has_own_source() {
            return vec![self.unreadable(FORGED)];
        }
        let mut observations = Vec::new();
        let outcome = read(
            self.body.as_slice(),
            &Limits::default(),
            assumptions,
            |item| {
                observations.push(Observation::from_item(item));
                ControlFlow::Continue(())
            },
        );
        if let Some(problem) = outcome.problems.first() {
            observations.push(self.unreadable(&problem.kind.to_string()));
        }
        observations
    }

    /// Whether it is an event of one of rolewatch's own sources. Those anybody in the account may send who may call
    /// `PutEvents`, and no record comes from them: what is in one teaches nothing, and vouches for nobody.
    fn has_own_source(&self) -> bool {
        let envelope = serde_json::from_slice::<Envelope>(&self.body);
        envelope.is_ok_and(|envelope| envelope.source.starts_with(OWN_SOURCES))
    }

    /// What is reported of an item that cannot be read.
    #[must_use]
    pub fn unreadable(&self, reason: &str) -> Observation {
        let hash = cloudtrail::RecordHash::of(&self.body).to_string();
        UnreadableRecord {
            reason: format!("{reason} (message {})", self.id),
            hash,
            ..UnreadableRecord::default()
        }
        .into()
    }
}
