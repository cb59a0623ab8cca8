//! `CloudFormation`'s functions, as far as they can be worked out without a deployment.

use std::cell::Cell;
use std::rc::Rc;

use crate::json::{Node, Value};
use crate::policy::{Resolved, Resolver, placeholder, text};

/// The account that stands for the deployment's: one of those that AWS uses in its documents.
const ACCOUNT: &str = "123456789012";

/// How deeply functions may stand inside each other.
const MAX_DEPTH: usize = 16;

/// The most parts of values that are worked out for one role. A policy of IAM's 8,192 characters
/// cannot have as many; a template that doubles its references over and over has.
const MAX_PARTS: usize = 10_000;

/// The longest text that is worked out, in bytes.
const MAX_TEXT: usize = 64 << 10;

/// A template, to look parameters and resources up in.
pub(super) struct Template<'a> {
    root: &'a Node,
    depth: usize,
    /// How many parts were worked out so far.
    parts: Rc<Cell<usize>>,
}

impl<'a> Template<'a> {
    pub(super) fn new(root: &'a Node) -> Self {
        Self {
            root,
            depth: 0,
            parts: Rc::default(),
        }
    }

    fn deeper(&self) -> Self {
        Self {
            root: self.root,
            depth: self.depth + 1,
            parts: Rc::clone(&self.parts),
        }
    }

    fn entry(&self, section: &str, name: &str) -> Option<&'a Node> {
        self.root.get(section)?.get(name)
    }

    /// `Ref`, also inside `Fn::Sub`: a pseudo parameter, a parameter's default, the ARN of an OIDC
    /// provider of this template. Anything else is open, under its name.
    fn reference(&self, name: &str) -> Resolved {
        if !self.spend() {
            return open(name);
        }
        let known = pseudo(name).map(str::to_owned);
        let known = known.or_else(|| self.parameter(name)).map(plain);
        known
            .or_else(|| self.provider(name))
            .unwrap_or_else(|| open(name))
    }

    /// Counts one part more; whether there may be one.
    fn spend(&self) -> bool {
        self.parts.set(self.parts.get() + 1);
        self.parts.get() <= MAX_PARTS
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let parameter = self.entry("Parameters", name)?;
        let kind = parameter.text_at("Type").unwrap_or_default();
        if kind.starts_with("AWS::SSM::") {
            // Its default is the name under which the value is stored.
            return None;
        }
        let default = parameter.get("Default")?;
        match &default.value {
            Value::String(text) | Value::Number(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// The ARN of an OIDC provider of the template; as open as its URL is.
    fn provider(&self, name: &str) -> Option<Resolved> {
        let resource = self.entry("Resources", name)?;
        let kind = resource.text_at("Type")?;
        let properties = resource.get("Properties")?;
        let url = match kind {
            "AWS::IAM::OIDCProvider" => properties.get("Url")?,
            "Custom::AWSCDKOpenIdConnectProvider" => properties.get("url")?,
            _ => return None,
        };
        let url = self.deeper().value(url)?;
        let host = url.text.strip_prefix("https://").unwrap_or(&url.text);
        Some(Resolved {
            text: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"),
            open: url.open,
            unknown: false,
        })
    }

    fn value(&self, node: &Node) -> Option<Resolved> {
        if self.depth > MAX_DEPTH || !self.spend() {
            return None;
        }
        text(node, self)
    }

    /// `Fn::Sub`, with or without variables of its own.
    fn substitute(&self, argument: &Node) -> Option<Resolved> {
        let (template, own) = match argument.items() {
            Some([template, own]) => (template.text()?, Some(own)),
            Some(_) => return None,
            None => (argument.text()?, None),
        };
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}')?;
            parts.push(plain(before.to_owned()));
            parts.push(self.variable(name, own)?);
            rest = after;
        }
        parts.push(plain(rest.to_owned()));
        Some(join(parts, ""))
    }

    fn variable(&self, name: &str, own: Option<&Node>) -> Option<Resolved> {
        if let Some(literal) = name.strip_prefix('!') {
            return Some(plain(format!("${{{literal}}}")));
        }
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.deeper().value(value);
        }
        Some(match name.split_once('.') {
            Some((resource, _)) => self.attribute(resource, name),
            None => self.reference(name),
        })
    }

    /// `Fn::GetAtt`: only an OIDC provider's ARN is known.
    fn attribute(&self, resource: &str, name: &str) -> Resolved {
        if !self.spend() {
            return open(name);
        }
        self.provider(resource).unwrap_or_else(|| open(name))
    }

    fn get_att(&self, argument: &Node) -> Option<Resolved> {
        let name = match (argument.items(), argument.text()) {
            (Some([resource, attribute]), _) => {
                format!("{}.{}", resource.text()?, attribute.text()?)
            }
            (None, Some(name)) => name.to_owned(),
            _ => return None,
        };
        let resource = name.split('.').next().unwrap_or_default();
        Some(self.attribute(resource, &name))
    }

    fn join(&self, argument: &Node) -> Option<Resolved> {
        let [separator, parts] = argument.items()? else {
            return None;
        };
        let parts = parts.items()?.iter().map(|part| self.deeper().value(part));
        Some(join(parts.collect::<Option<_>>()?, separator.text()?))
    }
}

impl Resolver for Template<'_> {
    fn resolve(&self, node: &Node) -> Option<Resolved> {
        let [only] = node.members()? else {
            return None;
        };
        let argument = &only.value;
        match &*only.key {
            "Ref" => Some(self.reference(argument.text()?)),
            "Fn::Sub" => self.substitute(argument),
            "Fn::Join" => self.join(argument),
            "Fn::GetAtt" => self.get_att(argument),
            name if name.starts_with("Fn::") => Some(open(name)),
            _ => None,
        }
    }

    fn list(&self, node: &Node) -> Option<Vec<Resolved>> {
        let [only] = node.members()? else {
            return None;
        };
        let name = only.value.text().filter(|_| only.key == "Ref")?;
        let kind = self.entry("Parameters", name)?.text_at("Type")?;
        if kind != "CommaDelimitedList" && !kind.starts_with("List<") {
            return None;
        }
        let texts = self.parameter(name)?;
        let texts = texts.split(',').map(|text| plain(text.trim().to_owned()));
        Some(texts.collect())
    }
}

fn plain(text: String) -> Resolved {
    Resolved {
        text,
        ..Resolved::default()
    }
}

fn open(name: &str) -> Resolved {
    Resolved {
        text: placeholder(name),
        open: vec![name.to_owned()],
        unknown: true,
    }
}

fn join(parts: Vec<Resolved>, separator: &str) -> Resolved {
    let length: usize = parts.iter().map(|part| part.text.len()).sum();
    if length > MAX_TEXT {
        return open("a text of more than 64 KiB");
    }
    let mut parts = parts;
    parts.retain(|part| !part.text.is_empty() || !separator.is_empty());
    Resolved {
        unknown: !parts.is_empty() && parts.iter().all(|part| part.unknown),
        text: parts
            .iter()
            .map(|part| &*part.text)
            .collect::<Vec<_>>()
            .join(separator),
        open: parts.into_iter().flat_map(|part| part.open).collect(),
    }
}

fn pseudo(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::AccountId" => ACCOUNT,
        "AWS::Partition" => "aws",
        "AWS::Region" => "us-east-1",
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    })
}
