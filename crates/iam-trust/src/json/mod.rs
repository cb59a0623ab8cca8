//! A JSON reader that keeps the place of every value and every repeated key.
//!
//! A security policy must be judged as its author wrote it: which of two equal keys wins differs
//! between parsers, so none is thrown away here, and every complaint can point at its line.

mod lines;
mod reader;
mod render;
mod string;

use std::collections::HashSet;
use std::ops::Range;

pub(crate) use lines::LineIndex;
pub(crate) use reader::read;
pub(crate) use render::{Layout, quote, render};
pub(crate) use string::decode;

/// One value and the bytes that it takes in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Range<usize>,
}

/// A JSON value. Numbers stay text: an id of 64 bits must not pass through a float.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// One member of an object; the same key may come several times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
}

/// Text that is not JSON, or more of it than this reader takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl Node {
    /// A value that stands in no text.
    pub(crate) fn made(value: Value) -> Self {
        Self { value, span: 0..0 }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn members(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members whose key came before in the same object.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = &Member> {
        let mut seen = HashSet::new();
        let members = self.members().unwrap_or_default().iter();
        members.filter(move |member| !seen.insert(&*member.key))
    }

    /// The first member with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let mut members = self.members()?.iter();
        members
            .find(|member| member.key == key)
            .map(|member| &member.value)
    }

    /// The text at the end of a path of keys.
    pub(crate) fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::text)
    }

    /// What kind of value it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}
