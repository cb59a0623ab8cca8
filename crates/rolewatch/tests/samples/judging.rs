//! A sample record, judged.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rolewatch::allowlist::{Allowlist, compile};
use rolewatch::assumption::Observation;
use rolewatch::detect::{Decision, decide};
use rolewatch::store::{Ledger, MemoryTable, Store, Windows};

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples")
}

pub(crate) fn allowlist() -> Allowlist {
    let text = std::fs::read_to_string(samples().join("allowlist.toml")).unwrap();
    compile(&text).unwrap().0
}

/// None where the record is not of AssumeRoleWithWebIdentity.
fn observe(json: &str) -> Option<Observation> {
    let record: cloudtrail::Record = serde_json::from_str(json).unwrap();
    record
        .is_assume_role_with_web_identity()
        .then(|| Observation::from_record(record, "00"))
}

pub(crate) fn judge(path: &Path, allowlist: &Allowlist) -> Option<Decision> {
    let observation = observe(&std::fs::read_to_string(path).unwrap())?;
    Some(decide(&observation, allowlist))
}

/// The file with what came before the record at this path, if anything did.
pub(crate) fn before(path: &Path) -> PathBuf {
    let below = path.strip_prefix(samples().join("records")).unwrap();
    samples().join("before").join(below).with_extension("jsonl")
}

/// With memory of what came before the record, each taken in at its own time.
pub(crate) fn judge_remembering(path: &Path, allowlist: &Allowlist) -> Option<Decision> {
    let ledger = Ledger::new(MemoryTable::default(), Windows::default());
    if let Ok(earlier) = std::fs::read_to_string(before(path)) {
        for line in earlier.lines() {
            admit(&ledger, observe(line).unwrap(), allowlist);
        }
    }
    let observation = observe(&std::fs::read_to_string(path).unwrap())?;
    Some(admit(&ledger, observation, allowlist))
}

fn admit(
    ledger: &Ledger<MemoryTable>,
    observation: Observation,
    allowlist: &Allowlist,
) -> Decision {
    let now = observation.time().unwrap_or_default();
    let mut admissions = block_on(ledger.admit(vec![observation], allowlist, now)).unwrap();
    let admission = admissions.remove(0);
    assert!(!admission.seen, "an event id stands twice");
    admission.decision
}

/// Nothing here ever waits.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("memory does not wait"),
    }
}
