//! Every sample record, judged by the sample allowlist: exactly the outcome that it is named
//! for, and nothing else.

#![expect(
    clippy::unwrap_used,
    reason = "a sample that cannot be read fails its test"
)]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::Observation;
use rolewatch::checks;
use rolewatch::detect::{Decision, Outcome, decide};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

fn allowlist() -> Allowlist {
    let text = std::fs::read_to_string(samples().join("allowlist.toml")).unwrap();
    compile(&text).unwrap().0
}

/// None where the record is not of AssumeRoleWithWebIdentity.
fn judge(path: &Path, allowlist: &Allowlist) -> Option<Decision> {
    let json = std::fs::read(path).unwrap();
    let record: cloudtrail::Record = serde_json::from_slice(&json).unwrap();
    record
        .is_assume_role_with_web_identity()
        .then(|| decide(&Observation::from_record(record, "00"), allowlist))
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

#[test]
fn every_record_has_the_outcome_it_is_named_for() {
    let allowlist = allowlist();
    let truth = std::fs::read(samples().join("records-truth.json")).unwrap();
    let truth: BTreeMap<String, String> = serde_json::from_slice(&truth).unwrap();
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
fn every_check_has_a_sample_that_fires_and_one_that_stays_quiet() {
    let allowlist = allowlist();
    for check in checks::ALL {
        let folder = samples().join("records").join(check.id);
        let mut kinds = HashSet::new();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let complains = judge(&path, &allowlist)
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
