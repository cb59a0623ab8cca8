//! [`CHECK`]: a stranger's code beside a role.

use crate::json::Node;
use crate::lints::Severity;
use crate::place::step;

use super::facts::{Facts, Job, scalar, starts_on};
use super::login::At;
use super::surroundings::Surroundings;
use super::{Complaint, WorkflowCheck};

pub(super) const CHECK: WorkflowCheck = WorkflowCheck {
    id: "workflow-untrusted-checkout",
    title: "a job with a role checks out a stranger's code",
    severity: Severity::High,
    help: "assume the role in a job that runs no code of the pull request, or start by `pull_request`",
    explanation: include_str!("workflow-untrusted-checkout.md"),
    run,
};

/// Events that strangers cause, and whose runs are those of the default or the base branch.
const EVENTS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

/// How expressions name what a pull request holds.
const HEADS: [&str; 6] = [
    "github.event.pull_request.head.",
    "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head_",
    "github.event.workflow_run.pull_requests",
    "github.head_ref",
    "refs/pull/",
];

fn run(facts: &Facts<'_>) -> Vec<Complaint> {
    let Some(event) = EVENTS.iter().find(|event| starts_on(facts.root, event)) else {
        return Vec::new();
    };
    let jobs = facts.jobs.iter().filter(|job| !job.logins.is_empty());
    jobs.filter(|job| !is_after_a_push(job, event))
        .flat_map(|job| complain(job, facts.root, event))
        .collect()
}

/// Whether the job runs only after a workflow that a push started: what that checked out is in the repository.
fn is_after_a_push(job: &Job<'_>, event: &str) -> bool {
    let condition = job.node.and_then(|node| node.text_at("if"));
    event == "workflow_run"
        && condition.is_some_and(|it| {
            let it: String = it.split_whitespace().collect();
            it.contains("github.event.workflow_run.event=='push'") && !it.contains("||")
        })
}

fn complain(job: &Job<'_>, root: &Node, event: &str) -> Vec<Complaint> {
    let steps = job.node.and_then(|node| node.get("steps"));
    let steps = steps.and_then(Node::items).unwrap_or_default();
    let pointer = step(&step("/jobs", job.id), "steps");
    let (has, how) = if job.logins.iter().any(|login| login.uses_oidc) {
        ("a role", ", under the subject of the base branch")
    } else {
        ("AWS credentials", "")
    };
    let message = format!(
        "job {} runs on {event} and has {has}, and checks out what a pull request holds: whoever opens one has its code \
         beside them{how}",
        job.id
    );
    let each = steps.iter().enumerate().filter_map(|(at, node)| {
        let around = Surroundings::of([node].into_iter().chain(job.node).chain([root]));
        let pointer = step(&pointer, &at.to_string());
        let at =
            by_action(node, &pointer, &around).or_else(|| by_script(node, &pointer, &around))?;
        Some(Complaint::new(&at, &*message))
    });
    each.collect()
}

/// Where an action such as `actions/checkout` is told to.
fn by_action(node: &Node, pointer: &str, around: &Surroundings<'_>) -> Option<At> {
    let name = node.text_at("uses")?.split('@').next()?;
    if !name.to_ascii_lowercase().ends_with("/checkout") {
        return None;
    }
    let with = node.get("with")?.members()?;
    let input = with.iter().find(|it| {
        let is_place = ["ref", "repository"]
            .iter()
            .any(|name| it.key.eq_ignore_ascii_case(name));
        is_place && scalar(&it.value).is_some_and(|text| is_head(&around.expand(&text)))
    })?;
    let pointer = step(&step(pointer, "with"), &input.key);
    Some(At::node(&pointer, &input.value))
}

/// Where a script fetches it.
fn by_script(node: &Node, pointer: &str, around: &Surroundings<'_>) -> Option<At> {
    let run = node.get("run")?;
    let mut lines = run.text()?.lines().enumerate();
    let (line, word) = lines.find_map(|(at, line)| {
        let fetches = [
            "git fetch",
            "git pull",
            "git checkout",
            "git clone",
            "git switch",
        ];
        let command = fetches.into_iter().find(|it| line.contains(it));
        let is_pull = line.contains("pull/") && (line.contains("/head") || line.contains("/merge"));
        let word = match command {
            _ if line.trim_start().starts_with('#') => return None,
            _ if line.contains("gh pr checkout") => "gh pr checkout",
            Some(command) if is_pull || is_head(&around.expand(line)) => command,
            _ => return None,
        };
        Some((at, word))
    })?;
    Some(At {
        word: Some((line, word)),
        ..At::node(&step(pointer, "run"), run)
    })
}

fn is_head(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    HEADS.iter().any(|head| text.contains(head))
}
