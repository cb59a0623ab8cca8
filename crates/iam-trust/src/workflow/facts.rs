//! What the checks ask of: the jobs of a file, and the steps that come by credentials.

use crate::json::{Node, Value};
use crate::place::{Problem, step};

use super::document::Document;
use super::expression::is_open;
use super::login::{At, Login, logins, of_local_workflow};
use super::{Unguarded, Workflow, WorkflowKind};

/// Finds a file of the same repository that comes by credentials.
pub(super) type Used<'f, 'w> = &'f dyn Fn(&str) -> Option<&'w Workflow>;

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
    pub(super) logins: Vec<Login>,
}

/// What kind of file it is; a problem where it is neither.
pub(super) fn kind_of(document: &Document) -> Result<WorkflowKind, Problem> {
    let root = &document.root;
    let has_jobs = root
        .get("jobs")
        .is_some_and(|jobs| jobs.members().is_some());
    match (has_jobs, root.get("runs")) {
        (true, _) => Ok(kind_of_workflow(root)),
        // An action in JavaScript or a container has no steps to ask about.
        (false, Some(_)) => Ok(WorkflowKind::Action),
        (false, None) => {
            let place = document.place(&At::node("", root));
            let message = "neither a workflow nor an action: no jobs, no runs";
            Err(Problem::new(place, message))
        }
    }
}

impl<'a> Facts<'a> {
    pub(super) fn of(document: &'a Document, kind: WorkflowKind, used: Used<'_, '_>) -> Self {
        let root = &document.root;
        let jobs = match kind {
            WorkflowKind::Action => vec![Job::of_action(root, used)],
            WorkflowKind::Workflow | WorkflowKind::Reusable => {
                let jobs = root.get("jobs").and_then(Node::members).unwrap_or_default();
                let each = jobs.iter();
                each.map(|it| Job::of(&it.key, &it.value, root, used))
                    .collect()
            }
        };
        Self { kind, root, jobs }
    }

    pub(super) fn logins(&self) -> impl Iterator<Item = &Login> {
        self.jobs.iter().flat_map(|job| &job.logins)
    }

    pub(super) fn unguarded(&self) -> Unguarded {
        let jobs = self.jobs.iter().filter(|job| !job.has_environment());
        let roles = jobs.flat_map(|job| job.logins.iter().filter_map(|it| it.role.as_ref()));
        let each = roles.map(|role| {
            if is_open(&role.text) {
                Unguarded::Handed
            } else {
                Unguarded::Named
            }
        });
        each.max().unwrap_or(Unguarded::None)
    }
}

impl<'a> Job<'a> {
    fn of(id: &'a str, node: &'a Node, root: &'a Node, used: Used<'_, '_>) -> Self {
        let pointer = step("/jobs", id);
        let mut found = match node.get("steps") {
            Some(steps) => logins(steps, &step(&pointer, "steps"), &[node, root], used),
            None => Vec::new(),
        };
        if let Some(called) = used(node.text_at("uses").unwrap_or_default()) {
            found.push(of_local_workflow(node, &pointer, called.unguarded()));
        }
        Self {
            id,
            node: Some(node),
            logins: found,
        }
    }

    fn of_action(root: &Node, used: Used<'_, '_>) -> Self {
        let steps = root.get("runs").and_then(|runs| runs.get("steps"));
        let found = steps.map(|steps| logins(steps, "/runs/steps", &[], used));
        Self {
            id: "",
            node: None,
            logins: found.unwrap_or_default(),
        }
    }

    /// An environment is a name, or a mapping with one. An empty name is none.
    pub(super) fn has_environment(&self) -> bool {
        let said = self.node.and_then(|node| node.get("environment"));
        let name = said.map(|said| said.get("name").unwrap_or(said));
        name.and_then(scalar).is_some_and(|name| !name.is_empty())
    }
}

fn kind_of_workflow(root: &Node) -> WorkflowKind {
    if starts_on(root, "workflow_call") {
        WorkflowKind::Reusable
    } else {
        WorkflowKind::Workflow
    }
}

/// Whether an event starts the workflow.
pub(super) fn starts_on(root: &Node, event: &str) -> bool {
    let on = root.get("on");
    let named = |node: &Node| node.text() == Some(event);
    on.is_some_and(|on| {
        named(on)
            || on.get(event).is_some()
            || on.items().is_some_and(|items| items.iter().any(named))
    })
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
