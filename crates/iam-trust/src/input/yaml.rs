//! `CloudFormation` templates in YAML, read as the JSON that they mean.
//!
//! The text becomes JSON, and each of its bytes remembers where in the YAML it came from: everything
//! else reads JSON only, and its places are still those of the file. Anchors and aliases are refused,
//! as `CloudFormation` does not take them either; so nothing here can grow beyond the text.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::json::{SyntaxError, quote};

/// The largest template that is read, in bytes: `CloudFormation` takes 1 MB.
const LARGEST: usize = 4 << 20;
/// The deepest nesting, below that of the JSON reader.
const MAX_DEPTH: usize = 90;

/// A YAML text as JSON.
pub(crate) struct Converted {
    /// The JSON.
    pub(crate) json: String,
    /// For each of its bytes, and its end, the offset in the YAML.
    pub(crate) from: Vec<usize>,
}

/// Converts one document, a mapping; nothing where it is another kind of text.
pub(crate) fn convert(text: &str) -> Result<Option<Converted>, SyntaxError> {
    if text.len() > LARGEST {
        return Err(error(0, "YAML of more than 4 MiB is not read"));
    }
    let mut writer = Writer::new(text);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|problem| {
            let offset = writer.byte(problem.marker().index());
            error(offset, problem.info())
        })?;
        if !writer.event(event, span)? {
            return Ok(None);
        }
    }
    Ok(writer.finish())
}

fn error(offset: usize, message: &str) -> SyntaxError {
    SyntaxError {
        offset,
        message: message.to_owned(),
    }
}

/// A collection that is open.
struct Open {
    is_mapping: bool,
    /// Keys and values, or items, so far.
    count: usize,
    /// What closes the function around it, if there is one.
    function_end: &'static str,
}

struct Writer {
    /// The byte of each character, and of the end.
    bytes: Vec<usize>,
    json: String,
    from: Vec<usize>,
    open: Vec<Open>,
    documents: usize,
}

impl Writer {
    fn new(text: &str) -> Self {
        let starts = text.char_indices().map(|(at, _)| at);
        Self {
            bytes: starts.chain([text.len()]).collect(),
            json: String::new(),
            from: Vec::new(),
            open: Vec::new(),
            documents: 0,
        }
    }

    fn byte(&self, character: usize) -> usize {
        let last = self.bytes.last().copied().unwrap_or_default();
        self.bytes.get(character).copied().unwrap_or(last)
    }

    fn write(&mut self, json: &str, at: usize) {
        self.json.push_str(json);
        self.from.resize(self.json.len(), at);
    }

    /// Takes one event; whether this is still a mapping.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, SyntaxError> {
        let at = self.byte(span.start.index());
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(error(at, "a template is one document, here begins another"));
                }
            }
            Event::Alias(_) => {
                return Err(error(at, "aliases are not read, by CloudFormation neither"));
            }
            Event::Scalar(text, style, _, tag) => {
                if self.open.is_empty() {
                    return Ok(false);
                }
                self.separate(at);
                let end = self.function(tag.as_deref(), at);
                let json = scalar(&text, style, tag.as_deref());
                self.write(&json, at);
                self.write(end, at);
            }
            Event::SequenceStart(_, tag) => {
                if self.open.is_empty() {
                    return Ok(false);
                }
                self.start(false, tag.as_ref(), at)?;
            }
            Event::MappingStart(_, tag) => self.start(true, tag.as_ref(), at)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(true)
    }

    fn start(
        &mut self,
        is_mapping: bool,
        tag: Option<&Cow<'_, Tag>>,
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
        let function_end = self.function(tag.map(|tag| &**tag), at);
        self.write(if is_mapping { "{" } else { "[" }, at);
        self.open.push(Open {
            is_mapping,
            count: 0,
            function_end,
        });
        Ok(())
    }

    fn end(&mut self, at: usize) {
        let Some(open) = self.open.pop() else { return };
        self.write(if open.is_mapping { "}" } else { "]" }, at);
        self.write(open.function_end, at);
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
        // The value's own separator was counted: a key makes the count odd.
        let is_key = self
            .open
            .last()
            .is_some_and(|open| open.is_mapping && !open.wants_key());
        let Some(name) = tag.and_then(function_name).filter(|_| !is_key) else {
            return "";
        };
        self.write(&format!("{{{}:", quote(&name)), at);
        "}"
    }

    fn finish(mut self) -> Option<Converted> {
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
}

