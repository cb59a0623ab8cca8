//! The same rows without a store: for whoever has the events themselves.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::counts::counts;
use super::place::{MOST_ROWS, Place, place};
use super::{Row, sample};
use crate::allowlist::Allowlist;
use crate::assumption::Observation;
use crate::detect::Decision;

/// Counts events of one day as a [`super::super::Ledger`] does, and remembers none of them:
/// handing each in just once is the caller's part.
#[derive(Debug, Default)]
pub struct Counter {
    rows: BTreeMap<String, Row>,
    /// Rows by role and repository.
    made: HashMap<(String, String), u64>,
}

impl Counter {
    /// Counts an event; one without a time as if it were of `now`.
    pub fn add(
        &mut self,
        observation: &Observation,
        decision: &Decision,
        allowlist: &Allowlist,
        now: DateTime<Utc>,
    ) {
        let mut place = place(observation, decision, allowlist, now);
        if !self.rows.contains_key(&place.sort) {
            self.make_room(&mut place);
        }
        let row = self.rows.entry(place.sort).or_insert_with(|| Row {
            day: place.day,
            sample: sample(observation, decision).map(Box::new),
            about: place.about,
            counts: BTreeMap::new(),
        });
        for (name, count) in counts(observation, decision, allowlist, None) {
            *row.counts.entry(name).or_default() += count;
        }
    }

    /// Takes the rows out; what is added from then on is of another day.
    pub fn take(&mut self) -> Vec<Row> {
        self.made.clear();
        std::mem::take(&mut self.rows).into_values().collect()
    }

    fn make_room(&mut self, place: &mut Place) {
        let Some(repository) = &place.repository else {
            return;
        };
        let key = (place.about.role_arn.clone(), repository.clone());
        let made = self.made.entry(key).or_default();
        if *made < MOST_ROWS {
            *made += 1;
        } else {
            place.fold();
        }
    }
}
