//! Orders observations and drops duplicates, in memory that does not grow with their number.
//!
//! CloudTrail delivers at least once: copies of an event share account and event id, and can
//! stand far apart. So there are two sorts: by identity, which brings copies together, then by
//! time, account and id, the order in which findings are printed.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, IntoInnerError, Read, Seek, Write};

use anyhow::Context;
use rolewatch::assumption::Observation;

/// Observations are kept in memory up to about so many bytes; then they are spilt. While one
/// order is read the next is made, so that it is twice this for a moment.
const MEMORY: usize = 2 << 20;
/// Runs that are merged at a time, each an open file.
const MOST_RUNS: usize = 64;

/// Takes observations in any order.
pub(crate) struct Orderer {
    by_identity: Sorter,
}

impl Default for Orderer {
    fn default() -> Self {
        Self {
            by_identity: Sorter::new(by_identity, MEMORY),
        }
    }
}

/// Gives them back in the order of printing, without duplicates.
pub(crate) struct Ordered {
    merge: Merge,
    pub(crate) duplicates: u64,
}

impl Orderer {
    pub(crate) fn extend(&mut self, batch: Vec<Observation>) -> anyhow::Result<()> {
        batch
            .into_iter()
            .try_for_each(|observation| self.by_identity.push(observation))
    }

    pub(crate) fn finish(self) -> anyhow::Result<Ordered> {
        let mut by_time = Sorter::new(by_time, MEMORY);
        let mut duplicates = 0;
        let mut previous: Option<Observation> = None;
        for observation in self.by_identity.finish()? {
            let observation = observation?;
            if previous
                .as_ref()
                .is_some_and(|previous| same_event(previous, &observation))
            {
                duplicates += 1;
            } else if let Some(previous) = previous.replace(observation) {
                by_time.push(previous)?;
            }
        }
        if let Some(last) = previous {
            by_time.push(last)?;
        }
        Ok(Ordered {
            merge: by_time.finish()?,
            duplicates,
        })
    }
}

impl Iterator for Ordered {
    type Item = anyhow::Result<Observation>;

    fn next(&mut self) -> Option<Self::Item> {
        self.merge.next()
    }
}

type Order = fn(&Observation, &Observation) -> Ordering;

fn same_event(a: &Observation, b: &Observation) -> bool {
    (a.account(), a.identity()) == (b.account(), b.identity())
}

/// Copies together, the best readable and earliest of them first.
fn by_identity(a: &Observation, b: &Observation) -> Ordering {
    let unreadable = |it: &Observation| matches!(it, Observation::Unreadable(_));
    (a.account(), a.identity(), unreadable(a), a.time())
        .cmp(&(b.account(), b.identity(), unreadable(b), b.time()))
        .then_with(|| encode(a).ok().cmp(&encode(b).ok()))
}

/// As findings are printed; what has no time comes last.
fn by_time(a: &Observation, b: &Observation) -> Ordering {
    (a.time().is_none(), a.time(), a.account(), a.identity()).cmp(&(
        b.time().is_none(),
        b.time(),
        b.account(),
        b.identity(),
    ))
}

/// An external merge sort.
struct Sorter {
    order: Order,
    limit: usize,
    buffer: Vec<Observation>,
    weight: usize,
    runs: Vec<File>,
}

impl Sorter {
    fn new(order: Order, limit: usize) -> Self {
        Self {
            order,
            limit,
            buffer: Vec::new(),
            weight: 0,
            runs: Vec::new(),
        }
    }

