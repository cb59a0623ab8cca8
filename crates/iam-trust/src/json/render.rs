//! From nodes back to text, in the style of the text around them.

use super::{Node, Value};

/// How an object or list is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// On one line; with a blank after ':' and ',' or not.
    Inline {
        /// What stands after ':' and ','.
        blank: &'static str,
    },
    /// Over several lines, with this indent a level, in a place that is itself indented so far.
    Lines {
        /// The indent of one level.
        unit: String,
        /// The indent of the line on which the value starts.
        outer: String,
    },
}

/// A text as a JSON string, quotes included.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c < ' ' => {
                use std::fmt::Write as _;
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The value as text.
pub(crate) fn render(node: &Node, layout: &Layout) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.clone(),
        Value::String(text) => quote(text),
        Value::Array(items) => {
            let inner = layout.inner();
            let items = items.iter().map(|item| render(item, &inner));
            layout.wrap('[', &items.collect::<Vec<_>>(), ']')
        }
        Value::Object(members) => {
            let inner = layout.inner();
            let blank = layout.blank();
            let members = members.iter().map(|member| {
                let value = render(&member.value, &inner);
                format!("{}:{blank}{value}", quote(&member.key))
            });
            layout.wrap('{', &members.collect::<Vec<_>>(), '}')
        }
    }
}

impl Layout {
    /// What stands after a ':'.
    pub(crate) fn blank(&self) -> &'static str {
        match self {
            Self::Inline { blank } => blank,
            Self::Lines { .. } => " ",
        }
    }

    fn inner(&self) -> Self {
        match self {
            Self::Inline { .. } => self.clone(),
            Self::Lines { unit, outer } => Self::Lines {
                unit: unit.clone(),
                outer: format!("{outer}{unit}"),
            },
        }
    }

    fn wrap(&self, open: char, parts: &[String], close: char) -> String {
        match self {
            _ if parts.is_empty() => format!("{open}{close}"),
            Self::Inline { blank } => {
                format!("{open}{}{close}", parts.join(&format!(",{blank}")))
            }
            Self::Lines { unit, outer } => {
                let indent = format!("\n{outer}{unit}");
                let body = parts.join(&format!(",{indent}"));
                format!("{open}{indent}{body}\n{outer}{close}")
            }
        }
    }
}
