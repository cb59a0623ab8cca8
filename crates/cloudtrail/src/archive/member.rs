//! Decompresses a file of one gzip member, as S3 delivery writes them, at once.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};

use libdeflater::Decompressor;
use memchr::memmem;

/// The largest file that is read as a whole, as it is stored.
const STORED: usize = 2 << 20;

/// libdeflate is fastest with some room behind what it writes.
const SLACK: usize = 512;

/// The flag of a checksum of the header, which libdeflate passes over.
const HEADER_CHECKSUM: u8 = 2;

/// The shortest header, and the checksum and length behind the compressed data.
const LEAST: usize = 18;

/// The length behind the compressed data, in bytes.
const LENGTH: usize = 4;

/// Where it begins, counted from the end.
const BEFORE_LENGTH: i64 = -4;

/// How many times their size logs hardly ever decompress to.
const DENSE: usize = 32;

/// A decompressor and its input.
#[derive(Default)]
pub(super) struct Member {
    stored: Vec<u8>,
    decompressor: Decompressor,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").finish_non_exhaustive()
    }
}

impl Member {
    /// Decompresses a file of `size` bytes into `text` and answers how many bytes it held; `None`
    /// if it is not one sound gzip member, of at most `most` bytes stored and decompressed, or if that
    /// cannot be told.
    pub(super) fn decompress(
        &mut self,
        file: &mut File,
        size: u64,
        most: usize,
        text: &mut Vec<u8>,
    ) -> Option<usize> {
        let size = usize::try_from(size).ok()?;
        if !(LEAST..=STORED.min(most / 2)).contains(&size) {
            return None;
        }
        // A file that does not fit is not even read, if it is large enough to cost.
        if size > most / DENSE && promised(file)? > most - size {
            return None;
        }
        if self.stored.len() < size {
            self.stored.reserve_exact(size - self.stored.len());
            self.stored.resize(size, 0);
        }
        let stored = &mut self.stored[..size];
        read_all(file, stored)?;
        let promise = *stored.last_chunk::<LENGTH>()?;
        let length = length(promise)?;
        let odd = !stored.starts_with(&[0x1f, 0x8b]) || stored[3] & HEADER_CHECKSUM != 0;
        if odd || length > most - size {
            return None;
        }
        if text.len() < length + SLACK {
            text.reserve_exact(length + SLACK - text.len());
            text.resize(length + SLACK, 0);
        }
        let out = &mut text[..length + SLACK];
        let done = self.decompressor.gzip_decompress(stored, out).ok()?;
        // libdeflate passes over what follows the first member. That ends with its length: if
        // those bytes are nowhere but at the end, nothing follows.
        let alone = memmem::find(stored, &promise) == Some(size - promise.len());
        (done == length && alone).then_some(length)
    }
}

/// How much a file says that it decompresses to. It may be wrong, or of another member: too large and
/// too small are found out by decompressing.
fn promised(file: &mut File) -> Option<usize> {
    let mut promise = [0; LENGTH];
    file.seek(SeekFrom::End(BEFORE_LENGTH)).ok()?;
    read_all(file, &mut promise)?;
    file.rewind().ok()?;
    length(promise)
}

fn length(promise: [u8; LENGTH]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(promise)).ok()
}

/// Fills `out`; `None` if the file is shorter by now, or cannot be read.
fn read_all(file: &mut File, out: &mut [u8]) -> Option<()> {
    let mut at = 0;
    while at < out.len() {
        match file.read(&mut out[at..]) {
            Ok(0) => return None,
            Ok(count) => at += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(())
}