/// The function of a short form; nothing for YAML's own tags.
fn function_name(tag: &Tag) -> Option<String> {
    if tag.handle != "!" {
        return None;
    }
    Some(match &*tag.suffix {
        short @ ("Ref" | "Condition") => short.to_owned(),
        short => format!("Fn::{short}"),
    })
}

/// A scalar as JSON. Dates stay texts, as `CloudFormation` reads `Version: 2012-10-17`.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> String {
    let is_attribute = tag.is_some_and(|tag| tag.handle == "!" && tag.suffix == "GetAtt");
    if let Some((resource, attribute)) = text.split_once('.').filter(|_| is_attribute) {
        return format!("[{},{}]", quote(resource), quote(attribute));
    }
    if style != ScalarStyle::Plain || tag.is_some() {
        return quote(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => "null".to_owned(),
        "true" | "True" | "TRUE" => "true".to_owned(),
        "false" | "False" | "FALSE" => "false".to_owned(),
        number if is_number(number) => number.to_owned(),
        text => quote(text),
    }
}

/// An account's id can begin with a zero: that is a text.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.is_empty() && text.len() <= 18 && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(yaml: &str) -> Option<String> {
        convert(yaml).ok().flatten().map(|it| it.json)
    }

    #[test]
    fn yaml_becomes_the_json_that_it_means() {
        let yaml = "a: 1\nb: [x, 'y', \"z\", 012, 2012-10-17, true, ~]\nc:\n  - d: |\n      t\n  - {e: f}\n";
        assert_eq!(
            json(yaml).as_deref(),
            Some(
                r#"{"a":1,"b":["x","y","z","012","2012-10-17",true,null],"c":[{"d":"t\n"},{"e":"f"}]}"#
            )
        );
    }

    #[test]
    fn short_forms_become_long_ones() {
        let yaml = "a: !Sub 'x${y}'\nb: !GetAtt p.Arn.z\nc: !Join ['', [!Ref q, b]]\nd: !If [e, {f: !Ref g}, h]\n";
        assert_eq!(
            json(yaml).as_deref(),
            Some(
                r#"{"a":{"Fn::Sub":"x${y}"},"b":{"Fn::GetAtt":["p","Arn.z"]},"c":{"Fn::Join":["",[{"Ref":"q"},"b"]]},"d":{"Fn::If":["e",{"f":{"Ref":"g"}},"h"]}}"#
            )
        );
    }

    #[test]
    fn every_byte_remembers_where_it_came_from() {
        let yaml = "ä: ö\nkey:\n  - value\n";
        let converted = convert(yaml).unwrap().unwrap();
        assert_eq!(converted.from.len(), converted.json.len() + 1);
        for word in ["ä", "ö", "key", "value"] {
            let at = converted.json.find(&format!("\"{word}\"")).unwrap();
            assert_eq!(Some(converted.from[at]), yaml.find(word), "{word}");
        }
    }

    #[test]
    fn what_is_no_mapping_is_nothing_and_what_is_broken_an_error() {
        for yaml in ["", "text", "- a\n- b\n", "# just a comment\n"] {
            assert_eq!(json(yaml), None, "{yaml}");
            assert!(convert(yaml).is_ok(), "{yaml}");
        }
        for yaml in [
            "a: &x 1\nb: *x\n",
            "a: 1\n---\nb: 2\n",
            "? [a]\n: b\n",
            "a: [b\n",
            "a: 1\n b: 2\n",
        ] {
            assert!(convert(yaml).is_err(), "{yaml}");
        }
        let deep = format!("a: {}", "[".repeat(1000));
        assert!(convert(&deep).is_err());
    }
}
