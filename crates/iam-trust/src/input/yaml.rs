//! `CloudFormation` templates and GitHub's workflows in YAML, read as the JSON that they mean.
//!
//! The text becomes JSON, and each of its bytes remembers where in the YAML it came from: everything
//! else reads JSON only, and its places are still those of the file. Aliases are refused in templates,
//! as `CloudFormation` does not take them either. In a workflow one becomes a copy of what it stands
//! for, with the places of that, and all copies together have a bound.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::json::{SyntaxError, quote};

/// The largest template that is read, in bytes: `CloudFormation` takes 1 MB.
const LARGEST_TEMPLATE: usize = 4 << 20;
/// The largest workflow that is read, in bytes, and the largest JSON that aliases may make of one.
const LARGEST_WORKFLOW: usize = 1 << 20;
/// The deepest nesting, below that of the JSON reader.
const MAX_DEPTH: usize = 90;

/// A YAML text as JSON.
pub(crate) struct Converted {
    /// The JSON.
    pub(crate) json: String,
    /// For each of its bytes, and its end, the offset in the YAML.
    pub(crate) from: Vec<usize>,
}

/// Who takes the YAML, which decides what of it there is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `CloudFormation`: short forms of functions (`!Sub`), and no aliases.
    Template,
    /// GitHub Actions: aliases, but no merge keys (`<<`), and tags mean nothing.
    Workflow,
}

/// Converts one document, a mapping; nothing where it is another kind of text.
pub(crate) fn convert(text: &str, dialect: Dialect) -> Result<Option<Converted>, SyntaxError> {
    let (largest, message) = match dialect {
        Dialect::Template => (LARGEST_TEMPLATE, "YAML of more than 4 MiB is not read"),
        Dialect::Workflow => (LARGEST_WORKFLOW, "YAML of more than 1 MiB is not read"),
    };
    if text.len() > largest {
        return Err(error(0, message));
    }
    let mut writer = Writer::new(text, dialect);
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
    /// Its anchor, and where it begins in the JSON.
    anchor: (usize, usize),
}

struct Writer {
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
    fn new(text: &str, dialect: Dialect) -> Self {
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

    /// Whether what comes now is a key. It is counted by then: a key makes the count odd.
    fn has_key(&self) -> bool {
        self.is_mapping && !self.wants_key()
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
        convert(yaml, Dialect::Template)
            .ok()
            .flatten()
            .map(|it| it.json)
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
    fn a_key_is_a_text_whatever_it_looks_like() {
        let yaml = "123456789012: a\ntrue: b\nnull: {1: c}\n~: d\n";
        assert_eq!(
            json(yaml).as_deref(),
            Some(r#"{"123456789012":"a","true":"b","null":{"1":"c"},"~":"d"}"#)
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
        let converted = convert(yaml, Dialect::Template).unwrap().unwrap();
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
            assert!(convert(yaml, Dialect::Template).is_ok(), "{yaml}");
        }
        for yaml in [
            "a: &x 1\nb: *x\n",
            "a: 1\n---\nb: 2\n",
            "? [a]\n: b\n",
            "a: [b\n",
            "a: 1\n b: 2\n",
        ] {
            assert!(convert(yaml, Dialect::Template).is_err(), "{yaml}");
        }
        let deep = format!("a: {}", "[".repeat(1000));
        assert!(convert(&deep, Dialect::Template).is_err());
    }

    fn workflow(yaml: &str) -> Result<String, String> {
        let converted = convert(yaml, Dialect::Workflow).map_err(|it| it.message)?;
        Ok(converted.unwrap().json)
    }

    #[test]
    fn an_alias_in_a_workflow_is_what_it_stands_for_with_its_places() {
        let yaml = "a: &x {b: &y [1, !t u]}\nc: [*x, *y]\n";
        let wanted = r#"{"a":{"b":[1,"u"]},"c":[{"b":[1,"u"]},[1,"u"]]}"#;
        assert_eq!(workflow(yaml).as_deref(), Ok(wanted));
        let converted = convert(yaml, Dialect::Workflow).unwrap().unwrap();
        assert_eq!(converted.from.len(), converted.json.len() + 1);
        let last = converted.json.rfind('1').unwrap();
        assert_eq!(yaml.as_bytes()[converted.from[last]], b'1');
    }

    #[test]
    fn aliases_that_grow_or_turn_round_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let copies = format!("*a{},", level - 1).repeat(10);
            bomb = format!("{bomb}a{level}: &a{level} [{copies}]\n");
        }
        for (yaml, wanted) in [
            (&*bomb, "1 MiB"),
            ("a: &x [*x]\n", "what it stands for"),
            ("a: &x k\n*x : 1\n", "a key is a text"),
            ("a: &x {b: c}\nd:\n  <<: *x\n", "merge keys"),
        ] {
            let message = workflow(yaml).unwrap_err();
            assert!(message.contains(wanted), "{message}");
        }
    }
}
