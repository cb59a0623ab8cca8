//! Reads archives at the speed of decompression.
//!
//! S3 delivery writes compact JSON, each record with `eventVersion` first. In that form records
//! are found by their braces and told apart by their heads; only calls of
//! AssumeRoleWithWebIdentity, and what looks unusual, are parsed. Whatever is not of that form is
//! read again by the full parser, from the file's start.
//!
//! # Why nothing is missed
//!
//! Let the file be valid JSON. Every brace that is counted as opening does open an object (see
//! `record::walk`), those that close may be in strings. So the depth that is counted is at most the
//! true one, and falls further behind with each brace in a string. A record is taken where the
//! depth comes back to that of the list and the next record, or the list's end, follows.
//!
//! If all of the file is at hand, nothing is delivered before its end. There both depths are zero:
//! no brace in a string was counted, every record was taken where it ends, and there was nothing
//! between them. A customer's object that looks like a record, inside `requestParameters`, is
//! within a record by its depth.
//!
//! Of a file that is read piece by piece records are delivered before the end is seen. There the
//! braces of each record are counted once more, those in strings left out (see
//! `strings::is_balanced`): a record begins where the last one truly ended, so it ends where as
//! many closed as opened. If they did not, it is scanned token by token.
//!
//! A record is counted unread only if its outermost object begins with a version and an identity,
//! and goes on with a time, a source and the plain name of another call. That makes it a record
//! for the full parser too, and not one that is wanted.
//!
//! What is not valid JSON inside such a record, with its braces in balance and the checksum of
//! the file intact, is not noticed.

mod block;
mod document;
mod head;
#[cfg(feature = "libdeflate")]
mod member;
mod record;
mod redelivery;
mod strings;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

use self::document::{Certain, Document, Surprise};
use self::redelivery::Delivered;
use crate::delivery::Delivery;
use crate::input::Input;
use crate::meter::{Meter, Metered, Share};
use crate::problem::{Place, ProblemKind};
use crate::read::{Item, Limits, Outcome, read};
use crate::shape::{Glance, assumptions};
use crate::source::{OpenError, open_file};

/// How much is held at once. Tests and the fuzz target make it so small that every file is larger.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    /// What is decompressed at once where a file is not held as a whole.
    pub window: usize,
    /// What is read at once of such a file where it is gzip.
    pub stored: usize,
    /// The largest record that is held here; a larger one is the full parser's.
    pub record: usize,
    /// The largest file that is held as a whole: as it is stored and what it decompresses to.
    pub whole: usize,
}

impl Default for Buffers {
    fn default() -> Self {
        Self {
            // Fits the second-level cache.
            window: 256 << 10,
            stored: crate::input::CHUNK,
            record: 4 << 20,
            // `CloudTrail`'s files are mostly far below it; two of it and all else are below 32 MiB. It is the same for any
            // number of readers, so that a file is read in the same way each time.
            whole: 33 << 18,
        }
    }
}

/// Reads files of an archive one after another, for the calls of AssumeRoleWithWebIdentity in
/// them. It keeps its buffers, some 9 MiB at most: have one for each thread.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use cloudtrail::{ArchiveReader, Limits, walk};
///
/// let mut reader = ArchiveReader::new(Limits::default());
/// for file in walk(&["AWSLogs".into()]).files.iter() {
///     let outcome = reader.assumptions(&file.path, |item| {
///         println!("{item:?}");
///         ControlFlow::Continue(())
///     })?;
///     println!("{} records", outcome.totals.records);
/// }
/// # Ok::<(), cloudtrail::OpenError>(())
/// ```
#[derive(Debug)]
pub struct ArchiveReader {
    limits: Limits,
    buffers: Buffers,
    meter: Arc<Meter>,
    /// Decompressed bytes.
    text: Vec<u8>,
    candidates: Vec<Range<usize>>,
    #[cfg(feature = "libdeflate")]
    member: member::Member,
}

