//! The brackets that are open, in a bit each: they may be as many as a value has bytes.

/// How many kinds fit a word.
const WORD: usize = u64::BITS as usize;

/// Open brackets, of which there are at most as many as were allowed.
#[derive(Debug)]
pub(super) struct Brackets {
    /// The kinds of the outer ones, a full word each; a bit is set for an object.
    outer: Vec<u64>,
    /// Those of the others, the innermost in the lowest bit.
    inner: u64,
    depth: usize,
    most: usize,
}

impl Brackets {
    pub(super) fn new(most: usize) -> Self {
        Self {
            outer: Vec::new(),
            inner: 0,
            depth: 0,
            most,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether no more may be opened.
    pub(super) fn is_full(&self) -> bool {
        self.depth >= self.most
    }

    /// The innermost one.
    pub(super) fn last(&self) -> Option<u8> {
        let object = self.inner & 1 == 1;
        (self.depth > 0).then_some(if object { b'{' } else { b'[' })
    }

    pub(super) fn push(&mut self, bracket: u8) {
        if self.depth > 0 && self.depth.is_multiple_of(WORD) {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(bracket == b'{');
        self.depth += 1;
    }

    pub(super) fn pop(&mut self) {
        if self.depth == 0 {
            return;
        }
        self.depth -= 1;
        self.inner >>= 1;
        if self.depth.is_multiple_of(WORD) {
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Brackets;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn they_are_what_a_list_of_them_is(steps in prop::collection::vec((1_usize..200, any::<u64>()), 0..20)) {
            let (mut brackets, mut list) = (Brackets::new(usize::MAX), Vec::new());
            for (number, kinds) in steps {
                let opens = kinds & 1 == 1;
                for step in 0..number {
                    if opens {
                        let bracket = if kinds >> (step % 61) & 1 == 1 { b'{' } else { b'[' };
                        brackets.push(bracket);
                        list.push(bracket);
                    } else {
                        brackets.pop();
                        list.pop();
                    }
                    prop_assert_eq!(brackets.last(), list.last().copied());
                    prop_assert_eq!(brackets.depth(), list.len());
                }
            }
        }
    }
}
