//! Reads many inputs side by side into observations.

mod batch;
mod folders;
mod order;
mod sources;

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use chrono::{DateTime, Utc};
use cloudtrail::{ArchiveReader, Limits, Outcome, Problem, Totals};
use rolewatch::assumption::Observation;

use self::batch::{Batch, Batches, InputRead, Remarks};
pub(crate) use self::order::{Ordered, Orderer};
use self::sources::{Input, Sources};
use crate::output;
use crate::progress::Progress;

/// Batches that wait for the ordering thread: bounds what is in flight.
const WAITING: usize = 8;

/// The time that a replay is about; calls without a time always belong to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Period {
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Period {
    fn contains(self, observation: &Observation) -> bool {
        observation.time().is_none_or(|time| {
            self.since.is_none_or(|since| time >= since)
                && self.until.is_none_or(|until| time < until)
        })
    }
}

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) period: Period,
    /// As many as there are cores, where nothing is said.
    pub(crate) threads: Option<NonZeroUsize>,
    pub(crate) limits: Limits,
    pub(crate) quiet: bool,
}

/// What the inputs were.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// Names of those that could not be read, or not to their end.
    pub(crate) failed: Vec<String>,
}

/// Reads every source and orders what is found. What cannot be read is named on stderr.
pub(crate) fn read_all(
    sources: &[OsString],
    reading: &Reading,
) -> anyhow::Result<(Ordered, Inputs)> {
    let mut inputs = Inputs::default();
    let sources = Sources::of(sources, reading.period, |problem| {
        output::complain(&problem.to_string());
        inputs.failed.push(problem.path.display().to_string());
    });
    let mut progress = Progress::new(sources.len(), sources.bytes(), reading.quiet);
    let mut orderer = Orderer::default();
    let threads = reading.threads.map_or_else(
        || thread::available_parallelism().map_or(1, NonZeroUsize::get),
        NonZeroUsize::get,
    );
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        for _ in 0..threads.min(sources.len()) {
            let (sender, sources, next) = (sender.clone(), &sources, &next);
            scope.spawn(move || read_some(sources, next, reading, &sender));
        }
        drop(sender);
        for batch in receiver {
            orderer.extend(batch.observations)?;
            for input in batch.inputs {
                inputs.note(input, &mut progress, reading.quiet);
            }
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    inputs.failed.sort();
    Ok((orderer.finish()?, inputs))
}

impl Inputs {
    fn note(&mut self, input: InputRead, progress: &mut Progress, quiet: bool) {
        let records = input.totals.records + input.totals.unreadable;
        self.files += 1;
        self.bytes += input.totals.bytes;
        self.records += records;
        progress.input(input.totals.bytes, records);
        if let Some(remarks) = input.remarks {
            tell(progress, &remarks, quiet);
            if remarks.failed {
                self.failed.push(remarks.input);
            }
        }
    }
}

/// Reads inputs, one after another, until all are taken.
fn read_some(sources: &Sources, next: &AtomicUsize, reading: &Reading, sender: &SyncSender<Batch>) {
    let mut reader = ArchiveReader::new(reading.limits.clone());
    let mut batches = Batches::new(reading.period, sender);
    while let Some(input) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
        read_one(&input, &mut reader, &reading.limits, &mut batches);
    }
    let _ = batches.send();
}

/// Reads one input to its end.
fn read_one(input: &Input, reader: &mut ArchiveReader, limits: &Limits, batches: &mut Batches<'_>) {
    let opened = match input {
        Input::Stdin => Ok(cloudtrail::read(
            io::stdin().lock(),
            limits,
            cloudtrail::assumptions,
            |item| batches.found(item),
        )),
        Input::File(path) => reader.assumptions(path, |item| batches.found(item)),
    };
    batches.read(match opened {
        Ok(outcome) => {
            let totals = outcome.totals.clone();
            let nothing = totals.records + totals.unreadable + totals.digests == 0;
            let failed = !outcome.complete || (nothing && !outcome.problems.is_empty());
            let texts = remarks(&outcome);
            InputRead {
                totals,
                remarks: (failed || !texts.is_empty()).then(|| Remarks {
                    input: input.name(),
                    failed,
                    texts,
                }),
            }
        }
        Err(error) => InputRead {
            totals: Totals::default(),
            remarks: Some(Remarks {
                input: input.name(),
                failed: true,
                texts: vec![error.error.to_string()],
            }),
        },
    });
}

fn remarks(outcome: &Outcome) -> Vec<String> {
    let mut remarks: Vec<String> = outcome.problems.iter().map(Problem::to_string).collect();
    if outcome.more_problems > 0 {
        remarks.push(format!("{} more problems", outcome.more_problems));
    }
    remarks
}

fn tell(progress: &Progress, remarks: &Remarks, quiet: bool) {
    let name = &remarks.input;
    progress.suspend(|| {
        for text in &remarks.texts {
            if remarks.failed {
                output::complain(&format!("{name}: {text}"));
            } else if !quiet {
                output::note(&format!("{name}: {text}"));
            }
        }
    });
}
