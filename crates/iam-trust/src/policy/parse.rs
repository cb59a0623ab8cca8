//! From JSON to a policy. All problems are collected; with any, there is no policy.

use crate::json::{Member, Node, Value, read};
use crate::place::{Problem, step};

use super::{
    Actions, Computed, Effect, Origin, Policy, PrincipalEntry, PrincipalKind, Principals, Resolver,
    Statement, Version, condition,
};

const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS: [&str; 7] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Condition",
];

/// The most characters of a policy, white space left aside: four times what IAM takes.
const MAX_CHARACTERS: usize = 32 << 10;

/// Reads a policy document.
pub(crate) fn parse(
    text: &str,
    origin: &Origin,
    resolver: &dyn Resolver,
) -> Result<Policy, Vec<Problem>> {
    let mut reader = Reader {
        origin,
        resolver,
        problems: Vec::new(),
        computed: Computed::new(),
    };
    if let Some(problem) = too_long(text, origin) {
        return Err(vec![problem]);
    }
    let policy = match read(text) {
        Ok(node) => reader.policy(text, &node),
        Err(error) => {
            let place = origin.place("", error.offset);
            reader.problems.push(Problem::new(place, error.message));
            None
        }
    };
    match policy {
        Some(policy) if reader.problems.is_empty() => Ok(policy),
        _ => Err(reader.problems),
    }
}

/// IAM does not count white space. A template may be longer than what it comes to.
fn too_long(text: &str, origin: &Origin) -> Option<Problem> {
    let length = text.chars().filter(|c| !c.is_whitespace()).count();
    (length > MAX_CHARACTERS).then(|| {
        let message = format!("a policy of {length} characters is not read: IAM takes 8,192");
        Problem::new(origin.place("", 0), message)
    })
}

/// The state of one reading.
pub(super) struct Reader<'a> {
    pub(super) origin: &'a Origin,
    pub(super) resolver: &'a dyn Resolver,
    pub(super) problems: Vec<Problem>,
    pub(super) computed: Computed,
}