impl ArchiveReader {
    /// A reader that keeps to `limits` in each file.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_buffers(limits, Buffers::default())
    }

    /// A reader with other buffers, which change nothing of what it says.
    #[doc(hidden)]
    #[must_use]
    pub fn with_buffers(limits: Limits, buffers: Buffers) -> Self {
        Self {
            limits,
            buffers,
            meter: Arc::default(),
            text: Vec::new(),
            candidates: Vec::new(),
            #[cfg(feature = "libdeflate")]
            member: member::Member::default(),
        }
    }

    /// Tells what it reads to `meter`, piece by piece.
    #[must_use]
    pub fn metered(mut self, meter: Arc<Meter>) -> Self {
        self.meter = meter;
        self
    }

    /// Reads an input that is no file, as [`open()`](crate::open()) opens one, with
    /// [`read()`](crate::read()).
    pub fn assumptions_in(
        &self,
        input: impl Read,
        sink: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Outcome {
        full(input, &self.limits, &mut Share::of(&self.meter), sink)
    }

    /// Reads a file as [`read()`](crate::read()) does when it is asked for
    /// [`assumptions`](crate::assumptions): what is handed to `sink` and what is counted are the
    /// same for every file that holds valid JSON, and for one whose container is damaged. So they are
    /// for others, with two exceptions. A record that is not valid JSON may be counted as a record where
    /// `read()` calls it unreadable, if it is the call of another name. And where such a one is met behind
    /// many thousands of calls that were handed to `sink`, some of these may be handed over twice.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, is no file, or cannot be read a second time.
    pub fn assumptions(
        &mut self,
        path: &Path,
        mut sink: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Outcome, OpenError> {
        let (mut file, metadata) = open_file(path)?;
        let meter = Arc::clone(&self.meter);
        let mut share = Share::of(&meter);
        let mut delivered = Delivered::default();
        let mut noted = |item: Item<'_>| {
            delivered.note(&item);
            sink(item)
        };
        let fast = self.fast(&mut file, metadata.len(), &mut share, &mut noted);
        if let Ok(outcome) = fast {
            return Ok(outcome);
        }
        rewind(&mut file, path)?;
        let mut again = delivered.again(&file, &self.limits);
        rewind(&mut file, path)?;
        Ok(full(&file, &self.limits, &mut share, |item| {
            if again.holds(&item) {
                return ControlFlow::Continue(());
            }
            sink(item)
        }))
    }

    fn fast(
        &mut self,
        file: &mut File,
        size: u64,
        share: &mut Share<'_>,
        sink: &mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<Outcome, Surprise> {
        let limits = self.limits.clone();
        let mut delivery = Delivery::new(&limits, &assumptions, sink);
        #[cfg(feature = "libdeflate")]
        if let Some(length) = self.whole_text(file, size) {
            let outcome = self.whole(length, size, delivery)?;
            tell(share, &outcome);
            return Ok(outcome);
        }
        let _ = size;
        file.rewind().map_err(|_| Surprise)?;
        self.stream(file, share, &mut delivery)?;
        tell(share, &delivery.outcome);
        Ok(delivery.outcome)
    }

    /// Decompresses a file at once, if it is of that kind.
    #[cfg(feature = "libdeflate")]
    fn whole_text(&mut self, file: &mut File, size: u64) -> Option<usize> {
        let most = self.buffers.whole;
        self.member.decompress(file, size, most, &mut self.text)
    }

    /// Reads a document of which all bytes are at hand. Nothing is delivered before it proved to
    /// be of the form.
    #[cfg(feature = "libdeflate")]
    fn whole(
        &mut self,
        length: usize,
        size: u64,
        mut delivery: Delivery<'_>,
    ) -> Result<Outcome, Surprise> {
        if length as u64 > self.limits.input {
            return Err(Surprise);
        }
        let text = &self.text[..length];
        let mut document = Document::new(Certain::AtTheEnd, self.limits.record);
        self.candidates.clear();
        document.advance(text, true, &mut self.candidates)?;
        let flow = deliver(text, 0, &self.candidates, &mut delivery)?;
        let totals = &mut delivery.outcome.totals;
        totals.bytes = size;
        totals.decompressed = length as u64;
        totals.records = totals.records.saturating_add(document.others);
        delivery.outcome.stopped = flow.is_break();
        Ok(delivery.outcome)
    }

    /// Reads a document piece by piece.
    fn stream(
        &mut self,
        file: &mut File,
        share: &mut Share<'_>,
        delivery: &mut Delivery<'_>,
    ) -> Result<(), Surprise> {
        let mut input = Input::with_chunk(file, self.limits.ratio, self.buffers.stored);
        let mut document = Document::new(Certain::AtOnce, self.limits.record);
        let (mut held, mut forgotten, mut ended) = (0, 0_u64, false);
        while !ended {
            let room = self.make_room(held)?;
            let count = input
                .read(&mut self.text[held..room])
                .map_err(|_: ProblemKind| Surprise)?;
            held += count;
            ended = count == 0;
            if forgotten + held as u64 > self.limits.input {
                return Err(Surprise);
            }
            self.candidates.clear();
            let done = document.advance(&self.text[..held], ended, &mut self.candidates)?;
            if deliver(&self.text, forgotten, &self.candidates, delivery)?.is_break() {
                delivery.outcome.stopped = true;
                break;
            }
            let found = delivery.outcome.totals.records;
            share.set(input.stored(), document.others.saturating_add(found));
            self.text.copy_within(done..held, 0);
            held -= done;
            forgotten += done as u64;
        }
        let totals = &mut delivery.outcome.totals;
        totals.bytes = input.stored();
        totals.decompressed = forgotten + held as u64;
        totals.records = totals.records.saturating_add(document.others);
        Ok(())
    }

    /// Makes room behind the `held` bytes of an unfinished record, and answers up to where. It
    /// doubles, since a record is walked anew each time.
    fn make_room(&mut self, held: usize) -> Result<usize, Surprise> {
        if held >= self.buffers.record.min(self.limits.record) {
            return Err(Surprise);
        }
        let wanted = (2 * held).max(self.buffers.window);
        if self.text.len() < wanted {
            self.text.resize(wanted, 0);
        }
        Ok(wanted)
    }
}

/// Reads with the full parser.
fn full(
    input: impl Read,
    limits: &Limits,
    share: &mut Share<'_>,
    sink: impl FnMut(Item<'_>) -> ControlFlow<()>,
) -> Outcome {
    let met = Cell::new(0_u64);
    let wanted = |glance: &Glance<'_>| {
        met.set(met.get().saturating_add(1));
        assumptions(glance)
    };
    let outcome = read(Metered::new(input, share, &met), limits, wanted, sink);
    tell(share, &outcome);
    outcome
}

/// An input is read.
fn tell(share: &mut Share<'_>, outcome: &Outcome) {
    let totals = &outcome.totals;
    share.set(
        totals.bytes,
        totals.records.saturating_add(totals.unreadable),
    );
}

/// Reads and delivers the candidates in `text`, before which there are `forgotten` bytes.
fn deliver(
    text: &[u8],
    forgotten: u64,
    candidates: &[Range<usize>],
    delivery: &mut Delivery<'_>,
) -> Result<ControlFlow<()>, Surprise> {
    for candidate in candidates {
        let place = Place {
            line: 1,
            byte: forgotten + candidate.start as u64,
        };
        if delivery
            .element(&text[candidate.clone()], place)
            .ok_or(Surprise)?
            .is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn rewind(file: &mut File, path: &Path) -> Result<(), OpenError> {
    file.rewind().map_err(|error: io::Error| OpenError {
        path: path.to_owned(),
        error,
    })
}
