//! What sixty-four bytes hold, a bit for each byte, found with the widest vectors there are.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into `dispatch!` is built for each kind of processor"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i8x64, u8x64};
use memchr::memchr2;

/// Bytes that are looked at together; a bit of a mask each.
pub(super) const BLOCK: usize = 64;

/// A block, and the byte behind it.
const SPAN: usize = BLOCK + 1;

/// The braces of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) open: u64,
    pub(super) close: u64,
    /// Of those that open, those that may be in a string: all but those that another brace
    /// closes at once, or a quote and a letter follow. The block's last one may always be.
    pub(super) doubtful: u64,
}

impl Block {
    /// The block that begins at `at`; `None` if the bytes end before it. Behind the bytes' end
    /// there is nothing, which leaves a doubt.
    #[inline(always)]
    pub(super) fn at<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<Self> {
        // One place for both: of two, the compiler would merge what comes of them bit by bit.
        let end;
        let span = if let Some(span) = bytes.get(at..at + SPAN) {
            span
        } else {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            end = padded::<SPAN>(rest);
            &end
        };
        Some(Self::of(simd, span))
    }

    #[inline(always)]
    fn of<S: Simd>(simd: S, span: &[u8]) -> Self {
        let bytes = u8x64::from_slice(simd, &span[..BLOCK]);
        let behind = u8x64::from_slice(simd, &span[1..]);
        let open = bytes.simd_eq(b'{').to_bitmask();
        let close = bytes.simd_eq(b'}').to_bitmask();
        let name = (bytes.simd_eq(b'"') & letters(behind)).to_bitmask();
        Self {
            open,
            close,
            doubtful: open & !((name | close) >> 1),
        }
    }
}

/// The braces of a block, and what tells which of them are in strings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotes {
    pub(super) open: u64,
    pub(super) close: u64,
    pub(super) quote: u64,
    pub(super) backslash: u64,
}

impl Quotes {
    /// The block that begins at `at`; `None` if the bytes end before it.
    #[inline(always)]
    pub(super) fn at<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<Self> {
        let end;
        let block = if let Some(block) = bytes.get(at..at + BLOCK) {
            block
        } else {
            let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
            end = padded::<BLOCK>(rest);
            &end
        };
        let bytes = u8x64::from_slice(simd, block);
        Some(Self {
            open: bytes.simd_eq(b'{').to_bitmask(),
            close: bytes.simd_eq(b'}').to_bitmask(),
            quote: bytes.simd_eq(b'"').to_bitmask(),
            backslash: bytes.simd_eq(b'\\').to_bitmask(),
        })
    }
}

/// Which bytes are letters, or stand so in ASCII but for the highest bit: UTF-8's may.
#[inline(always)]
fn letters<S: Simd>(bytes: u8x64<S>) -> <u8x64<S> as SimdBase<S>>::Mask {
    // Both cases come to 1 to 26, which are moved up to the end of the signed numbers: what is
    // larger than they wraps and is less, so that one comparison tells.
    const UP: u8 = 127 - (b'Z' & 0x5f);
    let moved = (bytes & 0x5f) + UP;
    let signed: i8x64<S> = i8x64::from_bytes(moved.to_bytes());
    signed.simd_gt((b'A' + UP - 1).cast_signed())
}

/// Where the text ends that begins at `at` and is what its bytes are: at its closing quote. `None`
/// if it has escapes or is longer than a block, or the bytes end before it does.
#[inline(always)]
pub(super) fn plain_text_end<S: Simd>(simd: S, bytes: &[u8], at: usize) -> Option<usize> {
    let end = match bytes.get(at..at + BLOCK) {
        Some(block) => {
            let block = u8x64::from_slice(simd, block);
            let ends = block.simd_eq(b'"') | block.simd_eq(b'\\');
            at + ends.to_bitmask().trailing_zeros() as usize
        }
        None => last_text_end(bytes, at),
    };
    (bytes.get(end) == Some(&b'"')).then_some(end)
}

/// The same where less than a block is left.
#[cold]
fn last_text_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr2(b'"', b'\\', rest).map_or(bytes.len(), |length| at + length)
}

/// What is left at the end of the bytes, with zeros behind it, which no JSON holds.
#[cold]
fn padded<const LENGTH: usize>(rest: &[u8]) -> [u8; LENGTH] {
    let mut padded = [0; LENGTH];
    padded[..rest.len()].copy_from_slice(rest);
    padded
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use fearless_simd::{Level, dispatch};

    use super::{BLOCK, Block, plain_text_end};

    /// The best that this processor has, and the least that its kind has.
    const LEVELS: [fn() -> Level; 2] = [Level::new, Level::baseline];

    /// Every kind of byte next to every other, without an order.
    fn text(length: usize) -> Vec<u8> {
        let kinds = b"{{{{}}}\"\"\"aZ[]\\,:~ \xc3\xff\0";
        (0..length)
            .map(|at| kinds[(at * at * 31 + at * 7) / 5 % kinds.len()])
            .collect()
    }

    fn bits(range: Range<usize>, is: impl Fn(usize) -> bool) -> u64 {
        let start = range.start;
        range.fold(0, |bits, at| bits | u64::from(is(at)) << (at - start))
    }

    #[test]
    fn a_block_is_what_its_bytes_are() {
        for level in LEVELS.map(|level| level()) {
            blocks(level);
        }
    }

    fn blocks(level: Level) {
        for length in 0..200 {
            let bytes = text(length);
            let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
            for at in 0..length {
                let block = dispatch!(level, simd => Block::at(simd, &bytes, at)).unwrap();
                let range = at..at + BLOCK;
                assert_eq!(block.open, bits(range.clone(), |at| byte(at) == b'{'));
                assert_eq!(block.close, bits(range.clone(), |at| byte(at) == b'}'));
                let certain = |at: usize| {
                    let letter = (byte(at + 2) & 0x7f).is_ascii_alphabetic();
                    byte(at + 1) == b'}' || byte(at + 1) == b'"' && letter
                };
                let last = at + BLOCK - 1;
                let doubtful = |at| byte(at) == b'{' && (at == last || !certain(at));
                assert_eq!(block.doubtful, bits(range, doubtful), "{length} {at}");
            }
            assert!(dispatch!(level, simd => Block::at(simd, &bytes, length)).is_none());
        }
    }

    #[test]
    fn a_plain_text_ends_at_its_quote() {
        for level in LEVELS.map(|level| level()) {
            plain_texts(level);
        }
    }

    fn plain_texts(level: Level) {
        let end = |text: &str, at| {
            let bytes = text.as_bytes();
            dispatch!(level, simd => plain_text_end(simd, bytes, at))
        };
        for length in 0..=BLOCK {
            let text = format!("-{}\",", "x".repeat(length));
            assert_eq!(end(&text, 1), Some(1 + length));
            assert_eq!(end(&text[..=length], 1), None, "it is cut off");
            assert_eq!(end(&text.replacen('x', "\\", 1), 1).is_some(), length == 0);
            let more = format!("{text}{}", "y".repeat(100));
            assert_eq!(end(&more, 1), Some(1 + length));
        }
        assert_eq!(end("x", 5), None);
    }
}
