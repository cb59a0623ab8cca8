//! SARIF as OASIS's schema has it, and as GitHub code scanning needs it.

use serde_json::Value;

use crate::{sample, samples, snapshot, trust};

fn sarif(files: &str) -> Value {
    let run = trust(&format!("lint --format sarif {files}")).run();
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn it_is_valid_by_the_schema() {
    let schema = rolewatch_tests::sarif_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let all = samples().join(" ");
    for files in [
        &*all,
        &sample("good/both-forms"),
        "no-such-file",
        "Makefile",
    ] {
        let log = sarif(files);
        let errors: Vec<String> = schema.iter_errors(&log).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{files}: {errors:?}");
    }
    // The schema does tell right from wrong.
    let mut wrong = sarif(&sample("bad/owner-prefix"));
    wrong["runs"][0]["results"][0]["level"] = "grave".into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn it_has_what_code_scanning_shows() {
    let log = sarif(&samples().join(" "));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .unwrap()
                .starts_with("# trust-")
        );
        let score: f64 = rule["properties"]["security-severity"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(score > 0.0 && score <= 10.0);
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 40);
    let mut fingerprints = std::collections::BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("samples/trust/"), "{uri}");
        assert!(location["region"]["startLine"].as_u64() >= Some(1));
        let print = result["partialFingerprints"]["primaryLocationLineHash"]
            .as_str()
            .unwrap();
        assert!(fingerprints.insert(print), "{print}");
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn one_result_in_full() {
    let mut log = sarif(&sample("bad/owner-prefix"));
    let driver = &mut log["runs"][0]["tool"]["driver"];
    driver["semanticVersion"] = "[VERSION]".into();
    driver["rules"].as_array_mut().unwrap().truncate(1);
    snapshot!("lint-sarif", serde_json::to_string_pretty(&log).unwrap());
}

#[test]
fn what_could_not_be_read_is_in_it() {
    let log = sarif("Makefile no-such-file");
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(told.len(), 2);
}
