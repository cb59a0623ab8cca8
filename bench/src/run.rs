//! One run of everything: each contender in turn, round by round, so that what disturbs one
//! disturbs its neighbours too.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::archives::{Archive, PLANS};
use crate::measure::{Measured, measure, median};
use crate::page::{Page, Row};
use crate::report::section::{put_into, section};
use crate::rivals::RIVALS;
use crate::steps::Steps;
use crate::truth::Truth;

/// Contenders that the targets are about.
pub(crate) const LIBDEFLATE: &str = "libdeflate, decompressing only";
pub(crate) const ROLEWATCH: &str = "**rolewatch replay**";

/// How often each step is measured.
const STEPS: usize = 3;

/// What the archives are judged by, from the root of the repository.
pub(crate) const ALLOWLIST: &str = "samples/allowlist.toml";

/// Where the results are kept.
const PAGE: &str = "docs/benchmarks.md";

/// Measures all, prints the page, and keeps it if the archives have their full size.
pub(crate) fn run() -> anyhow::Result<()> {
    let percent = number("ROLEWATCH_BENCH_PERCENT", 100)?;
    let rounds = number("ROLEWATCH_BENCH_ROUNDS", 5)?;
    // Built beside this program; the archives are kept beside both, where nothing is tracked.
    let this = std::env::current_exe()?;
    let rolewatch = this.with_file_name("rolewatch");
    let folder = this.with_file_name("bench-archives");
    let (rolewatch, this) = (text(&rolewatch)?, text(&this)?);
    let mut page = Page::new(percent, rounds);
    for plan in PLANS {
        let archive = plan.archive(&folder, percent)?;
        let source = text(&archive.folder)?;
        let replay = replay(rolewatch, source);
        eprintln!("measuring {}", plan.name);
        let contenders = [
            (LIBDEFLATE, vec![this, "libdeflate", source]),
            (ROLEWATCH, replay.clone()),
            ("zlib-rs, decompressing only", vec![this, "zlib-rs", source]),
        ];
        let mut rows = in_turn(&contenders, rounds, &archive)?;
        if plan.name == "s3" {
            rows.extend(rivals(source, &archive.truth)?);
            page.steps(steps(this, source, replay, &archive)?);
            page.start(start(rolewatch, rounds)?);
        }
        page.table(plan, &archive, rows);
    }
    let page = put_into(&page.finish(), &section(this)?);
    print!("{page}");
    if percent == 100 {
        std::fs::write(PAGE, page)?;
    } else {
        eprintln!("{PAGE} is left as it is: the archives are smaller than theirs");
    }
    Ok(())
}

/// Measures the report alone, and keeps that in the page beside what it has.
pub(crate) fn report_alone() -> anyhow::Result<()> {
    let this = std::env::current_exe()?;
    let section = section(text(&this)?)?;
    print!("{section}");
    let page = std::fs::read_to_string(PAGE)?;
    std::fs::write(PAGE, put_into(&page, &section))?;
    Ok(())
}

/// The command that is measured.
fn replay<'a>(rolewatch: &'a str, source: &'a str) -> Vec<&'a str> {
    let options = "replay --quiet --format json --allowlist";
    let command = [rolewatch].into_iter().chain(options.split(' '));
    command.chain([ALLOWLIST, source]).collect()
}

/// Measures each contender in each round, and holds what it says against the truth.
fn in_turn(
    contenders: &[(&str, Vec<&str>)],
    rounds: u64,
    archive: &Archive,
) -> anyhow::Result<Vec<Row>> {
    let mut runs = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for ((name, command), runs) in contenders.iter().zip(&mut runs) {
            let run = measure(command)?;
            verify(name, &run, archive)?;
            runs.push(run);
        }
    }
    let measured = contenders.iter().zip(runs);
    measured
        .map(|((name, _), runs)| Ok(Row::measured(name, median(runs).context("no rounds")?)))
        .collect()
}

fn number(name: &str, default: u64) -> anyhow::Result<u64> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} is not a number: {text}")),
        Err(_) => Ok(default),
    }
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path is not text")
}

/// Holds what a contender said against what the archive holds.
fn verify(name: &str, run: &Measured, archive: &Archive) -> anyhow::Result<()> {
    if !name.contains("rolewatch") {
        ensure!(
            run.out.trim() == archive.json.to_string(),
            "{name}: {} {}",
            run.out,
            run.err
        );
        return Ok(());
    }
    let Some(line) = run.out.lines().last() else {
        bail!("{name} printed nothing: {}", run.err);
    };
    let summary: Value = serde_json::from_str(line)?;
    let count = |field: &str| summary[field].as_u64().unwrap_or(u64::MAX);
    let found = Truth {
        records: count("records"),
        assumptions: count("assumptions"),
        expected: count("expected"),
        unexpected: count("unexpected"),
        denied: count("denied"),
        other: count("other"),
    };
    ensure!(
        found == archive.truth,
        "{found:?} is not {:?}",
        archive.truth
    );
    ensure!(
        summary["inputs"]["files"] == archive.files && run.code == Some(1),
        "{line}"
    );
    Ok(())
}

/// Each once: what takes minutes is not far off in a second run.
fn rivals(source: &str, truth: &Truth) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for rival in RIVALS {
        let Some(version) = rival.version() else {
            rows.push(Row::absent(rival.name));
            continue;
        };
        eprintln!("measuring {}", rival.name);
        let run = measure(&["bash", "-c", rival.script, "bash", source])?;
        let right = !rival.counts || run.out.trim() == truth.assumptions.to_string();
        let fault = match run.code {
            None => Some("stopped after 600 s"),
            Some(0) if right => None,
            Some(0) => Some("a wrong answer"),
            Some(_) => Some("failed"),
        };
        if let Some(fault) = fault {
            eprintln!("{}: {fault}: {}{}", rival.name, run.out, run.err);
        }
        let note = fault.map_or_else(|| version.clone(), |fault| format!("{version}: {fault}"));
        rows.push(Row::noted(rival.name, run, note));
    }
    Ok(rows)
}

/// The steps, and all of them together, on one core.
fn steps(
    this: &str,
    source: &str,
    mut replay: Vec<&str>,
    archive: &Archive,
) -> anyhow::Result<(Steps, f64)> {
    replay.extend(["--threads", "1"]);
    let (mut steps, mut wholes): (Vec<Steps>, Vec<Measured>) = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        let run = measure(&[this, "steps", source])?;
        steps.push(serde_json::from_str(&run.out).with_context(|| run.err.clone())?);
        let whole = measure(&replay)?;
        verify(ROLEWATCH, &whole, archive)?;
        wholes.push(whole);
    }
    let whole = median(wholes).context("no rounds")?;
    Ok((Steps::middle(&steps), whole.cpu))
}

/// Start-up: the whole of a process that checks an allowlist.
fn start(rolewatch: &str, rounds: u64) -> anyhow::Result<Measured> {
    let runs: anyhow::Result<Vec<_>> = (0..rounds.max(5))
        .map(|_| measure(&[rolewatch, "allowlist", "check", ALLOWLIST]))
        .collect();
    median(runs?).context("no rounds")
}
