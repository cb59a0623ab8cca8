//! The parser's events, written down as JSON.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, ScalarStyle, Span, Tag};

use crate::json::{SyntaxError, quote};

use super::scalar::{function_name, scalar};
use super::{Converted, Dialect, LARGEST_WORKFLOW, MAX_DEPTH, error};

/// A collection that is open.
struct Open {
    is_mapping: bool,
    /// Keys and values, or items, so far.
    count: usize,
    /// What closes the function around it, if there is one.
    function_end: &'static str,
    /// Its anchor, and where it begins in the JSON.
    anchor: (usize, usize),
}

pub(super) struct Writer {
    /// The byte of each character, and of the end.
    bytes: Vec<usize>,
    json: String,
    from: Vec<usize>,
    open: Vec<Open>,
    documents: usize,
    dialect: Dialect,
    /// What each anchor names, as a part of the JSON.
    anchored: HashMap<usize, Range<usize>>,
}

impl Writer {
    pub(super) fn new(text: &str, dialect: Dialect) -> Self {
        let starts = text.char_indices().map(|(at, _)| at);
        Self {
            bytes: starts.chain([text.len()]).collect(),
            json: String::new(),
            from: Vec::new(),
            open: Vec::new(),
            documents: 0,
            dialect,
            anchored: HashMap::new(),
        }
    }

    pub(super) fn byte(&self, character: usize) -> usize {
        let last = self.bytes.last().copied().unwrap_or_default();
        self.bytes.get(character).copied().unwrap_or(last)
    }

    fn write(&mut self, json: &str, at: usize) {
        self.json.push_str(json);
        self.from.resize(self.json.len(), at);
    }

    /// Takes one event; whether this is still a mapping.
    pub(super) fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, SyntaxError> {
        let at = self.byte(span.start.index());
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(error(at, "this is one document, and here begins another"));
                }
            }
            Event::Alias(anchor) => self.alias(anchor, at)?,
            Event::Scalar(text, style, anchor, tag) => {
                if self.open.is_empty() {
                    return Ok(false);
                }
                self.refuse_merge(&text, style, at)?;
                self.separate(at);
                let start = self.json.len();
                let end = self.function(tag.as_deref(), at);
                let is_key = self.open.last().is_some_and(Open::has_key);
                let json = if is_key {
                    quote(&text)
                } else {
                    scalar(&text, style, tag.as_deref())
                };
                self.write(&json, at);
                self.write(end, at);
                self.anchored.insert(anchor, start..self.json.len());
            }
            Event::SequenceStart(anchor, tag) => {
                if self.open.is_empty() {
                    return Ok(false);
                }
                self.start(false, (anchor, tag.as_ref()), at)?;
            }
            Event::MappingStart(anchor, tag) => self.start(true, (anchor, tag.as_ref()), at)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(true)
    }

    fn start(
        &mut self,
        is_mapping: bool,
        (anchor, tag): (usize, Option<&Cow<'_, Tag>>),
        at: usize,
    ) -> Result<(), SyntaxError> {
        let is_key = self.open.last().is_some_and(Open::wants_key);
        if is_key {
            return Err(error(at, "a key is a text"));
        }
        // A function takes a level of its own.
        if self.open.len() * 2 > MAX_DEPTH {
            return Err(error(at, "the text nests too deeply"));
        }
        self.separate(at);
        let begin = self.json.len();
        let function_end = self.function(tag.map(|tag| &**tag), at);
        self.write(if is_mapping { "{" } else { "[" }, at);
        self.open.push(Open {
            is_mapping,
            count: 0,
            function_end,
            anchor: (anchor, begin),
        });
        Ok(())
    }

    /// Copies what an alias stands for. Doubled often enough, copies of copies would fill the
    /// memory: they have to fit into what is read.
    fn alias(&mut self, anchor: usize, at: usize) -> Result<(), SyntaxError> {
        if self.dialect == Dialect::Template {
            return Err(error(at, "aliases are not read, by CloudFormation neither"));
        }
        if self.open.last().is_none_or(Open::wants_key) {
            return Err(error(at, "a key is a text"));
        }
        let Some(range) = self.anchored.get(&anchor).cloned() else {
            return Err(error(at, "this alias stands in what it stands for"));
        };
        if self.json.len() + range.len() > LARGEST_WORKFLOW {
            return Err(error(at, "the aliases make more than 1 MiB of it"));
        }
        self.separate(at);
        self.json.extend_from_within(range.clone());
        self.from.extend_from_within(range);
        Ok(())
    }

    fn refuse_merge(&self, text: &str, style: ScalarStyle, at: usize) -> Result<(), SyntaxError> {
        let is_key = self.open.last().is_some_and(Open::wants_key);
        let is_merge = is_key && text == "<<" && style == ScalarStyle::Plain;
        if is_merge && self.dialect == Dialect::Workflow {
            return Err(error(at, "merge keys are not taken by GitHub"));
        }
        Ok(())
    }

    fn end(&mut self, at: usize) {
        let Some(open) = self.open.pop() else { return };
        self.write(if open.is_mapping { "}" } else { "]" }, at);
        self.write(open.function_end, at);
        let (anchor, begin) = open.anchor;
        self.anchored.insert(anchor, begin..self.json.len());
    }

    /// Writes what stands before a value, or a key.
    fn separate(&mut self, at: usize) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let separator = match open.count {
            0 => "",
            odd if open.is_mapping && odd % 2 == 1 => ":",
            _ => ",",
        };
        open.count += 1;
        self.write(separator, at);
    }

    /// Writes the long form of a short one (`!Sub` is `Fn::Sub`), and gives what closes it. A key
    /// has none.
    fn function(&mut self, tag: Option<&Tag>, at: usize) -> &'static str {
        let is_key = self.open.last().is_some_and(Open::has_key);
        let has_functions = self.dialect == Dialect::Template && !is_key;
        let Some(name) = tag.and_then(function_name).filter(|_| has_functions) else {
            return "";
        };
        self.write(&format!("{{{}:", quote(&name)), at);
        "}"
    }

    pub(super) fn finish(mut self) -> Option<Converted> {
        let end = self.bytes.last().copied().unwrap_or_default();
        self.from.push(end);
        (self.json.starts_with('{') && self.open.is_empty()).then_some(Converted {
            json: self.json,
            from: self.from,
        })
    }
}

impl Open {
    fn wants_key(&self) -> bool {
        self.is_mapping && self.count.is_multiple_of(2)
    }

    /// Whether what comes now is a key. It is counted by then: a key makes the count odd.
    fn has_key(&self) -> bool {
        self.is_mapping && !self.wants_key()
    }
}
