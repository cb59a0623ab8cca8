//! Why an alert came again. The only excuse is that nobody could record that it had come.

use std::collections::{BTreeMap, HashMap};

use super::truth::is_degraded;
use crate::harness::Delivered;

/// What can keep an invocation from recording what it delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Killed,
    StoreFailed,
}

/// How many alerts came again, by why: what befell the delivery before.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    after_lost_answer: u64,
    after_kill: u64,
    after_store_failure: u64,
    pub(super) without_reason: u64,
    /// Findings that were delivered and may not have been recorded as such: if not, they were told
    /// again, or counted in the window of the next of their kind.
    pub(super) unrecorded: u64,
}

impl Repeats {
    pub(super) fn of(delivered: &[Delivered], broken: &BTreeMap<u64, Broken>) -> Self {
        let mut repeats = Self::default();
        let mut last: HashMap<&str, &Delivered> = HashMap::new();
        for delivery in delivered.iter().filter(|it| !is_degraded(&it.alert)) {
            if delivery.answer_lost || broken.contains_key(&delivery.invocation) {
                repeats.unrecorded += 1 + delivery.alert.repeats.unwrap_or_default();
            }
            let Some(before) = last.insert(&delivery.alert.id, delivery) else {
                continue;
            };
            let reason = match broken.get(&before.invocation) {
                _ if before.answer_lost => &mut repeats.after_lost_answer,
                Some(Broken::Killed) => &mut repeats.after_kill,
                Some(Broken::StoreFailed) => &mut repeats.after_store_failure,
                None => &mut repeats.without_reason,
            };
            *reason += 1;
        }
        repeats
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let reasons = [
            (
                self.after_lost_answer,
                "the answer of its delivery was lost",
            ),
            (self.after_kill, "a kill before its delivery was recorded"),
            (
                self.after_store_failure,
                "the store failed to record its delivery",
            ),
            (self.without_reason, "no reason"),
        ];
        let total: u64 = reasons.iter().map(|(times, _)| times).sum();
        let line =
            |(times, why): (u64, &str)| format!("           {times:>8}    because of: {why}");
        let mut lines = vec![format!(
            "           {total:>8}  of them a repeat of one that had arrived"
        )];
        lines.extend(reasons.map(line));
        lines
    }
}
