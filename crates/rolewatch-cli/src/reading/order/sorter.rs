//! An external merge sort.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, IntoInnerError, Read, Seek, Write};

use anyhow::Context;

use super::packed::{Item, Packed};

/// Runs that are merged at a time, each an open file.
const MOST_RUNS: usize = 64;

/// Takes items in any order.
pub(super) struct Sorter {
    limit: usize,
    items: Packed,
    /// Runs in files, by how often their items were merged: only alike ones are, so that an item
    /// is written again once for each 64-fold of what there is, and not once for every 64 runs.
    levels: Vec<Vec<File>>,
}

impl Sorter {
    /// Keeps about so many bytes in memory.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            items: Packed::default(),
            levels: Vec::new(),
        }
    }

    /// How many runs there are of each level.
    #[cfg(test)]
    pub(super) fn files(&self) -> Vec<usize> {
        self.levels.iter().map(Vec::len).collect()
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn push(&mut self, key: &[u8], value: &[u8]) -> anyhow::Result<()> {
        self.items.add(key, value);
        if self.items.size() >= self.limit {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> anyhow::Result<()> {
        self.items.sort();
        let mut run = RunWriter::new()?;
        self.items.iter().try_for_each(|item| run.write(item))?;
        self.items.clear();
        self.keep(run.finish()?)
    }

    /// Keeps a run, merging those of its level when they are many.
    fn keep(&mut self, mut run: File) -> anyhow::Result<()> {
        for level in &mut self.levels {
            level.push(run);
            if level.len() < MOST_RUNS {
                return Ok(());
            }
            run = merged(std::mem::take(level))?;
        }
        self.levels.push(vec![run]);
        Ok(())
    }

    pub(super) fn finish(mut self) -> anyhow::Result<Merge> {
        self.items.sort();
        // The smallest first, until they can be open together.
        let mut runs = Vec::new();
        for level in self.levels {
            if runs.len() + level.len() > MOST_RUNS {
                runs = vec![merged(runs)?];
            }
            runs.extend(level);
        }
        Merge::new(runs, self.items)
    }
}

/// Several ordered runs as one file.
fn merged(runs: Vec<File>) -> anyhow::Result<File> {
    let mut merge = Merge::new(runs, Packed::default())?;
    let mut run = RunWriter::new()?;
    while let Some(item) = merge.next()? {
        run.write(item)?;
    }
    run.finish()
}

/// Several ordered runs as one.
pub(super) struct Merge {
    /// The next item of each run.
    heads: BinaryHeap<Head>,
    runs: Vec<BufReader<File>>,
    in_memory: Packed,
    /// How many of those in memory were taken.
    taken: usize,
    /// The item that was given last.
    given: Option<Head>,
}

/// An item of a run, of which the least comes first.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    /// Where its value begins.
    value: usize,
    /// That in memory comes behind the files.
    run: usize,
}

impl Merge {
    fn new(files: Vec<File>, in_memory: Packed) -> anyhow::Result<Self> {
        let mut runs = Vec::with_capacity(files.len());
        for mut file in files {
            file.rewind()
                .context("cannot read the temporary file back")?;
            runs.push(BufReader::new(file));
        }
        let mut merge = Self {
            heads: BinaryHeap::with_capacity(runs.len() + 1),
            runs,
            in_memory,
            taken: 0,
            given: None,
        };
        for run in 0..=merge.runs.len() {
            merge.advance(Head {
                run,
                ..Head::default()
            })?;
        }
        Ok(merge)
    }

    /// The next item.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Item<'_>>> {
        if let Some(head) = self.given.take() {
            self.advance(head)?;
        }
        self.given = self.heads.pop();
        Ok(self.given.as_ref().map(Head::item))
    }

    /// Puts the next item of its run in a head's place.
    fn advance(&mut self, mut head: Head) -> anyhow::Result<()> {
        let more = if let Some(file) = self.runs.get_mut(head.run) {
            head.read(file)?
        } else if let Some(item) = self.in_memory.get(self.taken) {
            self.taken += 1;
            head.set(item);
            true
        } else {
            false
        };
        if more {
            self.heads.push(head);
        }
        Ok(())
    }
}

impl Head {
    fn item(&self) -> Item<'_> {
        let (key, value) = self.bytes.split_at(self.value);
        Item { key, value }
    }

    fn set(&mut self, item: Item<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(item.key);
        self.bytes.extend_from_slice(item.value);
        self.value = item.key.len();
    }

    /// Reads as [`RunWriter`] writes; `false` at the end.
    fn read(&mut self, file: &mut impl Read) -> anyhow::Result<bool> {
        const DAMAGED: &str = "the temporary file is damaged";
        let mut lengths = [[0; 4]; 2];
        match file.read_exact(lengths.as_flattened_mut()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        let [key, value] = lengths.map(u32::from_le_bytes);
        self.value = usize::try_from(key)?;
        self.bytes.resize(self.value + usize::try_from(value)?, 0);
        file.read_exact(&mut self.bytes).context(DAMAGED)?;
        Ok(true)
    }
}

impl Ord for Head {
    /// The other way round: the heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.item(), other.run).cmp(&(self.item(), self.run))
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

/// Writes a run to a temporary file that has no name, and so is gone with the process. An item
/// is the lengths of its key and value in four bytes each, then both.
struct RunWriter(BufWriter<File>);

impl RunWriter {
    const FAILED: &str = "cannot order the records in a temporary file";

    fn new() -> anyhow::Result<Self> {
        let file = tempfile::tempfile().context(Self::FAILED)?;
        Ok(Self(BufWriter::new(file)))
    }

    fn write(&mut self, item: Item<'_>) -> anyhow::Result<()> {
        for part in [item.key, item.value] {
            let length = u32::try_from(part.len())?;
            self.0
                .write_all(&length.to_le_bytes())
                .context(Self::FAILED)?;
        }
        for part in [item.key, item.value] {
            self.0.write_all(part).context(Self::FAILED)?;
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<File> {
        let file = self.0.into_inner().map_err(IntoInnerError::into_error);
        file.context(Self::FAILED)
    }
}
