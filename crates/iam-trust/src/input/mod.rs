//! Roles out of whatever they came in, told apart by content.

mod cloudformation;
mod embedded;
mod iam;
mod intrinsic;
mod permissions;
mod role;
mod terraform;
pub(crate) mod yaml;

use std::sync::Arc;

use crate::json::{LineIndex, Node, read as read_json};
use crate::place::{Place, Problem};
use crate::policy::{Literal, Offsets, Origin, Resolver, parse};

pub use permissions::{Grant, Permissions};
pub use role::{MaxSession, Role};

/// What was found in one file.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The roles whose trust policy was understood, in the order of the file. Empty where a template
    /// or plan has no role.
    pub roles: Vec<Role>,
    /// What was not understood in the others, in the order of the file. A caller must not call a
    /// file fine while this is not empty.
    pub problems: Vec<Problem>,
}

/// Why a file gave no role at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is neither JSON nor YAML.
    #[error("{0}")]
    Syntax(Problem),
    /// It is JSON, but none of the known documents.
    #[error(
        "neither a trust policy, an answer of `aws iam get-role` or \
         `get-account-authorization-details`, a CloudFormation template nor a Terraform plan in JSON"
    )]
    Unknown,
    /// Every trust policy in it has problems; here are all of them.
    #[error("{}", first_of(.0))]
    Policy(Vec<Problem>),
}

fn first_of(problems: &[Problem]) -> String {
    match problems {
        [] => "a policy was not understood".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    }
}

impl ReadError {
    /// All that is wrong, each with its place.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Syntax(problem) => vec![problem.clone()],
            Self::Unknown => vec![Problem::new(start(), self.to_string())],
            Self::Policy(problems) => problems.clone(),
        }
    }
}

fn start() -> Place {
    Place {
        line: 1,
        column: 1,
        ..Place::default()
    }
}

/// Reads a bare trust policy, an answer of `aws iam get-role`, `list-roles` or
/// `get-account-authorization-details`, a `CloudFormation` template in JSON or YAML, or a Terraform
/// plan or state in JSON (`terraform show -json`).
///
/// # Errors
/// [`ReadError`] where no role could be understood; where some could, what is wrong with the others
/// is in [`Input::problems`].
pub fn read(text: &str) -> Result<Input, ReadError> {
    let json = read_json(text);
    if json.is_err() && !looks_like_json(text) {
        let lines = LineIndex::new(text);
        match yaml::convert(text, yaml::Dialect::Template) {
            Ok(Some(yaml)) => return read_yaml(yaml, lines),
            Err(error) if has_policy(text) => {
                return Err(ReadError::Syntax(syntax("YAML", &lines, &error)));
            }
            Ok(None) | Err(_) => {}
        }
    }
    let lines = Arc::new(LineIndex::new(text));
    match json {
        Ok(node) => collect(text, lines, &node),
        Err(error) => Err(ReadError::Syntax(syntax("JSON", &lines, &error))),
    }
}

fn read_yaml(yaml: yaml::Converted, lines: LineIndex) -> Result<Input, ReadError> {
    let lines = Arc::new(lines.through(yaml.from));
    match read_json(&yaml.json) {
        Ok(node) => {
            let mut input = collect(&yaml.json, lines, &node)?;
            for role in &mut input.roles {
                role.stands_in_yaml();
            }
            Ok(input)
        }
        Err(error) => Err(ReadError::Syntax(syntax("YAML", &lines, &error))),
    }
}

fn collect(text: &str, lines: Arc<LineIndex>, node: &Node) -> Result<Input, ReadError> {
    let mut file = File {
        text,
        lines,
        found: Input::default(),
    };
    if !file.dispatch(node) {
        return Err(ReadError::Unknown);
    }
    let found = file.found;
    if found.roles.is_empty() && !found.problems.is_empty() {
        return Err(ReadError::Policy(found.problems));
    }
    Ok(found)
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with(['{', '['])
}

/// Whether a text that is no YAML was meant to be some of ours.
fn has_policy(text: &str) -> bool {
    text.contains("Resources:") || text.contains("Statement:")
}

fn syntax(language: &str, lines: &LineIndex, error: &crate::json::SyntaxError) -> Problem {
    let (line, column) = lines.locate(error.offset);
    let place = Place {
        pointer: String::new(),
        line,
        column,
    };
    Problem::new(place, format!("not {language}: {}", error.message))
}

/// One file while it is read.
struct File<'a> {
    text: &'a str,
    lines: Arc<LineIndex>,
    found: Input,
}

impl File<'_> {
    /// Reads by the kind of document; whether it is a known one.
    fn dispatch(&mut self, node: &Node) -> bool {
        if node.get("Statement").is_some() {
            self.policy(node, "", &Literal, Role::bare);
            return true;
        }
        self.iam(node) || self.cloudformation(node) || self.terraform(node)
    }

    fn place(&self, pointer: &str, offset: usize) -> Place {
        let (line, column) = self.lines.locate(offset);
        Place {
            pointer: pointer.to_owned(),
            line,
            column,
        }
    }

    fn problem(&mut self, pointer: &str, node: &Node, message: &str) {
        let place = self.place(pointer, node.span.start);
        self.found.problems.push(Problem::new(place, message));
    }

    /// Reads one trust policy, which stands here as an object or inside a string, and keeps the
    /// role that `make` builds around it.
    fn policy(
        &mut self,
        node: &Node,
        pointer: &str,
        resolver: &dyn Resolver,
        make: impl FnOnce(crate::policy::Policy) -> Role,
    ) {
        let inside = match node.text() {
            Some(_) => embedded::inside(self.text, node),
            None => self
                .text
                .get(node.span.clone())
                .map(|text| embedded::Inside {
                    text: text.to_owned(),
                    offsets: Offsets::From(node.span.start),
                    encoding: role::Encoding::Plain,
                }),
        };
        let Some(inside) = inside else {
            self.problem(
                pointer,
                node,
                "this policy is not encoded as IAM encodes it",
            );
            return;
        };
        let origin = Origin {
            lines: Arc::clone(&self.lines),
            offsets: inside.offsets,
            pointer: pointer.to_owned(),
        };
        match parse(&inside.text, &origin, resolver) {
            Ok(policy) => {
                let role = make(policy);
                let role = role.stands_at(node.span.clone(), inside.encoding);
                self.found.roles.push(role);
            }
            Err(problems) => self.found.problems.extend(problems),
        }
    }
}
