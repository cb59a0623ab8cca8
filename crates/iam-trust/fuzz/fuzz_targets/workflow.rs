//! Any text is a workflow or refused, and every complaint has its place in the text.

#![no_main]

#[path = "../../tests/fuzzed/workflow.rs"]
mod workflow;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| workflow::run(text));
