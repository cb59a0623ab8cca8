//! What each step of a replay costs, by itself and on one core.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, anyhow};
use cloudtrail::{ArchiveReader, Limits};
use libdeflater::Decompressor;
use rolewatch::allowlist::compile;
use rolewatch::assumption::Observation;
use rolewatch::detect::decide;
use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::records::Records;
use crate::truth::Truth;

/// Seconds on one core.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Steps {
    pub(crate) load: f64,
    pub(crate) inflate: f64,
    /// Finding where records are, counting them and telling which to parse.
    pub(crate) search: f64,
    pub(crate) parse: f64,
    pub(crate) judge: f64,
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
    };
    println!("{}", serde_json::to_string(&steps)?);
    Ok(())
}

fn inflate(folder: &Path) -> anyhow::Result<(f64, f64)> {
    let mut decompressor = Decompressor::new();
    let mut text = vec![0; 16 << 20];
    let (mut load, mut inflate) = (0.0, 0.0);
    for file in cloudtrail::walk(&[folder.to_owned()]).files {
        let start = Instant::now();
        let stored = std::fs::read(&file.path)?;
        load += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let done = decompressor.gzip_decompress(&stored, &mut text);
        done.map_err(|error| anyhow!("{error}"))?;
        inflate += start.elapsed().as_secs_f64();
    }
    Ok((load, inflate))
}

fn read(folder: &Path) -> anyhow::Result<(f64, Vec<Observation>)> {
    let mut observations = Vec::new();
    let files = cloudtrail::walk(&[folder.to_owned()]).files;
    let start = Instant::now();
    let mut reader = ArchiveReader::new(Limits::default());
    for file in files {
        let outcome = reader.assumptions(&file.path, |item| {
            observations.push(Observation::from_item(item));
            ControlFlow::Continue(())
        })?;
        anyhow::ensure!(outcome.complete);
    }
    Ok((start.elapsed().as_secs_f64(), observations))
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
    let start = Instant::now();
    let outcome = cloudtrail::read(
        text.as_bytes(),
        &Limits::default(),
        cloudtrail::assumptions,
        |item| {
            observations.push(Observation::from_item(item));
            ControlFlow::Continue(())
        },
    );
    let time = start.elapsed().as_secs_f64();
    anyhow::ensure!(outcome.complete && observations.len() == count);
    Ok(time)
}

fn judge(observations: &[Observation]) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(crate::run::ALLOWLIST)?;
    let (allowlist, _) = compile(&text)
        .ok()
        .context("the sample allowlist has errors")?;
    let start = Instant::now();
    let findings: usize = observations
        .iter()
        .map(|observation| decide(observation, &allowlist).findings.len())
        .sum();
    let time = start.elapsed().as_secs_f64();
    anyhow::ensure!(findings > 0);
    Ok(time)
}
