//! What can be committed without reading: events like those of earlier the same day, of which
//! nothing has to be told. One round trip, and no doubt: the commit fails where anything about
//! it is new.

use std::collections::BTreeMap;

use super::{Terms, keys, recall, rollup};
use crate::assumption::Observation;
use crate::detect::{Decision, Outcome, decide};
use crate::store::Admission;
use crate::store::table::{Change, Expect, Key, Write};

/// The admissions and their writes, if the whole group can be expected to be like that.
pub(super) fn plan(
    group: &[Observation],
    terms: Terms<'_>,
) -> Option<(Vec<Admission>, Vec<Write>)> {
    let mut admissions = Vec::with_capacity(group.len());
    let mut writes: BTreeMap<Key, Write> = BTreeMap::new();
    for observation in group {
        let decision = decide(observation, terms.allowlist);
        if !is_plain(&decision) {
            return None;
        }
        let event = keys::event(observation);
        if writes.contains_key(&event) {
            return None;
        }
        let write = new_event(event, terms.now);
        writes.insert(write.key.clone(), write);
        add_to_row(&mut writes, rollup::addition(observation, &decision, terms));
        if let Observation::Assumption(assumption) = observation
            && decision.outcome == Outcome::Expected
            && let Some(surprise) = recall::surprise(assumption)
        {
            let write = Write {
                key: surprise.clone(),
                expect: Expect::Absent,
                change: Change::Keep,
            };
            writes.insert(surprise, write);
        }
        admissions.push(Admission {
            observation: observation.clone(),
            decision,
            seen: false,
            findings: Vec::new(),
        });
    }
    Some((admissions, writes.into_values().collect()))
}

/// Whether a decision tells nobody anything.
fn is_plain(decision: &Decision) -> bool {
    matches!(decision.outcome, Outcome::Expected | Outcome::Other) && decision.findings.is_empty()
}

fn new_event(key: Key, now: i64) -> Write {
    let change = Change::Put {
        value: String::new(),
        counters: BTreeMap::new(),
        expires: Some(now + keys::EVENT_LIFE),
    };
    Write {
        key,
        expect: Expect::Absent,
        change,
    }
}

/// The row has to be there: it is made by an event that was drafted with care.
fn add_to_row(writes: &mut BTreeMap<Key, Write>, (key, counts): (Key, BTreeMap<String, u64>)) {
    let write = writes.entry(key.clone()).or_insert_with(|| Write {
        key,
        expect: Expect::Present,
        change: Change::Add(BTreeMap::new()),
    });
    if let Change::Add(sum) = &mut write.change {
        for (name, count) in counts {
            *sum.entry(name).or_default() += count;
        }
    }
}
