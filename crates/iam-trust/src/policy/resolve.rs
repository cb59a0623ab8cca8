//! Values that a template computes.

use std::collections::BTreeMap;

use crate::json::{Layout, Node, Value, render};

/// What is known of a computed value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The text, with a name where something is open.
    pub(crate) text: String,
    /// The names of what is open.
    pub(crate) open: Vec<String>,
    /// Whether nothing but open parts is there.
    pub(crate) unknown: bool,
}

/// How what is open stands in a text: its name, less what would part the fields of an ARN or a
/// subject.
pub(crate) fn placeholder(name: &str) -> String {
    name.replace([':', '.'], "-")
}

/// Something that can work out a template's functions.
pub(crate) trait Resolver {
    /// The value of a node that is not a plain one; nothing where it is no function.
    fn resolve(&self, node: &Node) -> Option<Resolved>;

    /// The texts of a node that stands for a list of them; nothing where it does not.
    fn list(&self, _: &Node) -> Option<Vec<Resolved>> {
        None
    }

    /// What a choice (`Fn::If`) may come to, each with its place in the list; nothing where the
    /// node is none. `AWS::NoValue` is nothing that it comes to.
    fn choice<'n>(&self, node: &'n Node) -> Option<Vec<(usize, &'n Node)>> {
        let [only] = node.members()? else {
            return None;
        };
        let ("Fn::If", Some([_, then, otherwise])) = (&*only.key, only.value.items()) else {
            return None;
        };
        let mut branches = vec![(1, then), (2, otherwise)];
        branches.retain(|(_, branch)| branch.text_at("Ref") != Some("AWS::NoValue"));
        Some(branches)
    }
}

/// The resolver of documents that are no templates.
pub(crate) struct Literal;

impl Resolver for Literal {
    fn resolve(&self, _: &Node) -> Option<Resolved> {
        None
    }

    fn choice<'n>(&self, _: &'n Node) -> Option<Vec<(usize, &'n Node)>> {
        None
    }
}

/// The text of a scalar or of a computed value. Booleans and numbers stand for their text, as IAM
/// takes them.
pub(crate) fn text(node: &Node, resolver: &dyn Resolver) -> Option<Resolved> {
    let text = match &node.value {
        Value::String(text) | Value::Number(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::Object(_) => return resolver.resolve(node),
        Value::Null | Value::Array(_) => return None,
    };
    Some(Resolved {
        text,
        ..Resolved::default()
    })
}

/// A computed value's own text, by which it is known again.
pub(super) fn name_of(node: &Node) -> String {
    render(node, &Layout::Inline { blank: "" })
}

/// What a template computed, by the text of what stands for it: one text, or a list.
pub(crate) type Computed = BTreeMap<String, Vec<Resolved>>;

impl Resolver for Computed {
    fn resolve(&self, node: &Node) -> Option<Resolved> {
        self.get(&name_of(node))?.first().cloned()
    }

    fn list(&self, node: &Node) -> Option<Vec<Resolved>> {
        let texts = self.get(&name_of(node))?;
        (texts.len() != 1).then(|| texts.clone())
    }
}
