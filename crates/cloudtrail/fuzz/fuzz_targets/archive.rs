//! The archive's reader against the full parser. What is asserted is the tests', which run it
//! over a few inputs wherever they run.

#![no_main]

#[path = "../../tests/fuzzed/archive.rs"]
mod archive;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| archive::run(input));
