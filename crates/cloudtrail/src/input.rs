//! An input's bytes, decompressed where they are gzip.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use crate::problem::ProblemKind;

const GZIP: &[u8] = &[0x1f, 0x8b];

/// How much is read from the outside at once.
pub(crate) const CHUNK: usize = 64 * 1024;

/// What an input may decompress to before its ratio counts. Little data may well be very alike.
const UNSUSPICIOUS: u64 = 32 << 20;

/// An input as it is stored, and what it decompresses to.
pub(crate) struct Input<R> {
    stored: Stored<R>,
    coding: Coding,
    /// The largest ratio of bytes decompressed to bytes stored.
    ratio: u64,
    decompressed: u64,
}

enum Coding {
    Unknown,
    Plain,
    Gzip(Box<Gzip>),
}

impl<R: Read> Input<R> {
    /// An input that is gzip if it begins like it.
    pub(crate) fn new(reader: R, ratio: u64) -> Self {
        Self::with_chunk(reader, ratio, CHUNK)
    }

    /// Such an input, of which `chunk` bytes are read at once where it is gzip.
    pub(crate) fn with_chunk(reader: R, ratio: u64, chunk: usize) -> Self {
        Self {
            stored: Stored::new(reader, chunk.max(GZIP.len())),
            coding: Coding::Unknown,
            ratio,
            decompressed: 0,
        }
    }

    /// An input that is taken as it is.
    pub(crate) fn plain(reader: R) -> Self {
        Self {
            stored: Stored::new(reader, 0),
            coding: Coding::Plain,
            ratio: u64::MAX,
            decompressed: 0,
        }
    }

    /// The bytes taken from the reader so far.
    pub(crate) fn stored(&self) -> u64 {
        self.stored.total
    }

    /// Fills `out` with some bytes; with none at the end.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, ProblemKind> {
        if let Coding::Unknown = self.coding {
            while self.stored.bytes().len() < GZIP.len() && self.stored.fill()? {}
            self.coding = if self.stored.bytes().starts_with(GZIP) {
                Coding::Gzip(Box::new(Gzip::new()))
            } else {
                Coding::Plain
            };
        }
        match &mut self.coding {
            Coding::Gzip(gzip) => {
                let count = gzip.read(&mut self.stored, out)?;
                self.decompressed += count as u64;
                let most = self.stored.total.saturating_mul(self.ratio);
                if self.decompressed > most.max(UNSUSPICIOUS) {
                    return Err(ProblemKind::Ratio(self.ratio));
                }
                Ok(count)
            }
            _ => self.stored.read(out),
        }
    }
}

/// Members of gzip, one after another. zlib verifies each member's checksum and length.
struct Gzip {
    inflate: Decompress,
    /// Between two members, where the input may end.
    between: bool,
    /// An error that came with the last bytes before it, which go first.
    failed: Option<ProblemKind>,
}

impl Gzip {
    fn new() -> Self {
        // 15 is the largest window that deflate has.
        Self {
            inflate: Decompress::new_gzip(15),
            between: false,
            failed: None,
        }
    }

    fn read<R: Read>(
        &mut self,
        stored: &mut Stored<R>,
        out: &mut [u8],
    ) -> Result<usize, ProblemKind> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        loop {
            if stored.bytes().is_empty() {
                let more = stored.fill()?;
                if !more && self.between {
                    return Ok(0);
                }
                if !more {
                    return Err(ProblemKind::Gzip("the gzip stream ends early".to_owned()));
                }
            }
            if self.between {
                self.next_member(stored)?;
            }
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self
                .inflate
                .decompress(stored.bytes(), out, FlushDecompress::None);
            let consumed = delta(before_in, self.inflate.total_in());
            stored.consume(consumed);
            let produced = delta(before_out, self.inflate.total_out());
            match status {
                Ok(Status::StreamEnd) => {
                    self.between = true;
                }
                Ok(Status::Ok | Status::BufError) if consumed + produced > 0 => {}
                Ok(_) => return Err(ProblemKind::Gzip("the gzip stream is stuck".to_owned())),
                Err(error) => {
                    let failed = ProblemKind::Gzip(format!("the gzip stream is damaged: {error}"));
                    if produced == 0 {
                        return Err(failed);
                    }
                    self.failed = Some(failed);
                }
            }
            if produced > 0 {
                return Ok(produced);
            }
        }
    }

    fn next_member<R: Read>(&mut self, stored: &mut Stored<R>) -> Result<(), ProblemKind> {
        while stored.bytes().len() < GZIP.len() && stored.fill()? {}
        if !stored.bytes().starts_with(GZIP) {
            return Err(ProblemKind::Gzip(
                "something that is not gzip follows the gzip stream".to_owned(),
            ));
        }
        self.inflate = Decompress::new_gzip(15);
        self.between = false;
        Ok(())
    }
}

/// Totals grow by at most a buffer's length in one call.
fn delta(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}

/// Bytes as they are stored, counted.
struct Stored<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    total: u64,
}

impl<R: Read> Stored<R> {
    fn new(reader: R, capacity: usize) -> Self {
        Self {
            reader,
            buffer: vec![0; capacity],
            start: 0,
            end: 0,
            total: 0,
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start.saturating_add(count));
    }

    /// Adds to `bytes`; `false` at the end.
    fn fill(&mut self) -> Result<bool, ProblemKind> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let count = read(&mut self.reader, &mut self.buffer[self.end..])?;
        self.end += count;
        self.total += count as u64;
        Ok(count > 0)
    }

    /// Reads past the buffer, once it is used up.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, ProblemKind> {
        if self.start == self.end {
            let count = read(&mut self.reader, out)?;
            self.total += count as u64;
            return Ok(count);
        }
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&self.bytes()[..count]);
        self.consume(count);
        Ok(count)
    }
}

fn read(reader: &mut impl Read, out: &mut [u8]) -> Result<usize, ProblemKind> {
    loop {
        match reader.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map_err(ProblemKind::Read),
        }
    }
}
