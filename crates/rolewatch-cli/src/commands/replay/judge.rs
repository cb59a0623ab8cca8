//! Judging with or without a memory.

use std::path::Path;

use anyhow::Context;
use rolewatch::allowlist::Allowlist;
use rolewatch::assumption::Observation;
use rolewatch::detect::{Decision, decide};
use rolewatch::store::{Ledger, MemoryTable, Store, Windows};
use rolewatch_embedded::EmbeddedTable;

/// The name of a memory that ends with the process.
const IN_MEMORY: &str = ":memory:";

/// Decides about events, one batch after the other, in order.
pub(super) struct Judge<'a> {
    allowlist: &'a Allowlist,
    memory: Memory,
}

enum Memory {
    None,
    Process(Ledger<MemoryTable>),
    File(Ledger<EmbeddedTable>),
}

impl<'a> Judge<'a> {
    /// With the memory in this file, if one is named.
    pub(super) fn new(state: Option<&Path>, allowlist: &'a Allowlist) -> anyhow::Result<Self> {
        let memory = match state {
            None => Memory::None,
            Some(path) if path == Path::new(IN_MEMORY) => {
                Memory::Process(Ledger::new(MemoryTable::default(), Windows::default()))
            }
            Some(path) => Memory::File(Ledger::new(EmbeddedTable::open(path)?, Windows::default())),
        };
        Ok(Self { allowlist, memory })
    }

    /// One decision an event; none for an event that the memory has seen before.
    pub(super) fn decide(&self, batch: Vec<Observation>) -> anyhow::Result<Vec<Option<Decision>>> {
        match &self.memory {
            Memory::None => {
                let decide = |observation| Some(decide(&observation, self.allowlist));
                Ok(batch.into_iter().map(decide).collect())
            }
            Memory::Process(ledger) => self.remember(ledger, batch),
            Memory::File(ledger) => self.remember(ledger, batch),
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
