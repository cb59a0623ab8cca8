//! Every sample record, judged by the sample allowlist, without memory and with it: exactly the
//! outcome that it is named for, and nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "a sample that cannot be read fails its test"
)]

mod about_itself;
mod judging;
mod renderings;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::checks;
use rolewatch::detect::{Decision, Outcome};

use crate::judging::{allowlist, before, judge, judge_remembering, samples};

fn truth(file: &str) -> BTreeMap<String, String> {
    serde_json::from_slice(&std::fs::read(samples().join(file)).unwrap()).unwrap()
}

fn outcome(decision: Option<&Decision>) -> String {
    match decision {
        None => "none".into(),
        Some(decision) if decision.findings.is_empty() => decision.outcome.as_str().into(),
        Some(decision) => decision
            .findings
            .iter()
            .map(|it| it.check.id)
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn assert_outcomes(file: &str, judge: fn(&Path, &Allowlist) -> Option<Decision>) {
    let allowlist = allowlist();
    let truth = truth(file);
    assert!(truth.len() > 100, "{} records", truth.len());
    let mut wrong = Vec::new();
    for (path, wanted) in truth {
        let got = outcome(judge(&samples().join(&path), &allowlist).as_ref());
        if got != wanted {
            wrong.push(format!("{path}: {got}, not {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_record_has_the_outcome_it_is_named_for() {
    assert_outcomes("records-truth.json", judge);
}

#[test]
fn every_record_has_its_outcome_after_what_came_before_it() {
    assert_outcomes("memory-truth.json", judge_remembering);
}

#[test]
fn both_truths_are_of_the_same_records_and_each_before_is_of_one() {
    let paths: BTreeSet<String> = truth("memory-truth.json").into_keys().collect();
    let by_themselves: BTreeSet<String> = truth("records-truth.json").into_keys().collect();
    assert_eq!(paths, by_themselves);
    let preceded = paths
        .iter()
        .map(|path| before(&samples().join(path)))
        .filter(|before| before.exists())
        .count();
    let mut files = 0;
    for folder in std::fs::read_dir(samples().join("before")).unwrap() {
        files += std::fs::read_dir(folder.unwrap().path()).unwrap().count();
    }
    assert_eq!(preceded, files, "a file of none");
}

#[test]
fn every_check_has_a_sample_that_fires_and_one_that_stays_quiet() {
    let allowlist = allowlist();
    for check in checks::ALL {
        let folder = samples().join("records").join(check.id);
        let mut kinds = HashSet::new();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let complains = judge_remembering(&path, &allowlist)
                .is_some_and(|decision| decision.findings.iter().any(|it| it.check.id == check.id));
            assert_eq!(complains, name.starts_with("fires-"), "{}", path.display());
            kinds.insert(complains);
        }
        assert_eq!(kinds.len(), 2, "{} has both", check.id);
    }
}

#[test]
fn a_suggestion_pasted_into_the_file_settles_the_finding() {
    let text = std::fs::read_to_string(samples().join("allowlist.toml")).unwrap();
    let allowlist = allowlist();
    let mut suggested = HashSet::new();
    for check in checks::ALL {
        let folder = samples().join("records").join(check.id);
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let Some(decision) = judge(&path, &allowlist) else {
                continue;
            };
            for finding in &decision.findings {
                let Some(suggestion) = &finding.suggestion else {
                    continue;
                };
                suggested.insert(finding.check.id);
                let (pasted, _) = compile(&format!("{text}\n{suggestion}")).unwrap();
                let again = judge(&path, &pasted).unwrap();
                assert_eq!(again.outcome, Outcome::Expected, "{}", path.display());
            }
        }
    }
    let mut suggested: Vec<_> = suggested.into_iter().collect();
    suggested.sort_unstable();
    assert_eq!(
        suggested,
        [
            "session-too-long",
            "unlisted-context",
            "unlisted-repository",
            "unlisted-role",
            "unlisted-subject"
        ]
    );
}
