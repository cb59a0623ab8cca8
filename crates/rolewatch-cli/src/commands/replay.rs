//! `rolewatch replay`: the pipeline over stored logs.

mod judge;
mod print;
mod sarif;

use anyhow::bail;
use rolewatch::allowlist::Allowlist;
use rolewatch::assumption::Observation;
use rolewatch::detect::decide;
use rolewatch::finding::Severity;
use rolewatch::rendering::explanation::explain;
use rolewatch::tally::Tally;

use self::judge::{Judge, Memory};
use self::print::Printer;
use crate::args::ReplayArgs;
use crate::diagnostics::load_or_complain;
use crate::output::{Exit, Reader, stdout};
use crate::reading::{Inputs, Ordered, read_all};

/// Events that are judged together.
const BATCH: usize = 250;

pub(crate) fn run(args: &ReplayArgs, quiet: bool) -> anyhow::Result<Exit> {
    let Some(allowlist) = load_or_complain(&args.allowlist, quiet)? else {
        return Ok(Exit::CouldNotRun);
    };
    let (ordered, inputs) = read_all(&args.from.sources, &args.from.reading(quiet)?)?;
    match &args.explain {
        Some(event_id) => explain_event(args, event_id, ordered, &inputs, &allowlist),
        None => judge_all(args, ordered, &inputs, &allowlist),
    }
}

fn judge_all(
    args: &ReplayArgs,
    mut ordered: Ordered,
    inputs: &Inputs,
    allowlist: &Allowlist,
) -> anyhow::Result<Exit> {
    let mut printer = Printer::new(args.format, &args.allowlist);
    let mut tally = Tally {
        duplicates: ordered.duplicates,
        ..Tally::default()
    };
    let memory = Memory::open(args.state.as_deref())?;
    let judge = Judge::new(&memory, allowlist);
    loop {
        let batch: Vec<Observation> = ordered.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        for decision in judge.decide(batch)? {
            let Some(decision) = decision else {
                tally.duplicates += 1;
                continue;
            };
            tally.add(&decision);
            for finding in &decision.findings {
                printer.finding(finding)?;
            }
        }
    }
    if printer.summary(&tally, inputs, allowlist)? == Reader::Listened {
        memory.keep()?;
    }
    Ok(exit(args, tally.worst, inputs))
}

fn exit(args: &ReplayArgs, worst: Option<Severity>, inputs: &Inputs) -> Exit {
    if !inputs.failed.is_empty() {
        Exit::CouldNotRun
    } else if worst.is_some_and(|worst| worst >= args.fail_on) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

fn explain_event(
    args: &ReplayArgs,
    event_id: &str,
    ordered: Ordered,
    inputs: &Inputs,
    allowlist: &Allowlist,
) -> anyhow::Result<Exit> {
    use std::io::Write;
    let mut out = stdout();
    let (mut found, mut worst) = (false, None);
    for observation in ordered {
        let observation: Observation = observation?;
        if observation.identity() != event_id {
            continue;
        }
        write!(out, "{}", explain(&observation, allowlist))?;
        found = true;
        let findings = decide(&observation, allowlist).findings;
        worst = worst.max(findings.iter().map(|it| it.check.severity).max());
    }
    out.flush()?;
    if !found {
        bail!(
            "no AssumeRoleWithWebIdentity event has the id {event_id}, among {} records",
            inputs.records
        );
    }
    Ok(exit(args, worst, inputs))
}
