//! What each step of a replay costs, by itself and on one core.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, anyhow};
use cloudtrail::{ArchiveReader, Limits};
use libdeflater::Decompressor;
use rolewatch::allowlist::compile;
use rolewatch::assumption::Observation;
use rolewatch::detect::decide;
use serde::{Deserialize, Serialize};

use crate::order::{Orderer, Packed};
use crate::random::Random;
use crate::records::Records;
use crate::truth::Truth;

/// Observations that a reader hands over together.
const BATCH: usize = 128;

/// Seconds on one core.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Steps {
    pub(crate) load: f64,
    pub(crate) inflate: f64,
    /// Finding where records are, counting them and telling which to parse.
    pub(crate) search: f64,
    pub(crate) parse: f64,
    pub(crate) judge: f64,
    /// Sorting by identity, then by time.
    pub(crate) order: f64,
}

impl Steps {
    /// The middle of each step's times.
    pub(crate) fn middle(several: &[Self]) -> Self {
        let of = |step: fn(&Self) -> f64| {
            let mut times: Vec<f64> = several.iter().map(step).collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or_default()
        };
        Self {
            load: of(|it| it.load),
            inflate: of(|it| it.inflate),
            search: of(|it| it.search),
            parse: of(|it| it.parse),
            judge: of(|it| it.judge),
            order: of(|it| it.order),
        }
    }
}

/// CPU seconds of this thread so far, which other programs do not lengthen.
fn cpu() -> anyhow::Result<f64> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = times.split(' ').next().context("no times")?;
    Ok(nanoseconds.parse::<f64>()? / 1e9)
}

/// Prints the steps of an archive as JSON.
pub(crate) fn print(folder: &Path) -> anyhow::Result<()> {
    let (load, inflate) = inflate(folder)?;
    let (read, observations) = read(folder)?;
    let parse = parse(observations.len())?;
    let steps = Steps {
        load,
        inflate,
        search: read - load - inflate - parse,
        parse,
        judge: judge(&observations)?,
        order: order(&observations)?,
    };
    println!("{}", serde_json::to_string(&steps)?);
    Ok(())
}

/// Each in a pass of its own: the clock of a thread moves in steps longer than a file takes.
fn inflate(folder: &Path) -> anyhow::Result<(f64, f64)> {
    let files = cloudtrail::walk(&[folder.to_owned()]).files;
    let start = cpu()?;
    for file in files.iter() {
        std::fs::read(&file.path)?;
    }
    let load = cpu()? - start;
    let mut decompressor = Decompressor::new();
    let mut text = vec![0; 16 << 20];
    let start = cpu()?;
    for file in files.iter() {
        let done = decompressor.gzip_decompress(&std::fs::read(&file.path)?, &mut text);
        done.map_err(|error| anyhow!("{error}"))?;
    }
    Ok((load, cpu()? - start - load))
}

fn read(folder: &Path) -> anyhow::Result<(f64, Vec<Observation>)> {
    let mut observations = Vec::new();
    let files = cloudtrail::walk(&[folder.to_owned()]).files;
    let start = cpu()?;
    let mut reader = ArchiveReader::new(Limits::default());
    for file in files.iter() {
        let outcome = reader.assumptions(&file.path, |item| {
            observations.push(Observation::from_item(item));
            ControlFlow::Continue(())
        })?;
        anyhow::ensure!(outcome.complete);
    }
    Ok((cpu()? - start, observations))
}

/// The full parser on as many assumptions.
fn parse(count: usize) -> anyhow::Result<f64> {
    let mut records = Records::new(Random::new(1, 1), 1, 0, 1_000_000);
    let (mut text, mut truth) = ("{\"Records\":[".to_owned(), Truth::default());
    for number in 0..count {
        if number > 0 {
            text.push(',');
        }
        records.write(&mut text, &mut truth);
    }
    text += "]}";
    let mut observations = Vec::new();
    let start = cpu()?;
    let outcome = cloudtrail::read(
        text.as_bytes(),
        &Limits::default(),
        cloudtrail::assumptions,
        |item| {
            observations.push(Observation::from_item(item));
            ControlFlow::Continue(())
        },
    );
    let time = cpu()? - start;
    anyhow::ensure!(outcome.complete && observations.len() == count);
    Ok(time)
}

/// As they come from one thread, in batches, and to the last of them.
fn order(observations: &[Observation]) -> anyhow::Result<f64> {
    let count = observations.len() as u64;
    let start = cpu()?;
    let mut sorter = Orderer::default();
    for batch in observations.chunks(BATCH) {
        let mut packed = Packed::default();
        batch
            .iter()
            .try_for_each(|observation| packed.push(observation))?;
        anyhow::ensure!(packed.len() == batch.len());
        sorter.extend(&packed)?;
    }
    let mut ordered = sorter.finish()?;
    let mut distinct = 0;
    for observation in ordered.by_ref() {
        observation?;
        distinct += 1;
    }
    let time = cpu()? - start;
    anyhow::ensure!(distinct + ordered.duplicates == count);
    Ok(time)
}

fn judge(observations: &[Observation]) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(crate::run::ALLOWLIST)?;
    let (allowlist, _) = compile(&text)
        .ok()
        .context("the sample allowlist has errors")?;
    let start = cpu()?;
    let findings: usize = observations
        .iter()
        .map(|observation| decide(observation, &allowlist).findings.len())
        .sum();
    let time = cpu()? - start;
    anyhow::ensure!(findings > 0);
    Ok(time)
}
