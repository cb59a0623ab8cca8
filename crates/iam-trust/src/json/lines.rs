//! From byte offsets to lines and columns.

/// The starts of a text's lines.
#[derive(Clone, Debug)]
pub(crate) struct LineIndex {
    text: String,
    starts: Vec<usize>,
    /// Where each byte of another text, made of this one, came from.
    from: Option<Vec<usize>>,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Self {
            text: text.to_owned(),
            starts,
            from: None,
        }
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
        let before = self.text.get(start..offset).unwrap_or_default();
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        (line, before.chars().count() + 1)
    }

    /// The column, from 1, of a word in a line (from 1), if it is there.
    pub(crate) fn find(&self, line: usize, word: &str) -> Option<usize> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let line = self.text.get(start..)?.lines().next()?;
        let before = &line[..line.find(word)?];
        Some(before.trim_start_matches('\u{feff}').chars().count() + 1)
    }
}
