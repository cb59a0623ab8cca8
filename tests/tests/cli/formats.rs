//! A replay as documents for others: Slack, OCSF, SARIF.

use std::collections::{BTreeMap, BTreeSet};

use rolewatch_tests::{Run, rolewatch};
use serde_json::Value;

use crate::snapshot;

fn replay(format: &str, source: &str) -> Run {
    rolewatch(&format!(
        "replay --quiet --allowlist samples/allowlist.toml --state :memory: --fail-on info \
         --format {format} {source}"
    ))
    .run()
}

fn lines(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The same number of findings in every form, in the same order.
#[test]
fn every_finding_of_the_archive_is_there() {
    let findings = replay("json", "samples/archive").exits(1);
    let findings: Vec<Value> = lines(&findings)
        .into_iter()
        .filter(|line| line["type"] == "finding")
        .collect();
    let ocsf = lines(&replay("ocsf", "samples/archive").exits(1));
    let slack = lines(&replay("slack", "samples/archive").exits(1));
    let sarif = lines(&replay("sarif", "samples/archive").exits(1)).remove(0);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert_eq!(
        (findings.len(), findings.len(), findings.len()),
        (ocsf.len(), slack.len(), results.len())
    );
    for ((finding, ocsf), result) in findings.iter().zip(&ocsf).zip(results) {
        assert_eq!(finding["id"], ocsf["finding_info"]["uid"]);
        assert_eq!(finding["check"], result["ruleId"]);
    }
}

#[test]
fn ocsf_is_valid_by_the_schema() {
    let schema = jsonschema::validator_for(&rolewatch_tests::ocsf_schema()).unwrap();
    let run = replay("ocsf", "samples/records samples/archive").exits(1);
    let mut findings = lines(&run);
    assert!(findings.len() > 60, "{}", findings.len());
    for finding in &findings {
        let errors: Vec<String> = schema
            .iter_errors(finding)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{finding}: {errors:?}");
    }
    // The schema does tell right from wrong.
    let mut wrong = findings.remove(0);
    wrong["severity_id"] = 7.into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn sarif_is_valid_by_the_schema() {
    let schema = rolewatch_tests::sarif_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for source in ["samples/archive", "samples/records", "no-such-file"] {
        let log = lines(&replay("sarif", source)).remove(0);
        let errors: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{source}: {errors:?}");
    }
}

#[test]
fn one_record_as_sarif() {
    let source = "samples/records/unlisted-context/fires-branch.json";
    let mut log = lines(&replay("sarif", source).exits(1)).remove(0);
    // The rules are the checks' pages, which are shown elsewhere.
    log["runs"][0]["tool"]["driver"]["rules"] = Value::Null;
    snapshot!("replay-sarif", serde_json::to_string_pretty(&log).unwrap());
}

/// One result of each check that a replay can find; the others are about no record.
#[test]
fn every_check_as_sarif() {
    let log = lines(&replay("sarif", "samples/records").exits(1)).remove(0);
    let run = &log["runs"][0];
    let mut first: BTreeMap<&str, &Value> = BTreeMap::new();
    for result in run["results"].as_array().unwrap() {
        first
            .entry(result["ruleId"].as_str().unwrap())
            .or_insert(result);
    }
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let rules: BTreeSet<&str> = rules.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(first.keys().copied().collect::<BTreeSet<_>>(), rules);
    snapshot!(
        "replay-sarif-checks",
        serde_json::to_string_pretty(&first).unwrap()
    );
}
