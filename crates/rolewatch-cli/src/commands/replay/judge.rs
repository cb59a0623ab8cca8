//! Judging with or without a memory.

use std::path::Path;

use anyhow::Context;
use rolewatch::allowlist::Allowlist;
use rolewatch::assumption::Observation;
use rolewatch::detect::{Decision, decide};
use rolewatch::store::table::Table;
use rolewatch::store::{Ledger, MemoryTable, Store, Windows};
use rolewatch_embedded::{Draft, EmbeddedTable};

/// The name of a memory that ends with the process.
const IN_MEMORY: &str = ":memory:";

/// What is remembered of events.
pub(super) enum Memory {
    None,
    Process(MemoryTable),
    /// On the disk once all of it was printed: what nobody was told has to be told the next time.
    File(Box<Draft>),
}

impl Memory {
    /// The memory in this file, if one is named.
    pub(super) fn open(state: Option<&Path>) -> anyhow::Result<Self> {
        Ok(match state {
            None => Self::None,
            Some(path) if path == Path::new(IN_MEMORY) => Self::Process(MemoryTable::default()),
            Some(path) => Self::File(Box::new(EmbeddedTable::open(path)?.draft()?)),
        })
    }

    /// Remembers for good what was printed.
    pub(super) fn keep(self) -> anyhow::Result<()> {
        if let Self::File(draft) = self {
            let kept = draft.keep();
            kept.context("the memory of --state failed: the next run prints these findings again")?;
        }
        Ok(())
    }
}

/// Decides about events, one batch after the other, in order.
pub(super) struct Judge<'a> {
    allowlist: &'a Allowlist,
    memory: &'a Memory,
}

impl<'a> Judge<'a> {
    pub(super) fn new(memory: &'a Memory, allowlist: &'a Allowlist) -> Self {
        Self { allowlist, memory }
    }

    /// One decision an event; none for an event that the memory has seen before.
    pub(super) fn decide(&self, batch: Vec<Observation>) -> anyhow::Result<Vec<Option<Decision>>> {
        match self.memory {
            Memory::None => {
                let decide = |observation| Some(decide(&observation, self.allowlist));
                Ok(batch.into_iter().map(decide).collect())
            }
            Memory::Process(table) => self.remember(&ledger(table), batch),
            Memory::File(table) => self.remember(&ledger(&**table), batch),
        }
    }

    /// Each event at its own time: what is remembered for an hour then is forgotten as it would
    /// have been.
    fn remember(
        &self,
        store: &impl Store,
        batch: Vec<Observation>,
    ) -> anyhow::Result<Vec<Option<Decision>>> {
        let mut decisions = Vec::with_capacity(batch.len());
        for observation in batch {
            let at = observation.time().unwrap_or_else(chrono::Utc::now);
            let admitted = pollster::block_on(store.admit(vec![observation], self.allowlist, at));
            let admitted = admitted.context("the memory of --state failed")?;
            decisions.extend(
                admitted
                    .into_iter()
                    .map(|it| (!it.seen).then_some(it.decision)),
            );
        }
        Ok(decisions)
    }
}

fn ledger<T: Table>(table: &T) -> Ledger<&T> {
    Ledger::new(table, Windows::default())
}
