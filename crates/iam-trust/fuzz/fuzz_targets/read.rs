//! Any text is read or refused; what was read is linted, and each witness comes out as claimed.

#![no_main]

#[path = "../../tests/fuzzed/read.rs"]
mod read;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| read::run(text));
