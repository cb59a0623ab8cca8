//! The text of a workflow, as a tree that remembers its places.

use crate::input::yaml;
use crate::json::{LineIndex, Node, SyntaxError, read};
use crate::place::{Place, Problem};

pub(super) struct Document {
    pub(super) root: Node,
    lines: LineIndex,
}

impl Document {
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let lines = LineIndex::new(text);
        let yaml = match yaml::convert(text) {
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

    pub(super) fn place(&self, pointer: &str, offset: usize) -> Place {
        place(&self.lines, pointer, offset)
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
    let problem = Problem::new(
        place(lines, "", error.offset),
        format!("not YAML that is read here: {}", error.message),
    );
    // The reader's words are about templates; GitHub does take aliases.
    if error.message.starts_with("aliases") {
        return problem.help("write out what the alias stands for");
    }
    problem
}
