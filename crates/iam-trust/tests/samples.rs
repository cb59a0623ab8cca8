//! The samples: what each policy is told, and that every check has one that fires.

#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use iam_trust::{ALL, Lint, Options, Policy, Role, Severity, evaluate, lint, read};

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../samples/trust")
        .join(name)
}

/// The samples of a folder: name and text.
fn samples(name: &str) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder(name)).unwrap();
    files
        .map(|file| file.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn options() -> Options {
    Options {
        max_session: Some(900),
        ..Options::default()
    }
}

fn lints(text: &str) -> Vec<(Role, Lint)> {
    let roles = read(text).unwrap().roles;
    let each = roles.into_iter().flat_map(|role| {
        let lints = lint(&role, &options());
        lints.into_iter().map(move |lint| (role.clone(), lint))
    });
    each.collect()
}

#[test]
fn bad_samples_are_told_what_is_wrong() {
    let mut table = String::new();
    for (name, text) in samples("bad") {
        let found: BTreeSet<String> = lints(&text)
            .iter()
            .filter(|(_, lint)| lint.severity > Severity::Info)
            .map(|(_, lint)| format!("{} {:?}", lint.check, lint.severity).to_lowercase())
            .collect();
        let found: Vec<String> = found.into_iter().collect();
        writeln!(table, "{name}: {}", found.join(", ")).unwrap();
    }
    let path = folder("expected.txt");
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        table == expected,
        "samples/trust/expected.txt differs from:\n{table}"
    );
}
#[test]
fn good_samples_are_quiet_above_info() {
    for (name, text) in samples("good") {
        for (_, lint) in lints(&text) {
            let quiet = lint.severity == Severity::Info || lint.check == "trust-long-session";
            assert!(quiet, "{name}: {lint:#?}");
        }
    }
}
#[test]
fn every_witness_verifies_and_every_fix_cures() {
    for (name, text) in samples("bad").into_iter().chain(samples("good")) {
        for (role, lint) in lints(&text) {
            let Some(witness) = &lint.witness else {
                assert!(
                    lint.fix.is_none()
                        || lint.check == "trust-vacuous-operator"
                        || lint.check == "trust-unknown-claim"
                        || lint.message.ends_with("remove it"),
                    "{name}: {lint:?}"
                );
                continue;
            };
            let verdict = evaluate(&role.policy, &witness.request);
            assert_eq!(verdict.allowed, witness.admitted, "{name}: {lint:#?}");
            let Some(fix) = &lint.fix else { continue };
            if let Ok(fixed) = Policy::parse(&fix.policy) {
                assert_ne!(
                    evaluate(&fixed, &witness.request).allowed,
                    witness.admitted,
                    "{name}"
                );
            }
            let file = role.replace_policy(&text, &fix.policy).unwrap();
            let again = read(&file).unwrap();
            assert_eq!(
                again.roles.len(),
                read(&text).unwrap().roles.len(),
                "{name}"
            );
        }
    }
}
#[test]
fn the_registry_is_complete() {
    let ids: BTreeSet<&str> = ALL.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), ALL.len());
    let (good, bad) = (samples("good"), samples("bad"));
    let fired: BTreeSet<&str> = bad
        .values()
        .chain(good.values())
        .flat_map(|text| lints(text))
        .map(|(_, l)| l.check)
        .collect();
    for check in ALL {
        let id = check.id;
        assert!(id.starts_with("trust-"), "{id}");
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{id}"
        );
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/lints");
        assert!(
            source.join(format!("{}.rs", id.replace('-', "_"))).exists(),
            "{id}"
        );
        let page = std::fs::read_to_string(source.join(format!("{id}.md"))).unwrap();
        assert_eq!(page, check.explanation, "{id}");
        let headings: Vec<&str> = page.lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {id}");
        assert_eq!(
            headings,
            [
                &*title,
                "## What it does",
                "## Why it matters",
                "## Example",
                "## What to do"
            ]
        );
        assert!(fired.contains(id), "no sample fires {id}");
        let quiet = |text: &&String| lints(text).iter().all(|(_, lint)| lint.check != id);
        assert!(
            good.values().any(|text| quiet(&text)),
            "no sample is quiet about {id}"
        );
    }
    let pages =
        std::fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/lints")).unwrap();
    let pages = pages.filter(|page| {
        page.as_ref()
            .unwrap()
            .path()
            .extension()
            .is_some_and(|e| e == "md")
    });
    assert_eq!(pages.count(), ALL.len());
}