    fn push(&mut self, observation: Observation) -> anyhow::Result<()> {
        self.weight += weight(&observation);
        self.buffer.push(observation);
        if self.weight >= self.limit {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> anyhow::Result<()> {
        self.buffer.sort_unstable_by(self.order);
        self.weight = 0;
        let run = write_run(self.buffer.drain(..).map(Ok))?;
        self.runs.push(run);
        if self.runs.len() == MOST_RUNS {
            let runs = std::mem::take(&mut self.runs);
            self.runs
                .push(write_run(Merge::new(self.order, runs, Vec::new())?)?);
        }
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<Merge> {
        self.buffer.sort_unstable_by(self.order);
        Merge::new(self.order, self.runs, self.buffer)
    }
}

/// Several ordered runs as one.
struct Merge {
    heads: BinaryHeap<Reverse<Head>>,
    runs: Vec<Box<dyn Iterator<Item = anyhow::Result<Observation>>>>,
    order: Order,
    failed: bool,
}

struct Head {
    observation: Observation,
    run: usize,
    order: Order,
}

impl Merge {
    fn new(order: Order, files: Vec<File>, in_memory: Vec<Observation>) -> anyhow::Result<Self> {
        let mut merge = Self {
            heads: BinaryHeap::new(),
            runs: Vec::new(),
            order,
            failed: false,
        };
        for mut file in files {
            file.rewind()
                .context("cannot read the temporary file back")?;
            merge.runs.push(Box::new(Run(BufReader::new(file))));
        }
        merge.runs.push(Box::new(in_memory.into_iter().map(Ok)));
        for run in 0..merge.runs.len() {
            merge.advance(run)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, run: usize) -> anyhow::Result<()> {
        if let Some(observation) = self.runs[run].next().transpose()? {
            self.heads.push(Reverse(Head {
                observation,
                run,
                order: self.order,
            }));
        }
        Ok(())
    }
}

impl Iterator for Merge {
    type Item = anyhow::Result<Observation>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let Reverse(head) = self.heads.pop()?;
        if let Err(error) = self.advance(head.run) {
            self.failed = true;
            return Some(Err(error));
        }
        Some(Ok(head.observation))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order)(&self.observation, &other.observation).then(self.run.cmp(&other.run))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

fn encode(observation: &Observation) -> anyhow::Result<Vec<u8>> {
    postcard::to_stdvec(observation).context("cannot encode an observation")
}

/// Writes a run to a temporary file that has no name, and so is gone with the process. An item
/// is its length in four bytes, then itself.
fn write_run(
    observations: impl Iterator<Item = anyhow::Result<Observation>>,
) -> anyhow::Result<File> {
    const FAILED: &str = "cannot order the records in a temporary file";
    let mut out = BufWriter::new(tempfile::tempfile().context(FAILED)?);
    for observation in observations {
        let bytes = encode(&observation?)?;
        out.write_all(&u32::try_from(bytes.len())?.to_le_bytes())
            .context(FAILED)?;
        out.write_all(&bytes).context(FAILED)?;
    }
    out.into_inner()
        .map_err(IntoInnerError::into_error)
        .context(FAILED)
}

struct Run(BufReader<File>);

impl Iterator for Run {
    type Item = anyhow::Result<Observation>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut length = [0; 4];
        match self.0.read_exact(&mut length) {
            Ok(()) => Some(self.item(u32::from_le_bytes(length))),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(error.into())),
        }
    }
}

impl Run {
    fn item(&mut self, length: u32) -> anyhow::Result<Observation> {
        let mut bytes = vec![0; usize::try_from(length)?];
        self.0
            .read_exact(&mut bytes)
            .context("the temporary file is damaged")?;
        postcard::from_bytes(&bytes).context("the temporary file is damaged")
    }
}

/// About how many bytes an observation takes in memory.
fn weight(observation: &Observation) -> usize {
    let texts = match observation {
        Observation::Assumption(it) => {
            let optional = [
                &it.account,
                &it.region,
                &it.role_session_name,
                &it.audience,
                &it.source_ip,
                &it.user_agent,
                &it.access_key_id,
            ];
            let optional: usize = optional.into_iter().flatten().map(String::len).sum();
            optional + it.event_id.len() + it.role_arn.len() + it.issuer.len() + it.subject.len()
        }
        Observation::Unreadable(it) => it.reason.len() + it.hash.len(),
    };
    texts + 512
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolewatch::assumption::UnreadableRecord;

    fn event(account: &str, id: &str, second: i64) -> Observation {
        UnreadableRecord {
            account: Some(account.into()),
            event_id: Some(id.into()),
            time: chrono::DateTime::from_timestamp(second, 0),
            ..UnreadableRecord::default()
        }
        .into()
    }

    /// Numbers without order, the same in every run.
    fn scattered(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40)
    }

    #[test]
    fn spilt_or_not_the_order_is_the_same() {
        let sorted = |limit| {
            let mut sorter = Sorter::new(by_time, limit);
            for n in scattered(5000) {
                sorter
                    .push(event("1", &n.to_string(), i64::try_from(n % 100).unwrap()))
                    .unwrap();
            }
            let spilt = !sorter.runs.is_empty();
            let merged: Vec<_> = sorter.finish().unwrap().map(Result::unwrap).collect();
            (spilt, merged)
        };
        let (in_memory_spilt, in_memory) = sorted(usize::MAX);
        let (spilt, from_disk) = sorted(10_000);
        assert!(spilt && !in_memory_spilt);
        assert_eq!(from_disk.len(), 5000);
        assert_eq!(from_disk, in_memory);
        assert!(in_memory.is_sorted_by(|a, b| by_time(a, b).is_le()));
    }

    #[test]
    fn duplicates_go_however_far_apart() {
        let mut orderer = Orderer {
            by_identity: Sorter::new(by_identity, 5_000),
        };
        for n in (0..300).chain(0..300) {
            orderer.extend(vec![event("1", &n.to_string(), n)]).unwrap();
        }
        orderer.extend(vec![event("2", "7", 7)]).unwrap();
        let distinct = orderer.finish().unwrap();
        assert_eq!(distinct.duplicates, 300);
        assert_eq!(
            distinct.map(Result::unwrap).count(),
            301,
            "another account's event 7 is another"
        );
    }

    #[test]
    fn what_has_no_time_comes_last() {
        let timeless: Observation = UnreadableRecord {
            hash: "x".into(),
            ..Default::default()
        }
        .into();
        let mut orderer = Orderer::default();
        orderer
            .extend(vec![timeless.clone(), event("1", "a", 5)])
            .unwrap();
        assert_eq!(
            orderer.finish().unwrap().map(Result::unwrap).last(),
            Some(timeless)
        );
    }
}
