//! What is in an item, each part of it tried: one that makes the judging panic is reported as
//! unreadable, and never fails its batch. What memory adds to the judging is not tried here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Item;
use crate::allowlist::Allowlist;
use crate::assumption::Observation;
use crate::detect::decide;

const DEFECT: &str = "judging it failed, by a defect of rolewatch";

/// Reads an item, and tries to judge what is in it.
pub(super) fn observe(item: &Item, allowlist: &Allowlist) -> Vec<Observation> {
    tried(item, |observation| drop(decide(observation, allowlist)))
}

fn tried(item: &Item, judge: impl Fn(&Observation)) -> Vec<Observation> {
    let read = catch_unwind(AssertUnwindSafe(|| item.observations()));
    let observations = read.unwrap_or_else(|_| vec![item.unreadable(DEFECT)]);
    let judgeable =
        |observation: Observation| match catch_unwind(AssertUnwindSafe(|| judge(&observation))) {
            Ok(()) => observation,
            Err(_) => observation.unjudgeable(DEFECT),
        };
    observations.into_iter().map(judgeable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_panics_is_a_finding_and_the_others_are_judged() {
        let record = |id: &str| {
            let text =
                include_str!("../../../../samples/records/unlisted-context/fires-branch.json");
            let mut record: serde_json::Value = serde_json::from_str(text).unwrap();
            record["eventID"] = id.into();
            record
        };
        let item = Item {
            id: "1".into(),
            body:
                serde_json::json!({"Records": [record("good"), record("bad"), record("also-good")]})
                    .to_string()
                    .into_bytes(),
        };
        let observations = tried(&item, |observation| {
            assert_ne!(observation.identity(), "bad", "as a defect would");
        });
        let checks: Vec<(&str, Vec<&str>)> = observations
            .iter()
            .map(|observation| {
                let decision = decide(observation, &Allowlist::empty());
                let checks = decision.findings.iter().map(|finding| finding.check.id);
                (observation.identity(), checks.collect())
            })
            .collect();
        let [good, bad, also_good] = &checks[..] else {
            panic!("{checks:?}");
        };
        assert_eq!((good.0, also_good.0), ("good", "also-good"));
        assert_eq!(good.1, also_good.1);
        assert_ne!(good.1, ["unreadable-record"]);
        assert_eq!(*bad, ("bad", vec!["unreadable-record"]));
    }
}
