//! Where and when it was measured.

use std::fs;

/// The machine in a few words, without its name.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&cpuinfo, "model name").unwrap_or("unknown processor");
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = field(&memory, "MemTotal")
        .and_then(|text| text.split(' ').next())
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or_default();
    format!(
        "{cores} cores of {model}, {} GiB of memory, {} {}",
        kib >> 20,
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// How many processes wanted a core in the last minute; over the number of cores somebody else
/// works too, and only ratios mean something.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}
