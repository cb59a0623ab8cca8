//! Finds where a JSON value ends, without reading it.
//!
//! The scanner knows strings, brackets and which token may follow which; it does not look into
//! strings and numbers. At the first token that is out of place it notes a fault and goes on by
//! brackets alone: a value that closes properly all the same is one broken value and hides
//! nothing behind it. Only where the brackets do not match either is the value's end unknown.
//! It neither recurses nor holds text, so size is the caller's to bound; depth is bounded here.

mod brackets;

use std::ops::Range;

use memchr::{memchr, memchr2};

use self::brackets::Brackets;

/// What the scanner came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All is scanned up to here and the value goes on.
    More(usize),
    /// The value ends here.
    Done(usize),
    /// An array begins here, as the value of a member of the outermost object.
    Array(usize),
    /// There is a fault, and after looking on up to here no telling where the value ends.
    Broken(usize),
    /// More brackets are open here than are allowed.
    Deep(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// After a fault.
    Anything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Nothing,
    Key,
    Text,
    Scalar,
}

#[derive(Debug)]
pub(crate) struct Scanner {
    open: Brackets,
    expect: Expect,
    inside: Inside,
    /// The last string, without its quotes.
    string: Range<usize>,
    /// The last name in the outermost object, without its quotes.
    key: Range<usize>,
    fault: Option<usize>,
    /// How far behind a fault the value's end is looked for.
    patience: usize,
    /// Whether to stop at arrays of the outermost object.
    pause: bool,
}

impl Scanner {
    /// A scanner of a value with at most `depth` brackets open at a time.
    pub(crate) fn new(pause: bool, patience: usize, depth: usize) -> Self {
        Self {
            open: Brackets::new(depth),
            expect: Expect::Value,
            inside: Inside::Nothing,
            string: 0..0,
            key: 0..0,
            fault: None,
            patience,
            pause,
        }
    }

