//! Where braces are, found sixteen bytes at a time.

use wide::i8x16;

/// Bytes that are looked at together; a bit of a mask each.
const BLOCK: usize = 64;

/// The places of the braces in some bytes, in order, and of what is next to them in ASCII.
#[derive(Debug)]
pub(super) struct Braces<'a> {
    bytes: &'a [u8],
    /// Where the block begins that `mask` is of.
    block: usize,
    /// The braces of the block that are still to come.
    mask: u64,
}

impl<'a> Braces<'a> {
    /// Those at `from` and behind.
    pub(super) fn new(bytes: &'a [u8], from: usize) -> Self {
        let mut braces = Self {
            bytes,
            block: 0,
            mask: 0,
        };
        braces.skip_to(from);
        braces
    }

    /// Passes over those before `at`.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.block = at - at % BLOCK;
        self.mask = mask(self.bytes, self.block) & (u64::MAX << (at % BLOCK));
    }

    /// The place of the next one.
    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.mask = mask(self.bytes, self.block);
        }
        let at = self.block + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }
}

/// The braces in the block that begins at `at`.
#[inline]
fn mask(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return mask_of(block);
    }
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    mask_of(&block)
}

#[inline]
fn mask_of(block: &[u8; BLOCK]) -> u64 {
    // Between these and the end of ASCII there are `|`, `~` and a control character, which are rare.
    // One comparison is cheaper than one for each brace; as signed numbers other bytes are less.
    let before = i8x16::splat(b'{'.cast_signed() - 1);
    let (chunks, _) = block.as_chunks::<16>();
    let bits = |chunk: &[u8; 16]| {
        let chunk = i8x16::new(chunk.map(u8::cast_signed));
        u64::from(chunk.simd_gt(before).to_bitmask())
    };
    bits(&chunks[0]) | bits(&chunks[1]) << 16 | bits(&chunks[2]) << 32 | bits(&chunks[3]) << 48
}

#[cfg(test)]
mod tests {
    use super::Braces;

    #[test]
    fn every_brace_is_found_wherever_it_is() {
        for length in 0..200 {
            let bytes: Vec<u8> = (0..length)
                .map(|at| match at * 7 % 11 {
                    0 => b'{',
                    1 => b'}',
                    2 => b'z',
                    3 => b'~',
                    4 => 0x80,
                    _ => 0xfb,
                })
                .collect();
            for from in 0..=length {
                let mut braces = Braces::new(&bytes, from);
                let found: Vec<usize> = std::iter::from_fn(|| braces.next()).collect();
                let naive: Vec<usize> = (from..length)
                    .filter(|at| matches!(bytes[*at], b'{'..=b'\x7f'))
                    .collect();
                assert_eq!(found, naive, "{length} {from}");
            }
        }
    }
}
