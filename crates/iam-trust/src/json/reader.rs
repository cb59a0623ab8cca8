//! From text to nodes: RFC 8259, nothing more.

use super::{Member, Node, SyntaxError, Value, decode};

/// The largest text in bytes. `get-account-authorization-details` of an account with 5,000 roles
/// is some 40 MB.
const MAX_BYTES: usize = 64 << 20;

/// The deepest nesting. A policy needs 6, a Terraform plan 3 more for each level of modules.
const MAX_DEPTH: usize = 96;

/// Reads a whole text as one value. A byte order mark is skipped.
pub(crate) fn read(text: &str) -> Result<Node, SyntaxError> {
    if text.len() > MAX_BYTES {
        return Err(SyntaxError {
            offset: 0,
            message: format!("the text is over {} MB", MAX_BYTES >> 20),
        });
    }
    let mut reader = Reader { text, at: 0 };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.error("text goes on after the end of the value"));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn error(&self, message: &str) -> SyntaxError {
        SyntaxError {
            offset: self.at,
            message: message.to_owned(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, SyntaxError> {
        self.space();
        if depth > MAX_DEPTH {
            return Err(self.error("the text nests too deeply"));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.error("no JSON value starts like this")),
            None => return Err(self.error("the text ends where a value should stand")),
        };
        Ok(Node {
            value,
            span: start..self.at,
        })
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.error("no JSON value starts like this"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            let key = self.string()?;
            let key_span = start..self.at;
            if !self.eat(b':') {
                return Err(self.error("a ':' is missing after this key"));
            }
            let value = self.value(depth + 1)?;
            members.push(Member {
                key,
                key_span,
                value,
            });
            if self.eat(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.eat(b',') {
                return Err(self.error("a ',' or '}' is missing here"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, SyntaxError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.error("a ',' or ']' is missing here"));
            }
        }
    }

    fn string(&mut self) -> Result<String, SyntaxError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("a string in double quotes should stand here"));
        }
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.text.as_bytes().get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(self.error("this string is never closed")),
            }
        }
        let raw = self.text.get(start..end).unwrap_or_default();
        let text = decode(raw, start, None)?;
        self.at = end + 1;
        Ok(text)
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if start == self.at {
            return Err(self.error("a digit is missing here"));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value, SyntaxError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = self.at;
        self.digits()?;
        if zero && self.at > whole + 1 {
            return Err(self.error("a number starts with 0"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Value::Number(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_and_refuses_what_another_reader_does() {
        for text in [
            "{}",
            "[]",
            " [1, 2.5e-3, -0] ",
            "01",
            "-",
            "1.",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\x\"",
            "\"a\nb\"",
            "tru",
            "true",
            "nullx",
            "\"",
            "\"\\",
            "{\"a\":{\"b\":[null,false]}}",
            "",
            " ",
            "[1 2]",
            "{1:2}",
            "\"\u{e9}\\u00e9\\/\"",
        ] {
            let ours = read(text).map(|node| plain(&node));
            let theirs = serde_json::from_str::<serde_json::Value>(text);
            assert_eq!(ours.ok(), theirs.ok(), "{text}");
        }
    }

    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap(),
            Value::String(text) => text.clone().into(),
            Value::Array(items) => items.iter().map(plain).collect(),
            Value::Object(members) => members
                .iter()
                .map(|member| (member.key.clone(), plain(&member.value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    #[test]
    fn nesting_is_capped_and_a_mark_at_the_start_skipped() {
        assert!(read(&"[".repeat(100_000)).is_err());
        let deep = format!("{}{}", "[".repeat(90), "]".repeat(90));
        assert!(read(&deep).is_ok());
        assert!(read("\u{feff}{}").is_ok());
    }
}
