//! Reads many inputs side by side into observations.

mod folders;
mod order;

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use chrono::{DateTime, Utc};
use cloudtrail::{ArchiveReader, Item, Limits, Outcome, Problem, Source, Totals};
use rolewatch::assumption::Observation;

pub(crate) use self::order::{Ordered, Orderer};
use crate::output;
use crate::progress::Progress;

/// Observations travel in batches of this many.
const BATCH: usize = 128;
/// Batches that wait for the ordering thread; with [`BATCH`] this bounds what is in flight.
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

enum Message {
    Observations(Vec<Observation>),
    Input {
        name: String,
        totals: Totals,
        failed: bool,
        remarks: Vec<String>,
    },
}

enum Input {
    Stdin,
    File(cloudtrail::File),
}

impl Input {
    fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(file) => file.path.display().to_string(),
        }
    }
}

/// Reads every source and orders what is found. What cannot be read is named on stderr.
pub(crate) fn read_all(
    sources: &[OsString],
    reading: &Reading,
) -> anyhow::Result<(Ordered, Inputs)> {
    let (list, mut inputs) = list(sources, reading);
    let bytes = list.iter().map(|input| {
        if let Input::File(file) = input {
            file.size
        } else {
            0
        }
    });
    let mut progress = Progress::new(list.len(), bytes.sum(), reading.quiet);
    let mut orderer = Orderer::default();
    let threads = reading.threads.map_or_else(
        || thread::available_parallelism().map_or(1, NonZeroUsize::get),
        NonZeroUsize::get,
    );
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        for _ in 0..threads.min(list.len()) {
            let (sender, list, next) = (sender.clone(), &list, &next);
            scope.spawn(move || {
                let mut reader = ArchiveReader::new(reading.limits.clone());
                while let Some(input) = list.get(next.fetch_add(1, Ordering::Relaxed)) {
                    read_one(input, &mut reader, reading, &sender);
                }
            });
        }
        drop(sender);
        for message in receiver {
            match message {
                Message::Observations(batch) => orderer.extend(batch)?,
                Message::Input {
                    name,
                    totals,
                    failed,
                    remarks,
                } => {
                    let records = totals.records + totals.unreadable;
                    inputs.files += 1;
                    inputs.bytes += totals.bytes;
                    inputs.records += records;
                    progress.input(totals.bytes, records);
                    tell(&progress, &name, failed, &remarks, reading.quiet);
                    if failed {
                        inputs.failed.push(name);
                    }
                }
            }
        }
        anyhow::Ok(())
    })?;
    progress.finish();
    inputs.failed.sort();
    Ok((orderer.finish()?, inputs))
}

fn list(sources: &[OsString], reading: &Reading) -> (Vec<Input>, Inputs) {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut stdin = false;
    for source in sources {
        match Source::from(source.as_os_str()) {
            Source::Stdin => stdin = true,
            Source::Path(path) => paths.push(path),
        }
    }
    let period = reading.period;
    let walk = cloudtrail::walk_where(&paths, |folder| folders::may_hold(folder, period));
    let mut inputs = Inputs::default();
    for problem in walk.problems {
        output::complain(&problem.to_string());
        inputs.failed.push(problem.path.display().to_string());
    }
    let stdin = stdin.then_some(Input::Stdin);
    (
        stdin
            .into_iter()
            .chain(walk.files.into_iter().map(Input::File))
            .collect(),
        inputs,
    )
}

/// Reads one input to its end. A closed channel means that nobody listens any more.
fn read_one(
    input: &Input,
    reader: &mut ArchiveReader,
    reading: &Reading,
    sender: &SyncSender<Message>,
) {
    let name = input.name();
    let mut batch = Batch::new(reading.period, sender);
    let opened = match input {
        Input::Stdin => Ok(cloudtrail::read(
            io::stdin().lock(),
            &reading.limits,
            cloudtrail::assumptions,
            |item| batch.push(item),
        )),
        Input::File(file) => reader.assumptions(&file.path, |item| batch.push(item)),
    };
    let _ = batch.send();
    let message = match opened {
        Ok(outcome) => {
            let totals = outcome.totals.clone();
            let nothing = totals.records + totals.unreadable + totals.digests == 0;
            let failed = !outcome.complete || (nothing && !outcome.problems.is_empty());
            Message::Input {
                name,
                totals,
                failed,
                remarks: remarks(&outcome),
            }
        }
        Err(error) => Message::Input {
            name,
            totals: Totals::default(),
            failed: true,
            remarks: vec![error.error.to_string()],
        },
    };
    let _ = sender.send(message);
}

/// Observations on their way to the ordering thread.
struct Batch<'a> {
    observations: Vec<Observation>,
    period: Period,
    sender: &'a SyncSender<Message>,
}

impl<'a> Batch<'a> {
    fn new(period: Period, sender: &'a SyncSender<Message>) -> Self {
        Self {
            observations: Vec::new(),
            period,
            sender,
        }
    }

    fn push(&mut self, item: Item<'_>) -> ControlFlow<()> {
        let observation = Observation::from_item(item);
        if self.period.contains(&observation) {
            self.observations.push(observation);
        }
        if self.observations.len() < BATCH {
            return ControlFlow::Continue(());
        }
        self.send()
    }

    fn send(&mut self) -> ControlFlow<()> {
        if self.observations.is_empty() {
            return ControlFlow::Continue(());
        }
        let batch = std::mem::take(&mut self.observations);
        match self.sender.send(Message::Observations(batch)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

fn remarks(outcome: &Outcome) -> Vec<String> {
    let mut remarks: Vec<String> = outcome.problems.iter().map(Problem::to_string).collect();
    if outcome.more_problems > 0 {
        remarks.push(format!("{} more problems", outcome.more_problems));
    }
    remarks
}

fn tell(progress: &Progress, name: &str, failed: bool, remarks: &[String], quiet: bool) {
    progress.suspend(|| {
        for remark in remarks {
            if failed {
                output::complain(&format!("{name}: {remark}"));
            } else if !quiet {
                output::note(&format!("{name}: {remark}"));
            }
        }
    });
}
