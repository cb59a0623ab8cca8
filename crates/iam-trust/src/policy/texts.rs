//! Texts in a policy, plain or computed by a template, one or many.

use crate::json::Node;
use crate::place::{Place, step};

use super::Text;
use super::parse::Reader;
use super::resolve::{Resolved, name_of, text};

impl Reader<'_> {
    /// A text or a list of texts.
    pub(super) fn texts(&mut self, pointer: &str, node: &Node, name: &str) -> Vec<Text> {
        let Some(items) = node.items() else {
            return self.each(pointer, node, name);
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            texts.extend(self.each(&step(pointer, &index.to_string()), item, name));
        }
        texts
    }

    /// The same where each text allows more: of a choice in a template all that it may come to, as
    /// none of it is allowed less widely than by the one that is deployed.
    pub(super) fn widest(&mut self, pointer: &str, node: &Node, name: &str) -> Vec<Text> {
        let Some(items) = node.items() else {
            return self.all_chosen(pointer, node, name);
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            texts.extend(self.all_chosen(&step(pointer, &index.to_string()), item, name));
        }
        texts
    }

    fn all_chosen(&mut self, pointer: &str, node: &Node, name: &str) -> Vec<Text> {
        let Some(branches) = self.resolver.choice(node) else {
            return self.each(pointer, node, name);
        };
        let mut texts = Vec::new();
        for (index, branch) in branches {
            let pointer = step(&step(pointer, "Fn::If"), &index.to_string());
            texts.extend(self.widest(&pointer, branch, name));
        }
        for text in &mut texts {
            text.computed = true;
        }
        texts
    }

    /// The text of one value, or the texts of a parameter that is a list.
    fn each(&mut self, pointer: &str, node: &Node, name: &str) -> Vec<Text> {
        let Some(list) = self.resolver.list(node) else {
            return self.text(pointer, node, name).into_iter().collect();
        };
        self.computed.insert(name_of(node), list.clone());
        let place = self.origin.place(pointer, node.span.start);
        let texts = list.into_iter();
        texts
            .map(|resolved| text_at(resolved, place.clone(), node))
            .collect()
    }

    pub(super) fn text(&mut self, pointer: &str, node: &Node, name: &str) -> Option<Text> {
        let Some(resolved) = text(node, self.resolver) else {
            self.report(
                pointer,
                node,
                format!("{name} is {}, not a text", node.kind()),
            );
            return None;
        };
        if node.members().is_some() {
            let resolved = vec![resolved.clone()];
            self.computed.insert(name_of(node), resolved);
        }
        let place = self.origin.place(pointer, node.span.start);
        Some(text_at(resolved, place, node))
    }
}

fn text_at(resolved: Resolved, place: Place, node: &Node) -> Text {
    Text {
        text: resolved.text,
        open: resolved.open,
        unknown: resolved.unknown,
        computed: node.members().is_some(),
        place,
        span: node.span.clone(),
    }
}
