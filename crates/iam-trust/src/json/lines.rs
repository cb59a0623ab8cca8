//! From byte offsets to lines and columns.

/// The bytes of a block whose characters are counted once.
const BLOCK: usize = 4096;

/// How many characters begin in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// The starts of a text's lines.
#[derive(Clone, Debug)]
pub(crate) struct LineIndex {
    text: String,
    starts: Vec<usize>,
    /// How many characters stand before each block of bytes: a line of JSON may be the whole file,
    /// and many places in it are asked for.
    before_blocks: Vec<usize>,
    /// Where each byte of another text, made of this one, came from.
    from: Option<Vec<usize>>,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut before_blocks = vec![0];
        let mut count = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            count += characters(block);
            before_blocks.push(count);
        }
        Self {
            text: text.to_owned(),
            starts,
            before_blocks,
            from: None,
        }
    }

    /// How many characters begin between two offsets.
    fn between(&self, start: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let end = end.min(bytes.len());
        if end - start < BLOCK {
            return bytes.get(start..end).map_or(0, characters);
        }
        let before = |offset: usize| {
            let block = offset / BLOCK;
            let known = self.before_blocks.get(block).copied().unwrap_or_default();
            known + bytes.get(block * BLOCK..offset).map_or(0, characters)
        };
        before(end) - before(start)
    }

    /// For offsets in another text, each of whose bytes, and end, came from an offset in this one.
    pub(crate) fn through(mut self, from: Vec<usize>) -> Self {
        self.from = Some(from);
        self
    }

    /// The line and the column of an offset, both from 1; the column counts characters.
    pub(crate) fn locate(&self, offset: usize) -> (usize, usize) {
        let offset = match &self.from {
            None => offset,
            Some(from) => from.get(offset).or(from.last()).copied().unwrap_or(offset),
        };
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let mark = self.text.get(start..).unwrap_or_default();
        let mark = usize::from(mark.starts_with('\u{feff}') && offset > start);
        (line, self.between(start, offset) - mark + 1)
    }

    /// The column, from 1, of a word in a line (from 1), if it is there.
    pub(crate) fn find(&self, line: usize, word: &str) -> Option<usize> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let line = self.text.get(start..)?.lines().next()?;
        let before = &line[..line.find(word)?];
        Some(before.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn columns_count_characters(
            lines in prop::collection::vec("[aä€😀]{0,2500}", 1..4),
            mark in any::<bool>(),
        ) {
            let text = format!("{}{}", if mark { "\u{feff}" } else { "" }, lines.join("\n"));
            let index = LineIndex::new(&text);
            let (mut line, mut column) = (1, 1);
            for (at, c) in text.char_indices() {
                prop_assert_eq!(index.locate(at), (line, column));
                match c {
                    '\n' => (line, column) = (line + 1, 1),
                    '\u{feff}' => {}
                    _ => column += 1,
                }
            }
            prop_assert_eq!(index.locate(text.len()), (line, column));
        }
    }
}
