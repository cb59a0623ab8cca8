//! What the checks ask of: the jobs of a file, and the steps that come by credentials.

use crate::json::{Node, Value};
use crate::place::{Problem, step};

use super::WorkflowKind;
use super::document::Document;

/// The action that trades a job's token for credentials. GitHub compares names without case.
const ACTION: &str = "aws-actions/configure-aws-credentials";

pub(super) struct Facts<'a> {
    pub(super) kind: WorkflowKind,
    pub(super) root: &'a Node,
    pub(super) jobs: Vec<Job<'a>>,
}

/// A job, or the steps of a composite action.
pub(super) struct Job<'a> {
    pub(super) id: &'a str,
    /// None in a composite action.
    pub(super) node: Option<&'a Node>,
    pub(super) logins: Vec<Login<'a>>,
}

/// A step with [`ACTION`].
pub(super) struct Login<'a> {
    pub(super) node: &'a Node,
    pub(super) pointer: String,
}

impl<'a> Facts<'a> {
    pub(super) fn of(document: &'a Document) -> Result<Self, Problem> {
        let root = &document.root;
        let jobs = root.get("jobs").and_then(Node::members);
        let steps = root.get("runs").and_then(|runs| runs.get("steps"));
        match (jobs, steps, root.get("runs")) {
            (Some(jobs), ..) => Ok(Self {
                kind: kind(root),
                root,
                jobs: jobs.iter().map(|it| Job::of(&it.key, &it.value)).collect(),
            }),
            (None, Some(steps), _) => Ok(Self {
                kind: WorkflowKind::CompositeAction,
                root,
                jobs: vec![Job {
                    id: "",
                    node: None,
                    logins: logins(steps, "/runs/steps"),
                }],
            }),
            // An action in JavaScript or a container has no steps to ask about.
            (None, None, Some(_)) => Ok(Self {
                kind: WorkflowKind::CompositeAction,
                root,
                jobs: Vec::new(),
            }),
            (None, None, None) => {
                let place = document.place("", root.span.start);
                let message = "neither a workflow nor a composite action: no jobs, no runs";
                Err(Problem::new(place, message))
            }
        }
    }
}

impl<'a> Job<'a> {
    fn of(id: &'a str, node: &'a Node) -> Self {
        let pointer = step(&step("/jobs", id), "steps");
        let steps = node.get("steps");
        Self {
            id,
            node: Some(node),
            logins: steps.map(|it| logins(it, &pointer)).unwrap_or_default(),
        }
    }
}

impl<'a> Login<'a> {
    pub(super) fn input(&self, name: &str) -> Option<&'a Node> {
        let members = self.node.get("with")?.members()?;
        let named = |it: &&crate::json::Member| it.key.eq_ignore_ascii_case(name);
        members.iter().find(named).map(|it| &it.value)
    }

    /// Whether it trades the job's token, and not a key or credentials that are there already.
    pub(super) fn uses_oidc(&self) -> bool {
        self.input("role-to-assume").is_some()
            && self.input("aws-access-key-id").is_none()
            && self.input("role-chaining").and_then(scalar).as_deref() != Some("true")
    }
}

fn kind(root: &Node) -> WorkflowKind {
    let on = root.get("on");
    let named = |node: &Node| node.text() == Some("workflow_call");
    let called = on.is_some_and(|on| {
        named(on)
            || on.get("workflow_call").is_some()
            || on.items().is_some_and(|items| items.iter().any(named))
    });
    if called {
        WorkflowKind::Reusable
    } else {
        WorkflowKind::Workflow
    }
}

fn logins<'a>(steps: &'a Node, pointer: &str) -> Vec<Login<'a>> {
    let is_login = |node: &&Node| {
        let uses = node.text_at("uses").unwrap_or_default();
        let name = uses.split('@').next().unwrap_or_default();
        name.eq_ignore_ascii_case(ACTION)
    };
    let steps = steps.items().unwrap_or_default().iter().enumerate();
    steps
        .filter(|(_, node)| is_login(node))
        .map(|(at, node)| Login {
            node,
            pointer: step(pointer, &at.to_string()),
        })
        .collect()
}

/// A scalar as the text that an action gets.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Hands every scalar of a tree to `visit`: its nearest key, pointer and node.
pub(super) fn walk<'a>(
    node: &'a Node,
    (key, pointer): (&'a str, &str),
    visit: &mut impl FnMut(&'a str, &str, &'a Node),
) {
    if let Some(members) = node.members() {
        for member in members {
            let pointer = step(pointer, &member.key);
            walk(&member.value, (&member.key, &pointer), visit);
        }
    } else if let Some(items) = node.items() {
        for (at, item) in items.iter().enumerate() {
            walk(item, (key, &step(pointer, &at.to_string())), visit);
        }
    } else {
        visit(key, pointer, node);
    }
}
