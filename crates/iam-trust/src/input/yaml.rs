//! `CloudFormation` templates and GitHub's workflows in YAML, read as the JSON that they mean.
//!
//! The text becomes JSON, and each of its bytes remembers where in the YAML it came from: everything
//! else reads JSON only, and its places are still those of the file. Aliases are refused in templates,
//! as `CloudFormation` does not take them either. In a workflow one becomes a copy of what it stands
//! for, with the places of that, and all copies together have a bound.

mod scalar;
#[cfg(test)]
mod tests;
mod writer;

use saphyr_parser::Parser;

use crate::json::SyntaxError;
use writer::Writer;

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
