//! What reading threads hand to the ordering thread, some at a time.
//!
//! Waking the other thread for each of many small files costs more than reading them.

use std::mem;
use std::ops::ControlFlow;
use std::sync::mpsc::SyncSender;

use cloudtrail::{Item, Totals};
use rolewatch::assumption::Observation;

use super::Period;
use super::order::Packed;

/// Observations that travel together, at most.
const OBSERVATIONS: usize = 128;
/// What they take together, up to one more.
const SIZE: usize = 64 << 10;
/// Inputs that are told of together, at most.
const INPUTS: usize = 64;
/// Inputs with more bytes than these together are told of at once, so that progress is seen.
const BYTES: u64 = 4 << 20;

/// What became of some inputs, and what was found in them or in the one that is being read.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) observations: Packed,
    pub(super) inputs: Vec<InputRead>,
    /// Why there is no more.
    pub(super) failed: Option<anyhow::Error>,
}

/// An input that was read, as far as it could be.
pub(super) struct InputRead {
    pub(super) totals: Totals,
    /// What there is to say of it.
    pub(super) remarks: Option<Remarks>,
}

/// What there is to say of an input.
pub(super) struct Remarks {
    pub(super) input: String,
    /// Whether it could not be read, or not to its end.
    pub(super) failed: bool,
    pub(super) texts: Vec<String>,
}

/// Gathers a batch, and sends it when it is large enough.
pub(super) struct Batches {
    batch: Batch,
    bytes: u64,
    period: Period,
    sender: SyncSender<Batch>,
    /// Whether nobody listens any more.
    pub(super) over: bool,
}

impl Batches {
    pub(super) fn new(period: Period, sender: SyncSender<Batch>) -> Self {
        Self {
            batch: Batch::default(),
            bytes: 0,
            period,
            sender,
            over: false,
        }
    }

    /// Something was found. Breaks where nobody listens any more.
    pub(super) fn found(&mut self, item: Item<'_>) -> ControlFlow<()> {
        let observation = Observation::from_item(item);
        if self.period.contains(&observation)
            && let Err(error) = self.batch.observations.push(&observation)
        {
            self.batch.failed = Some(error);
            self.send()?;
            return ControlFlow::Break(());
        }
        let observations = &self.batch.observations;
        if observations.len() < OBSERVATIONS && observations.size() < SIZE {
            return ControlFlow::Continue(());
        }
        self.send()
    }

    /// An input was read.
    pub(super) fn read(&mut self, input: InputRead) {
        self.bytes += input.totals.bytes;
        let urgent = input.remarks.is_some() || self.bytes > BYTES;
        self.batch.inputs.push(input);
        if urgent || self.batch.inputs.len() == INPUTS {
            let _ = self.send();
        }
    }

    /// Sends what there is.
    pub(super) fn send(&mut self) -> ControlFlow<()> {
        self.bytes = 0;
        let batch = mem::take(&mut self.batch);
        self.over = self.sender.send(batch).is_err();
        if self.over {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
