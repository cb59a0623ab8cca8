//! What a step finds in its environment, as far as the file says it.

use crate::json::Node;

use super::facts::scalar;

/// The most often that one variable may lead to another.
const MAX_STEPS: usize = 4;
/// The longest text, in bytes, that variables may make: beyond, they stay as they are.
const LONGEST: usize = 64 << 10;

/// The `env` of a step, of its job and of the workflow: the nearest first.
pub(super) struct Surroundings<'a> {
    pub(super) env: Vec<&'a Node>,
}

impl<'a> Surroundings<'a> {
    /// Of the nodes that may hold an `env`, the nearest first.
    pub(super) fn of(holders: impl IntoIterator<Item = &'a Node>) -> Self {
        let env = holders.into_iter().filter_map(|it| it.get("env"));
        Self { env: env.collect() }
    }

    /// A text with each `${{ env.NAME }}` that the file defines replaced by what it says.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MAX_STEPS {
            match self.expand_once(&text) {
                Some(next) if next != text => text = next,
                _ => break,
            }
        }
        text
    }

    /// Nothing where that becomes too long.
    fn expand_once(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut parts = text.split("${{");
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (inside, after) = part.split_once("}}").unwrap_or((part, ""));
            let name = inside.trim().strip_prefix("env.");
            if let Some(value) = name.and_then(|name| self.value(name)) {
                out.push_str(&value);
                out.push_str(after);
            } else {
                out.push_str("${{");
                out.push_str(part);
            }
            if out.len() > LONGEST {
                return None;
            }
        }
        Some(out)
    }

    /// A shell's variable: what the file says of it, GitHub's own as its expression, and any other
    /// as an expression that nobody knows.
    pub(super) fn variable(&self, name: &str) -> String {
        if let Some(value) = self.value(name) {
            return self.expand(&value);
        }
        match name.strip_prefix("GITHUB_") {
            Some(name) => format!("${{{{ github.{} }}}}", name.to_ascii_lowercase()),
            None => format!("${{{{ shell.{name} }}}}"),
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        self.env.iter().find_map(|env| scalar(env.get(name)?))
    }
}
