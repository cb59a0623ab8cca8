//! Running a process and measuring what it took.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

/// Runs its arguments, and prints what they took. A process of its own that is small: a child's
/// memory counts from its parent's.
const SCRIPT: &str = "
import json, resource, subprocess, sys, time
# What started this interpreter may have had children of its own.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
start = time.monotonic()
try:
    child = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=float(sys.argv[1]))
    code, out, err = child.returncode, child.stdout.decode(), child.stderr.decode()
except subprocess.TimeoutExpired:
    code, out, err = None, '', ''
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps(dict(code=code, wall=wall, cpu=used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, kib=used.ru_maxrss, out=out[-4000:], err=err[-1000:])))
";

/// Longer is not waited for.
const SECONDS: u64 = 600;

/// What a process took.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Measured {
    pub(crate) code: Option<i32>,
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds of all cores, in the kernel too.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in KiB.
    pub(crate) kib: u64,
    /// The end of what it printed.
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end.
pub(crate) fn measure(command: &[&str]) -> anyhow::Result<Measured> {
    let output = Command::new("python3")
        .args(["-c", SCRIPT, &SECONDS.to_string()])
        .args(command)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run python3")?;
    if !output.status.success() {
        bail!("cannot run {command:?}");
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The run of several that took the middle of the CPU times.
pub(crate) fn median(mut runs: Vec<Measured>) -> Option<Measured> {
    runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    let middle = runs.len() / 2;
    runs.into_iter().nth(middle)
}
