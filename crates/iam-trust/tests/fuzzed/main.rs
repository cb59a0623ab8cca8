//! What the fuzz targets assert, over the samples and small changes of them: so it is built and
//! holds wherever the tests run, without the C++ compiler that a fuzzer needs.

#![allow(clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "the fuzz targets include the modules")]

mod read;
mod workflow;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Cases for each sample.
const CASES: u32 = 12;

/// The texts in a folder of samples and those below it.
fn texts(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("samples") {
        let path = entry.expect("samples").path();
        if path.is_dir() {
            texts.extend(self::texts(&path));
        } else {
            texts.push(fs::read_to_string(&path).expect("samples are text"));
        }
    }
    assert!(!texts.is_empty());
    texts
}

/// Runs a target over each text as it is, cut off, and with some characters changed.
fn run_over(folder: &str, run: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let characters = prop::sample::select(vec!["", "\"", "{", "]", ":", "\n", " ", "*", "- ", "ü"]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), characters), 0..3);
    let cut = prop::option::weighted(0.2, any::<prop::sample::Index>());
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    for text in texts(&folder) {
        run(&text);
        TestRunner::new(config.clone())
            .run(&(&changes, &cut), |(changes, cut)| {
                run(&changed(&text, &changes, cut));
                Ok(())
            })
            .expect("it holds");
    }
}

fn changed(
    text: &str,
    changes: &[(prop::sample::Index, &str)],
    cut: Option<prop::sample::Index>,
) -> String {
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    for (at, other) in changes {
        let at = at.index(characters.len().max(1));
        if let Some(character) = characters.get_mut(at) {
            (*other).clone_into(character);
        }
    }
    let end = cut.map_or(characters.len(), |cut| cut.index(characters.len() + 1));
    characters[..end].concat()
}

#[test]
fn policies() {
    run_over("../../samples/trust", read::run);
}

#[test]
fn workflows() {
    run_over("../../samples/workflows", workflow::run);
}