    /// Scans on at `at`, which is where the last step stopped.
    pub(crate) fn advance(&mut self, bytes: &[u8], mut at: usize) -> Step {
        loop {
            if self.is_done() {
                return Step::Done(at);
            }
            if self
                .fault
                .is_some_and(|fault| at.saturating_sub(fault) >= self.patience)
            {
                return Step::Broken(at);
            }
            match self.inside {
                Inside::Nothing => {}
                Inside::Scalar => {
                    at += bytes[at..]
                        .iter()
                        .take_while(|byte| is_scalar(**byte))
                        .count();
                    if at == bytes.len() {
                        return Step::More(at);
                    }
                    self.value_ends();
                    continue;
                }
                Inside::Key | Inside::Text => {
                    at = match string_end(bytes, at) {
                        Ok(end) => end,
                        Err(at) => return Step::More(at),
                    };
                    self.string.end = at - 1;
                    match self.swallows_value(bytes) {
                        Some(true) => return Step::Broken(at),
                        Some(false) => {}
                        None => return Step::More(at - 1),
                    }
                    self.string_ends();
                    continue;
                }
            }
            let Some(&byte) = bytes.get(at) else {
                return Step::More(at);
            };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'"' => self.string_begins(bytes, at),
                b'{' | b'[' if self.open.is_full() => return Step::Deep(at),
                b'{' | b'[' => {
                    if self.expect == Expect::Anything && byte == b'{' {
                        match begins_record(&bytes[at..]) {
                            Some(true) => return Step::Broken(at),
                            Some(false) => {}
                            None => return Step::More(at),
                        }
                    }
                    if !matches!(self.expect, Expect::Value | Expect::ValueOrEnd) {
                        self.note(bytes, at);
                    }
                    if byte == b'[' && self.pause && self.in_outermost_object() {
                        return Step::Array(at);
                    }
                    self.open(byte);
                }
                b'}' | b']' => {
                    self.close(bytes, at, byte);
                    if self.expect == Expect::Anything && !self.matches(byte) {
                        return Step::Broken(at);
                    }
                    self.open.pop();
                    if self.open.depth() == 0 {
                        self.expect = Expect::CommaOrEnd;
                    }
                }
                b',' => match self.expect {
                    Expect::CommaOrEnd => {
                        let object = self.open.last() == Some(b'{');
                        self.expect = if object { Expect::Key } else { Expect::Value };
                    }
                    _ => self.note(bytes, at),
                },
                b':' => match self.expect {
                    Expect::Colon => self.expect = Expect::Value,
                    _ => self.note(bytes, at),
                },
                _ => {
                    if !matches!(self.expect, Expect::Value | Expect::ValueOrEnd) {
                        self.note(bytes, at);
                    }
                    self.inside = Inside::Scalar;
                }
            }
            at += 1;
        }
    }

    /// Where the first token is that is out of place.
    pub(crate) fn fault(&self) -> Option<usize> {
        self.fault
    }

    /// Where the last name of the outermost object is, escapes and all.
    pub(crate) fn key(&self) -> Range<usize> {
        self.key.clone()
    }

    /// After [`Step::Array`]: goes into it, one byte on.
    pub(crate) fn enter_array(&mut self) {
        self.open(b'[');
    }

    /// After [`Step::Array`]: goes on behind it, from a new beginning.
    pub(crate) fn skip_array(&mut self) {
        self.value_ends();
        self.string = 0..0;
        self.key = 0..0;
    }

    /// How much before `at` is not needed any more: all but the last string, which may be the
    /// name of what comes or lack its closing quote, and what follows a fault.
    pub(crate) fn settled(&self, at: usize) -> usize {
        let string = self.string.start.saturating_sub(1);
        at.min(string).min(self.fault.unwrap_or(at))
    }

    /// The first `count` bytes are gone: all that follow are that much nearer.
    pub(crate) fn shift(&mut self, count: usize) {
        let shift = |range: &mut Range<usize>| {
            *range = range.start.saturating_sub(count)..range.end.saturating_sub(count);
        };
        shift(&mut self.string);
        shift(&mut self.key);
        self.fault = self.fault.map(|at| at.saturating_sub(count));
    }

    fn is_done(&self) -> bool {
        self.inside == Inside::Nothing
            && self.open.depth() == 0
            && self.expect == Expect::CommaOrEnd
    }

    /// Whether the last string lacks its closing quote and has eaten the next one: it ends in a
    /// record's beginning or, behind a fault, goes over a line's end. `None` if there are too few
    /// bytes to tell.
    fn swallows_value(&mut self, bytes: &[u8]) -> Option<bool> {
        let string = &bytes[self.string.clone()];
        if self.expect == Expect::Anything && memchr(b'\n', string).is_some() {
            return Some(true);
        }
        if string.last() != Some(&b'{') {
            return Some(false);
        }
        let last = self.string.end - 1;
        let swallows = begins_record(&bytes[last..])?;
        if swallows {
            self.fault.get_or_insert(last);
        }
        Some(swallows)
    }

    fn in_outermost_object(&self) -> bool {
        self.open.depth() == 1 && self.open.last() == Some(b'{') && self.expect == Expect::Value
    }

    fn matches(&self, closing: u8) -> bool {
        matches!(
            (self.open.last(), closing),
            (Some(b'{'), b'}') | (Some(b'['), b']')
        )
    }

    fn string_begins(&mut self, bytes: &[u8], at: usize) {
        self.inside = match self.expect {
            Expect::Key | Expect::KeyOrEnd => Inside::Key,
            Expect::Value | Expect::ValueOrEnd | Expect::Anything => Inside::Text,
            Expect::Colon | Expect::CommaOrEnd => {
                self.note(bytes, at);
                Inside::Text
            }
        };
        self.string = at + 1..at + 1;
    }

    fn string_ends(&mut self) {
        if self.inside == Inside::Key {
            self.inside = Inside::Nothing;
            self.expect = Expect::Colon;
            if self.open.depth() == 1 {
                self.key = self.string.clone();
            }
        } else {
            self.value_ends();
        }
    }

    fn value_ends(&mut self) {
        self.inside = Inside::Nothing;
        if self.expect != Expect::Anything || self.open.depth() == 0 {
            self.expect = Expect::CommaOrEnd;
        }
    }

    fn open(&mut self, bracket: u8) {
        self.open.push(bracket);
        self.expect = match (self.expect, bracket) {
            (Expect::Anything, _) => Expect::Anything,
            (_, b'{') => Expect::KeyOrEnd,
            _ => Expect::ValueOrEnd,
        };
    }

    fn close(&mut self, bytes: &[u8], at: usize, bracket: u8) {
        let due = match self.expect {
            Expect::CommaOrEnd | Expect::Anything => self.matches(bracket),
            Expect::KeyOrEnd => bracket == b'}',
            Expect::ValueOrEnd => bracket == b']' && self.matches(b']'),
            Expect::Value | Expect::Key | Expect::Colon => false,
        };
        if !due {
            self.note(bytes, at);
        } else if self.expect != Expect::Anything {
            self.expect = Expect::CommaOrEnd;
        }
    }

    /// Notes a fault. A line's end inside the string before it is where things went wrong: no
    /// string has one, so that string lacks its closing quote and has eaten the next one's. There, and where an object
    /// begins a line, a new value begins for all we know.
    fn note(&mut self, bytes: &[u8], at: usize) {
        self.expect = Expect::Anything;
        if self.fault.is_none() {
            let line_end = memchr(b'\n', &bytes[self.string.clone()]);
            self.fault = Some(line_end.map_or(at, |offset| self.string.start + offset));
            let begins_line = bytes[at] == b'{' && at > 0 && bytes[at - 1] == b'\n';
            if line_end.is_some() || begins_line {
                self.patience = 0;
            }
        }
    }
}

/// How a record begins as CloudTrail writes it. In valid JSON these bytes can only be an object's
/// first name: in a text the quotes would be escaped. Behind a fault they are the next record.
const RECORD: &[u8] = b"{\"eventVersion\"";

/// `None` if there are too few bytes to tell.
fn begins_record(bytes: &[u8]) -> Option<bool> {
    let length = bytes.len().min(RECORD.len());
    let alike = bytes[..length] == RECORD[..length];
    (!alike || length == RECORD.len()).then_some(alike)
}

fn is_scalar(byte: u8) -> bool {
    !matches!(
        byte,
        b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':'
    )
}

/// The index behind the closing quote of the string that `at` is in; else how far it was looked
/// for.
fn string_end(bytes: &[u8], mut at: usize) -> Result<usize, usize> {
    while let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) {
        at += found;
        if bytes[at] == b'"' {
            return Ok(at + 1);
        }
        // An escape that the bytes at hand cut in two is looked at again.
        if at + 1 == bytes.len() {
            return Err(at);
        }
        at += 2;
    }
    Err(bytes.len())
}