impl Reader<'_> {
    pub(super) fn report(&mut self, pointer: &str, node: &Node, message: impl Into<String>) {
        let place = self.origin.place(pointer, node.span.start);
        self.problems.push(Problem::new(place, message));
    }

    /// The members of an object, repeated keys reported.
    pub(super) fn object<'n>(
        &mut self,
        pointer: &str,
        node: &'n Node,
        name: &str,
    ) -> Option<&'n [Member]> {
        let Some(members) = node.members() else {
            let kind = node.kind();
            self.report(pointer, node, format!("{name} is {kind}, not an object"));
            return None;
        };
        if let [only] = members
            && (only.key == "Ref" || only.key.starts_with("Fn::"))
        {
            let message = format!(
                "{name} is computed by {}, which is not known here",
                only.key
            );
            self.report(pointer, node, message);
            return None;
        }
        for member in node.repeated() {
            let place = self
                .origin
                .place(&step(pointer, &member.key), member.key_span.start);
            self.problems.push(Problem::repeated(place, &member.key));
        }
        Some(members)
    }

    fn elements<'n>(
        &mut self,
        pointer: &str,
        node: &'n Node,
        name: &str,
        known: &[&str],
    ) -> Option<&'n [Member]> {
        let members = self.object(pointer, node, name)?;
        for member in members {
            if known.contains(&&*member.key) {
                continue;
            }
            let pointer = step(pointer, &member.key);
            let place = self.origin.place(&pointer, member.key_span.start);
            let problem = Problem::new(place, format!("unknown element {:?}", member.key));
            let meant = known.iter().find(|k| k.eq_ignore_ascii_case(&member.key));
            self.problems.push(match meant {
                Some(meant) => problem.help(format!("write {meant:?}")),
                None if member.key.ends_with("Resource") => {
                    problem.help("a trust policy has no resource: the role is it")
                }
                None => problem.help(format!("known here are {}", known.join(", "))),
            });
        }
        Some(members)
    }

    fn policy(&mut self, text: &str, node: &Node) -> Option<Policy> {
        self.elements("", node, "a policy", &ELEMENTS)?;
        let version = self.version(node);
        let Some(statements) = node.get("Statement") else {
            self.report("", node, "the policy has no Statement");
            return None;
        };
        let statements = self.statements(statements);
        Some(Policy {
            text: text.to_owned(),
            version,
            id: node.text_at("Id").map(str::to_owned),
            statements,
            place: self.origin.place("", node.span.start),
            computed: std::mem::take(&mut self.computed),
        })
    }

    fn version(&mut self, node: &Node) -> Version {
        let Some(version) = node.get("Version") else {
            return Version::V2008;
        };
        match version.text() {
            Some("2012-10-17") => Version::V2012,
            Some("2008-10-17") => Version::V2008,
            _ => {
                let message = "the versions are 2012-10-17 and 2008-10-17";
                self.report("/Version", version, message);
                Version::V2012
            }
        }
    }

    fn statements(&mut self, node: &Node) -> Vec<Statement> {
        let Some(items) = node.items() else {
            return self.statement(0, "/Statement", node).into_iter().collect();
        };
        if items.is_empty() {
            self.report("/Statement", node, "the policy has no statement");
        }
        let items = items.iter().enumerate();
        items
            .filter_map(|(index, item)| self.statement(index, &format!("/Statement/{index}"), item))
            .collect()
    }

    fn statement(&mut self, index: usize, pointer: &str, node: &Node) -> Option<Statement> {
        self.elements(pointer, node, "a statement", &STATEMENT_ELEMENTS)?;
        let effect = self.effect(pointer, node);
        let principals = self.principals(pointer, node);
        let actions = self.actions(pointer, node);
        let conditions = match node.get("Condition") {
            Some(found) => condition::read(self, &step(pointer, "Condition"), found),
            None => Vec::new(),
        };
        Some(Statement {
            index,
            sid: node.text_at("Sid").map(str::to_owned),
            effect: effect?,
            principals: principals?,
            actions: actions?,
            conditions,
            place: self.origin.place(pointer, node.span.start),
            span: node.span.clone(),
        })
    }

    fn effect(&mut self, pointer: &str, node: &Node) -> Option<Effect> {
        let Some(effect) = node.get("Effect") else {
            self.report(pointer, node, "the statement has no Effect");
            return None;
        };
        match effect.text() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            _ => {
                let pointer = step(pointer, "Effect");
                self.report(&pointer, effect, "Effect is neither \"Allow\" nor \"Deny\"");
                None
            }
        }
    }

    /// The one of two elements that exclude each other, and whether it is the second.
    fn either<'n>(
        &mut self,
        pointer: &str,
        node: &'n Node,
        names: [&'static str; 2],
    ) -> Option<(&'static str, &'n Node, bool)> {
        match names.map(|name| node.get(name)) {
            [Some(found), None] => Some((names[0], found, false)),
            [None, Some(found)] => Some((names[1], found, true)),
            [Some(_), Some(_)] => {
                let [one, two] = names;
                self.report(pointer, node, format!("{one} and {two} exclude each other"));
                None
            }
            [None, None] => {
                self.report(pointer, node, format!("the statement has no {}", names[0]));
                None
            }
        }
    }

    fn actions(&mut self, pointer: &str, node: &Node) -> Option<Actions> {
        let (name, found, negated) = self.either(pointer, node, ["Action", "NotAction"])?;
        let pointer = step(pointer, name);
        let patterns = if negated {
            self.texts(&pointer, found, name)
        } else {
            self.widest(&pointer, found, name)
        };
        Some(Actions { negated, patterns })
    }

    fn principals(&mut self, pointer: &str, node: &Node) -> Option<Principals> {
        let (name, found, negated) = self.either(pointer, node, ["Principal", "NotPrincipal"])?;
        let pointer = step(pointer, name);
        let entries = match &found.value {
            Value::String(text) if text == "*" => vec![PrincipalEntry {
                kind: PrincipalKind::Everyone,
                value: self.text(&pointer, found, name)?,
            }],
            Value::Object(_) => self.kinds(&pointer, found, name, negated),
            _ => {
                let message = format!("{name} is neither \"*\" nor an object");
                self.report(&pointer, found, message);
                return None;
            }
        };
        Some(Principals { negated, entries })
    }

    fn kinds(
        &mut self,
        pointer: &str,
        node: &Node,
        name: &str,
        negated: bool,
    ) -> Vec<PrincipalEntry> {
        let mut entries = Vec::new();
        for member in self.object(pointer, node, name).unwrap_or_default() {
            let pointer = step(pointer, &member.key);
            let Some(kind) = PrincipalKind::parse(&member.key) else {
                let place = self.origin.place(&pointer, member.key_span.start);
                let message = format!("no principal is of the kind {:?}", member.key);
                let problem = Problem::new(place, message);
                self.problems
                    .push(problem.help("the kinds are AWS, Federated, Service, CanonicalUser"));
                continue;
            };
            let values = if negated {
                self.texts(&pointer, &member.value, "a principal")
            } else {
                self.widest(&pointer, &member.value, "a principal")
            };
            entries.extend(
                values
                    .into_iter()
                    .map(|value| PrincipalEntry { kind, value }),
            );
        }
        entries
    }
}
