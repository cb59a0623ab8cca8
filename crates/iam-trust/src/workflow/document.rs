//! The text of a workflow, as a tree that remembers its places.

use crate::input::yaml::{self, Dialect};
use crate::json::{LineIndex, Node, SyntaxError, read};
use crate::place::{Place, Problem};

use super::login::At;

#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Node,
    lines: LineIndex,
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let lines = LineIndex::new(text);
        let yaml = match yaml::convert(text, Dialect::Workflow) {
            Ok(Some(yaml)) => yaml,
            Ok(None) => {
                let start = place(&lines, "", 0);
                return Err(Problem::new(
                    start,
                    "neither a workflow nor a composite action",
                ));
            }
            Err(error) => return Err(syntax(&lines, &error)),
        };
        let lines = lines.through(yaml.from);
        match read(&yaml.json) {
            Ok(root) => Ok(Self { root, lines }),
            Err(error) => Err(syntax(&lines, &error)),
        }
    }

    pub(super) fn place(&self, at: &At) -> Place {
        let mut place = place(&self.lines, &at.pointer, at.offset);
        // A script mostly stands in the file as it is. Where it does not, its start has to do.
        let word = at.word.and_then(|(down, word)| {
            let line = place.line + down;
            Some((line, self.lines.find(line, word)?))
        });
        if let Some((line, column)) = word {
            (place.line, place.column) = (line, column);
        }
        place
    }
}

fn place(lines: &LineIndex, pointer: &str, offset: usize) -> Place {
    let (line, column) = lines.locate(offset);
    Place {
        pointer: pointer.to_owned(),
        line,
        column,
    }
}

fn syntax(lines: &LineIndex, error: &SyntaxError) -> Problem {
    let message = format!("not a workflow's YAML: {}", error.message);
    Problem::new(place(lines, "", error.offset), message)
}
