//! Probes as JSON, one object a line (`rolewatch.probe/1`), and a summary (`rolewatch.doctor/1`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use rolewatch::doctor::{Probe, Status};
use serde::Serialize;

use crate::lints::line;

#[derive(Serialize)]
struct ProbeLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    #[serde(flatten)]
    probe: &'a Probe,
}

#[derive(Serialize)]
struct SummaryLine {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    probes: BTreeMap<&'static str, usize>,
}

pub(super) fn write(out: &mut impl Write, probes: &[Probe]) -> io::Result<()> {
    for probe in probes {
        let shown = ProbeLine {
            r#type: "probe",
            schema: "rolewatch.probe/1",
            probe,
        };
        line(out, &shown)?;
    }
    let mut counts = BTreeMap::new();
    for probe in probes {
        *counts.entry(probe.status.as_str()).or_default() += 1;
    }
    let has = |status: Status| counts.contains_key(status.as_str());
    let status = if has(Status::Skipped) {
        "incomplete"
    } else if has(Status::Fail) {
        "findings"
    } else {
        "clean"
    };
    let summary = SummaryLine {
        r#type: "summary",
        schema: "rolewatch.doctor/1",
        status,
        probes: counts,
    };
    line(out, &summary)
}
