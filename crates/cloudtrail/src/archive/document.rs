//! The records of one document in the form that S3 delivery gives it.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into `dispatch!` is built for each kind of processor"
)]

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

use super::record::{NEXT, START, Walked, scan, walk};
use super::strings::is_balanced;

/// How such a document begins; the first record follows.
const HEAD: &[u8] = b"{\"Records\":[";

/// A document has something in it that only the full parser can be trusted with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Surprise;

/// When it is certain that records end where they were found to, and begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certain {
    /// Where the document has ended in its form: until then no record may be used.
    #[cfg(feature = "libdeflate")]
    AtTheEnd,
    /// With each record: those that were found may be used at once.
    AtOnce,
}

/// How far into a document the scan has come, and what it counted.
#[derive(Debug)]
pub(super) struct Document {
    certain: Certain,
    part: Part,
    /// What vectors this processor has.
    level: Level,
    /// The largest record there may be, in bytes.
    limit: usize,
    /// Records that need not be read.
    pub(super) others: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Head,
    Record,
    /// Behind the last record.
    Tail,
    /// Behind the document's last bracket.
    Space,
}

impl Document {
    pub(super) fn new(certain: Certain, limit: usize) -> Self {
        Self {
            certain,
            part: Part::Head,
            level: Level::new(),
            limit,
            others: 0,
        }
    }

    /// Goes through what is at hand, which is `bytes` and, if `ended`, all there is. Appends to
    /// `candidates` where the records are that have to be read. Answers how many bytes are done
    /// with; the others are to be handed in again, with more behind them.
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        ended: bool,
        candidates: &mut Vec<Range<usize>>,
    ) -> Result<usize, Surprise> {
        let level = self.level;
        dispatch!(level, simd => self.advance_with(simd, bytes, ended, candidates))
    }

    #[inline(always)]
    fn advance_with<S: Simd>(
        &mut self,
        simd: S,
        bytes: &[u8],
        ended: bool,
        candidates: &mut Vec<Range<usize>>,
    ) -> Result<usize, Surprise> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let step = match self.part {
                Part::Head => self.expect(rest, HEAD, Part::Record)?,
                Part::Record => self.record(simd, rest, at, candidates)?,
                Part::Tail => self.expect(rest, b"]}", Part::Space)?,
                Part::Space => return only_space(rest).map(|()| bytes.len()),
            };
            match step {
                Some(length) => at += length,
                None if ended => return Err(Surprise),
                None => return Ok(at),
            }
        }
    }

    fn expect(
        &mut self,
        bytes: &[u8],
        token: &[u8],
        next: Part,
    ) -> Result<Option<usize>, Surprise> {
        if bytes.starts_with(token) {
            self.part = next;
            return Ok(Some(token.len()));
        }
        if token.starts_with(bytes) {
            Ok(None)
        } else {
            Err(Surprise)
        }
    }

    /// One record, and the comma that the next one follows.
    #[inline(always)]
    fn record<S: Simd>(
        &mut self,
        simd: S,
        bytes: &[u8],
        at: usize,
        candidates: &mut Vec<Range<usize>>,
    ) -> Result<Option<usize>, Surprise> {
        if !bytes.starts_with(START) {
            return if START.starts_with(bytes) {
                Ok(None)
            } else {
                Err(Surprise)
            };
        }
        let (length, other) = match self.walk(simd, bytes) {
            Walked::Record { length, other } if length <= self.limit => (length, other),
            Walked::More => return Ok(None),
            Walked::Record { .. } | Walked::Surprise => return Err(Surprise),
        };
        let after = &bytes[length..];
        let step = if after.starts_with(NEXT) {
            length + 1
        } else if after.first() == Some(&b']') {
            self.part = Part::Tail;
            length
        } else if NEXT.starts_with(after) {
            return Ok(None);
        } else {
            return Err(Surprise);
        };
        if other {
            self.others += 1;
        } else {
            candidates.push(at..at + length);
        }
        Ok(Some(step))
    }

    #[inline(always)]
    fn walk<S: Simd>(&self, simd: S, bytes: &[u8]) -> Walked {
        let walked = walk(simd, bytes);
        match walked {
            Walked::Record { length, .. }
                if self.certain == Certain::AtOnce && !is_balanced(simd, &bytes[..length]) =>
            {
                scan(bytes)
            }
            walked => walked,
        }
    }
}

/// Nothing but space may follow: a second document is for the full parser.
fn only_space(bytes: &[u8]) -> Result<(), Surprise> {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    if bytes.iter().all(space) {
        Ok(())
    } else {
        Err(Surprise)
    }
}
