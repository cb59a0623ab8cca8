//! Which braces of a record are in strings, told from its quotes.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into `dispatch!` is built for each kind of processor"
)]

use fearless_simd::Simd;

use super::block::{BLOCK, Quotes};

/// Whether as many objects close as open in `record`, which begins outside of strings. What is in
/// strings does not count, be it as it may.
#[inline(always)]
pub(super) fn is_balanced<S: Simd>(simd: S, record: &[u8]) -> bool {
    let mut strings = Strings::default();
    let (mut opened, mut closed) = (0_u64, 0_u64);
    let mut at = 0;
    while let Some(block) = Quotes::at(simd, record, at) {
        let outside = !strings.inside(block.quote, block.backslash);
        opened += u64::from((block.open & outside).count_ones());
        closed += u64::from((block.close & outside).count_ones());
        at += BLOCK;
    }
    opened == closed
}

/// What a block takes over from the one before it.
#[derive(Debug, Default)]
struct Strings {
    /// All ones if the last byte was in a string.
    inside: u64,
    /// One if the last byte was a backslash that escapes the next.
    escaping: u64,
}

impl Strings {
    /// The bytes of the next block that are in a string; opening quotes are, closing ones are not.
    fn inside(&mut self, quote: u64, backslash: u64) -> u64 {
        let quote = quote & !self.escaped(backslash);
        let inside = sums(quote) ^ self.inside;
        self.inside = 0_u64.wrapping_sub(inside >> (BLOCK - 1));
        inside
    }

    /// The bytes of the next block that a backslash escapes: of a row of backslashes every second
    /// one, and what follows if their number is odd.
    fn escaped(&mut self, backslash: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        // One that is escaped itself escapes nothing.
        let backslash = backslash & !self.escaping;
        let following = backslash << 1 | self.escaping;
        let odd_starts = backslash & !EVEN & !following;
        // Adding a row's start to the row carries over to its end.
        let (ends, beyond) = odd_starts.overflowing_add(backslash);
        self.escaping = u64::from(beyond);
        (EVEN ^ (ends << 1)) & following
    }
}

/// For each bit, whether the bits up to and with it are odd in number.
fn sums(bits: u64) -> u64 {
    (0..BLOCK.ilog2()).fold(bits, |sums, step| sums ^ sums << (1 << step))
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    fn is_balanced(record: &[u8]) -> bool {
        dispatch!(Level::new(), simd => super::is_balanced(simd, record))
    }

    /// Byte by byte.
    fn is_plainly_balanced(record: &[u8]) -> bool {
        let (mut open, mut inside, mut escaped) = (0, false, false);
        for byte in record {
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'\\' => escaped = !is_escaped,
                b'"' if !is_escaped => inside = !inside,
                b'{' if !inside => open += 1,
                b'}' if !inside => open -= 1,
                _ => {}
            }
        }
        open == 0
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn braces_in_strings_do_not_count(text in r#"(\{|\}|"|\\|\\\\|[a-z]{0,9}){0,80}"#) {
            prop_assert_eq!(is_balanced(text.as_bytes()), is_plainly_balanced(text.as_bytes()));
        }
    }

    #[test]
    fn rows_of_backslashes_reach_over_blocks() {
        for before in 0..200 {
            for row in 0..70 {
                let text = format!("{{{}\"{}\"}}", " ".repeat(before), "\\".repeat(row));
                let bytes = text.as_bytes();
                assert_eq!(is_balanced(bytes), row % 2 == 0, "{text}");
            }
        }
    }
}
