//! What the checks ask of: the jobs of a file, and the steps that come by credentials.

use crate::json::{Node, Value};
use crate::place::{Problem, step};

use super::WorkflowKind;
use super::document::Document;
use super::login::{At, Login, Way, logins, of_local};
use super::surroundings::Surroundings;

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
    /// `is_login` says whether something of the same repository comes by credentials.
    pub(super) fn of(
        document: &'a Document,
        kind: WorkflowKind,
        is_login: &dyn Fn(&str) -> bool,
    ) -> Self {
        let root = &document.root;
        let jobs = match kind {
            WorkflowKind::Action => vec![Job::of_action(root, is_login)],
            WorkflowKind::Workflow | WorkflowKind::Reusable => {
                let jobs = root.get("jobs").and_then(Node::members).unwrap_or_default();
                let each = jobs.iter();
                each.map(|it| Job::of(&it.key, &it.value, root, is_login))
                    .collect()
            }
        };
        Self { kind, root, jobs }
    }

    pub(super) fn logins(&self) -> impl Iterator<Item = &Login> {
        self.jobs.iter().flat_map(|job| &job.logins)
    }
}

impl<'a> Job<'a> {
    fn of(id: &'a str, node: &'a Node, root: &'a Node, is_login: &dyn Fn(&str) -> bool) -> Self {
        let pointer = step("/jobs", id);
        let mut found = match node.get("steps") {
            Some(steps) => logins(steps, &step(&pointer, "steps"), &[node, root], is_login),
            None => Vec::new(),
        };
        if is_login(node.text_at("uses").unwrap_or_default()) {
            // A job that calls a workflow has no `env`, nor hands on the caller's.
            let around = Surroundings::of([]);
            found.push(of_local(node, &pointer, Way::LocalWorkflow, &around));
        }
        Self {
            id,
            node: Some(node),
            logins: found,
        }
    }

    fn of_action(root: &Node, is_login: &dyn Fn(&str) -> bool) -> Self {
        let steps = root.get("runs").and_then(|runs| runs.get("steps"));
        let found = steps.map(|steps| logins(steps, "/runs/steps", &[], is_login));
        Self {
            id: "",
            node: None,
            logins: found.unwrap_or_default(),
        }
    }
}

fn kind_of_workflow(root: &Node) -> WorkflowKind {
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
