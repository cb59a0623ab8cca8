//! A view of the input that grows as far as it is asked to and forgets what was consumed.

use std::io::Read;

use crate::input::Input;
use crate::problem::{Place, ProblemKind};

/// Bytes asked for at once: fits the second-level cache together with what is made of it.
const CHUNK: usize = 128 * 1024;

pub(crate) struct Window<R> {
    input: Input<R>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes before `buffer`.
    forgotten: u64,
    /// Lines ended before `buffer[counted]`.
    lines: u64,
    counted: usize,
    /// Bytes that may still be read.
    left: u64,
    limit: u64,
    ended: bool,
    damage: Option<ProblemKind>,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(input: Input<R>, limit: u64) -> Self {
        Self::with_capacity(input, limit, CHUNK)
    }

    pub(crate) fn with_capacity(input: Input<R>, limit: u64, capacity: usize) -> Self {
        Self {
            input,
            buffer: vec![0; capacity.max(1)],
            start: 0,
            end: 0,
            forgotten: 0,
            lines: 0,
            counted: 0,
            left: limit,
            limit,
            ended: false,
            damage: None,
        }
    }

    /// What is at hand and not consumed.
    pub(crate) fn held(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Adds to what is held; `false` at the end of the input, be it due or by damage.
    pub(crate) fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.make_room();
        // One byte over the limit tells an input that is too large from one that just fits.
        let most = usize::try_from(self.left.saturating_add(1)).unwrap_or(usize::MAX);
        let room = (self.buffer.len() - self.end).min(most);
        let space = &mut self.buffer[self.end..self.end + room];
        match self.input.read(space) {
            Ok(0) => self.ended = true,
            Ok(count) if count as u64 > self.left => {
                // Cannot truncate: `count` is larger.
                self.end += usize::try_from(self.left).unwrap_or(count);
                let some = self.left > 0;
                self.left = 0;
                self.ended = true;
                self.damage = Some(ProblemKind::InputLimit(self.limit));
                return some;
            }
            Ok(count) => {
                self.left -= count as u64;
                self.end += count;
            }
            Err(damage) => {
                self.ended = true;
                self.damage = Some(damage);
            }
        }
        !self.ended
    }

    /// The byte `at` bytes ahead, if the input goes on that far.
    pub(crate) fn peek(&mut self, at: usize) -> Option<u8> {
        while self.held().len() <= at {
            if !self.more() {
                return None;
            }
        }
        self.held().get(at).copied()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// The place of the first byte held.
    pub(crate) fn place(&mut self) -> Place {
        self.lines += newlines(&self.buffer[self.counted..self.start]);
        self.counted = self.start;
        self.place_ahead(0)
    }

    /// The place `at` bytes ahead.
    pub(crate) fn place_ahead(&self, at: usize) -> Place {
        let position = self.end.min(self.start + at);
        Place {
            line: 1 + self.lines + newlines(&self.buffer[self.counted..position]),
            byte: self.forgotten + position as u64,
        }
    }

    /// Why the input ended, where it should not have.
    pub(crate) fn damage(&mut self) -> Option<ProblemKind> {
        self.damage.take()
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// Bytes taken from the input as it is stored.
    pub(crate) fn stored(&self) -> u64 {
        self.input.stored()
    }

    /// Bytes read so far, decompressed.
    pub(crate) fn decompressed(&self) -> u64 {
        self.forgotten + self.end as u64
    }

    /// Moves what is held to the front if that frees half of the buffer, else doubles it: either
    /// way a byte is moved a constant number of times.
    fn make_room(&mut self) {
        if self.end < self.buffer.len() {
            return;
        }
        if self.start < self.buffer.len() / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
            return;
        }
        self.place();
        self.buffer.copy_within(self.start..self.end, 0);
        self.forgotten += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        self.counted = 0;
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
