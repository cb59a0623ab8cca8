//! Reads many inputs side by side into observations.

mod batch;
mod folders;
mod order;
mod remote;
mod sources;

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;

use anyhow::Context;
use chrono::{DateTime, Utc};
use cloudtrail::{ArchiveReader, Limits, Outcome, Problem, ProblemKind, Totals, open};
use rolewatch::assumption::Observation;
use serde::Serialize;

use self::batch::{Batch, Batches, InputRead, Remarks};
pub(crate) use self::order::{Ordered, Orderer};
use self::sources::{Input, Sources};
use crate::output;
use crate::progress::{Progress, TICK};

/// Batches that wait for the ordering thread: bounds what is in flight.
const WAITING: usize = 4;

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
#[derive(Debug, Default, Serialize)]
pub(crate) struct Inputs {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// A summary says this by itself.
    #[serde(skip)]
    pub(crate) records: u64,
    /// Folders that were passed over, as their days are not asked about.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) skipped: u64,
    /// Names of those that could not be read, or not to their end.
    pub(crate) failed: Vec<String>,
}

/// Reads every source and orders what is found. What cannot be read is named on stderr.
pub(crate) fn read_all(given: &[OsString], reading: &Reading) -> anyhow::Result<(Ordered, Inputs)> {
    let mut inputs = Inputs::default();
    let mut progress = Progress::listing(reading.quiet);
    let sources = Sources::of(given, reading.period, &progress, |name, reason| {
        output::complain(&format!("{name}: {reason}"));
        inputs.failed.push(name);
    });
    inputs.skipped = sources.skipped as u64;
    inputs.miss(&sources.empty);
    progress.reading(sources.len(), sources.bytes());
    let mut orderer = Orderer::default();
    let threads = threads(reading.threads, sources.len());
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        let mut started = false;
        for _ in 0..threads.get() {
            let (sender, sources, next) = (sender.clone(), &sources, &next);
            let limits = reading.limits.clone();
            let reader = ArchiveReader::new(limits).metered(progress.meter());
            let batches = Batches::new(reading.period, sender);
            let spawned = thread::Builder::new()
                .spawn_scoped(scope, move || read_some(sources, next, reader, batches));
            match spawned {
                Ok(_) => started = true,
                // The others read what it would have read.
                Err(_) if started => break,
                Err(error) => return Err(error).context("cannot start a thread"),
            }
        }
        drop(sender);
        inputs.gather(&receiver, &mut orderer, &mut progress, reading.quiet)
    })?;
    progress.finish();
    inputs.failed.sort();
    if !reading.quiet {
        inputs.remark();
    }
    Ok((orderer.finish()?, inputs))
}

/// The most threads that there are. More make nothing faster.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// How many threads are of use.
fn threads(wanted: Option<NonZeroUsize>, inputs: usize) -> NonZeroUsize {
    let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let inputs = NonZeroUsize::new(inputs).unwrap_or(NonZeroUsize::MIN);
    wanted.unwrap_or_else(cores).min(inputs).min(THREADS)
}

/// Whether a summary has no need to say it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
pub(crate) fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Inputs {
    /// Sources in which there is no file to read, and not for the days that were asked for.
    fn miss(&mut self, sources: &[String]) {
        for name in sources {
            output::complain(&format!(
                "{name}: nothing was read: there is no file to read"
            ));
            self.failed.push(name.clone());
        }
    }

    /// Takes what is read until all is, and shows how far that is.
    fn gather(
        &mut self,
        receiver: &Receiver<Batch>,
        orderer: &mut Orderer,
        progress: &mut Progress,
        quiet: bool,
    ) -> anyhow::Result<()> {
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(batch) => {
                    if let Some(error) = batch.failed {
                        return Err(error);
                    }
                    orderer.extend(&batch.observations)?;
                    for input in batch.inputs {
                        self.note(input, progress, quiet);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            progress.show();
        }
    }

    fn note(&mut self, input: InputRead, progress: &mut Progress, quiet: bool) {
        self.count(&input.totals);
        progress.input();
        if let Some(remarks) = input.remarks {
            tell(progress, &remarks, quiet);
            if remarks.failed {
                self.failed.push(remarks.input);
            }
        }
    }

    /// The largest numbers are as much as can be told.
    fn count(&mut self, totals: &Totals) {
        let records = totals.records.saturating_add(totals.unreadable);
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(totals.bytes);
        self.records = self.records.saturating_add(records);
    }

    /// Says what was not read, where that is no failure.
    fn remark(&self) {
        if self.skipped > 0 {
            let folders = match self.skipped {
                1 => "1 folder was".to_owned(),
                count => format!("{count} folders were"),
            };
            output::note(&format!(
                "{folders} passed over: by the date in the path, all in there was delivered over a day outside the time asked for"
            ));
        }
        if self.files == 0 && self.failed.is_empty() {
            output::note("nothing was read: there is no file of that time");
        } else if self.records == 0 && self.failed.is_empty() {
            output::note("no record was read");
        }
    }
}

/// Reads inputs, one after another, until all are taken or nobody wants more.
fn read_some(
    sources: &Sources,
    next: &AtomicUsize,
    mut reader: ArchiveReader,
    mut batches: Batches,
) {
    while !batches.over
        && let Some(input) = sources.get(next.fetch_add(1, Ordering::Relaxed))
    {
        read_one(&input, &mut reader, &mut batches);
    }
    let _ = batches.send();
}

/// Reads one input to its end.
fn read_one(input: &Input, reader: &mut ArchiveReader, batches: &mut Batches) {
    let opened = match input {
        Input::Stdin => Ok(reader.assumptions_in(io::stdin().lock(), |item| batches.found(item))),
        Input::Special(path) => {
            open(path).map(|input| reader.assumptions_in(input, |item| batches.found(item)))
        }
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
    let mut remarks: Vec<String> = outcome.problems.iter().map(remark).collect();
    if outcome.more_problems > 0 {
        remarks.push(format!("{} more problems", outcome.more_problems));
    }
    remarks
}

/// A problem, and the option that it can be cured with.
fn remark(problem: &Problem) -> String {
    let option = match problem.kind {
        ProblemKind::Ratio(_) => "--max-ratio",
        ProblemKind::InputLimit(_) => "--max-file",
        ProblemKind::Oversize(_) => "--max-record",
        _ => return problem.to_string(),
    };
    format!("{problem}; if it is sound, raise {option}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_at_the_largest_number() {
        let mut inputs = Inputs {
            files: u64::MAX,
            bytes: u64::MAX - 1,
            records: 5,
            ..Inputs::default()
        };
        inputs.count(&Totals {
            bytes: 7,
            records: u64::MAX,
            unreadable: u64::MAX,
            ..Totals::default()
        });
        let counts = (inputs.files, inputs.bytes, inputs.records);
        assert_eq!(counts, (u64::MAX, u64::MAX, u64::MAX));
    }
}
