//! `rolewatch replay`: the pipeline over stored logs.

mod judge;
mod print;
mod sarif;

use anyhow::bail;
use rolewatch::allowlist::Allowlist;
use rolewatch::assumption::Observation;
use rolewatch::detect::decide;
use rolewatch::rendering::explanation::explain;
use rolewatch::tally::Tally;

use self::judge::Judge;
use self::print::Printer;
use crate::args::ReplayArgs;
use crate::diagnostics::load_or_complain;
use crate::output::{Exit, stdout};
use crate::reading::{Inputs, Ordered, read_all};

/// Events that are judged together.
const BATCH: usize = 250;

pub(crate) fn run(args: &ReplayArgs, quiet: bool) -> anyhow::Result<Exit> {
    let Some(allowlist) = load_or_complain(&args.allowlist, quiet)? else {
        return Ok(Exit::CouldNotRun);
    };
    let (ordered, inputs) = read_all(&args.from.sources, &args.from.reading(quiet)?)?;
    match &args.explain {
        Some(event_id) => explain_event(event_id, ordered, &inputs, &allowlist),
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
    let judge = Judge::new(args.state.as_deref(), allowlist)?;
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
    printer.summary(&tally, inputs, allowlist)?;
    Ok(if !inputs.failed.is_empty() {
        Exit::CouldNotRun
    } else if tally.worst.is_some_and(|worst| worst >= args.fail_on) {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn explain_event(
    event_id: &str,
    ordered: Ordered,
    inputs: &Inputs,
    allowlist: &Allowlist,
) -> anyhow::Result<Exit> {
    use std::io::Write;
    let mut out = stdout();
    let mut exit = None;
    for observation in ordered {
        let observation: Observation = observation?;
        if observation.identity() != event_id {
            continue;
        }
        write!(out, "{}", explain(&observation, allowlist))?;
        let clean = decide(&observation, allowlist).findings.is_empty();
        exit = Some(if clean { Exit::Clean } else { Exit::Findings });
    }
    out.flush()?;
    match exit {
        Some(_) if !inputs.failed.is_empty() => Ok(Exit::CouldNotRun),
        Some(exit) => Ok(exit),
        None => bail!(
            "no AssumeRoleWithWebIdentity event has the id {event_id}, among {} records",
            inputs.records
        ),
    }
}
