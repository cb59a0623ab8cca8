//! The steps that come by credentials, in whichever of the ways that are known here.

use github_oidc::says_production;

use crate::json::{Member, Node, Value};
use crate::place::step;

use super::Unguarded;
use super::command::{CALL, Command};
use super::facts::{Used, scalar};
use super::surroundings::Surroundings;

/// The action that trades a job's token for credentials. GitHub compares names without case.
const ACTION: &str = "aws-actions/configure-aws-credentials";

/// A place in the document: its pointer, and its offset.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) pointer: String,
    pub(super) offset: usize,
    /// In a script: so many lines down, this word.
    pub(super) word: Option<(usize, &'static str)>,
}

impl At {
    pub(super) fn node(pointer: &str, node: &Node) -> Self {
        Self {
            pointer: pointer.to_owned(),
            offset: node.span.start,
            word: None,
        }
    }
}

/// Something that is said about a login, with the variables of the file put in.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) at: At,
}

/// How a step comes by credentials.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// [`ACTION`].
    Action,
    /// `aws sts assume-role-with-web-identity`.
    Command,
    /// A composite action of the same repository that does it.
    LocalAction,
    /// A workflow of the same repository that does it: this is no step, but a whole job.
    LocalWorkflow,
}

/// A step that comes by credentials.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) way: Way,
    pub(super) at: At,
    /// Whether it trades the job's token, and not a key or credentials that are there already.
    pub(super) uses_oidc: bool,
    /// Whether a called workflow names the environment, which its caller cannot.
    pub(super) is_guarded: bool,
    /// Whether it may be told more than the file shows.
    pub(super) is_opaque: bool,
    pub(super) role: Option<Said>,
    pub(super) session_name: Option<Said>,
    pub(super) seconds: Option<Said>,
}

impl Login {
    /// What an option is called here.
    pub(super) fn name(&self, of_action: &'static str, of_command: &'static str) -> &'static str {
        if self.way == Way::Command {
            of_command
        } else {
            of_action
        }
    }
}

/// The logins of a list of steps.
pub(super) fn logins(
    steps: &Node,
    pointer: &str,
    holders: &[&Node],
    find: Used<'_, '_>,
) -> Vec<Login> {
    let mut found = Vec::new();
    for (at, node) in steps.items().unwrap_or_default().iter().enumerate() {
        let around = Surroundings::of([node].into_iter().chain(holders.iter().copied()));
        let pointer = step(pointer, &at.to_string());
        let uses = node.text_at("uses").unwrap_or_default();
        let name = uses.split('@').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(ACTION) {
            found.push(of_action(node, &pointer, &around));
        } else if find(uses).is_some() {
            found.push(of_local_action(node, &pointer, &around));
        }
        if let Some(run) = node.get("run") {
            found.extend(of_run(run, &pointer, &around));
        }
    }
    found
}

fn of_action(node: &Node, pointer: &str, around: &Surroundings<'_>) -> Login {
    let with = node.get("with");
    let pointers = step(pointer, "with");
    // An empty input is none to the action.
    let input = |name: &str| {
        let mut members = with?.members()?.iter();
        let member = members.find(|it| it.key.eq_ignore_ascii_case(name))?;
        let text = around.expand(&scalar(&member.value)?);
        (!text.trim().is_empty()).then(|| Said {
            text,
            at: At::node(&step(&pointers, &member.key), &member.value),
        })
    };
    let chains = input("role-chaining").is_some_and(|it| it.text == "true");
    let brings = input("aws-access-key-id").is_some() || input("web-identity-token-file").is_some();
    Login {
        way: Way::Action,
        at: At::node(pointer, node),
        is_guarded: false,
        uses_oidc: input("role-to-assume").is_some() && !chains && !brings,
        is_opaque: with.is_some_and(|with| with.members().is_none()),
        role: input("role-to-assume"),
        session_name: input("role-session-name"),
        seconds: input("role-duration-seconds"),
    }
}

fn of_run(run: &Node, pointer: &str, around: &Surroundings<'_>) -> Vec<Login> {
    let Some(script) = run.text() else {
        return Vec::new();
    };
    let pointer = step(pointer, "run");
    let login = |command: &Command| {
        let at = At {
            word: Some((command.line, CALL)),
            ..At::node(&pointer, run)
        };
        let said = |name: &str| {
            command.option(name).map(|text| Said {
                text: text.to_owned(),
                at: at.clone(),
            })
        };
        Login {
            way: Way::Command,
            at: at.clone(),
            uses_oidc: true,
            is_guarded: false,
            is_opaque: command.is_opaque(),
            role: said("--role-arn"),
            session_name: said("--role-session-name"),
            seconds: said("--duration-seconds"),
        }
    };
    Command::all(script, around).iter().map(login).collect()
}

/// A step that uses an action of the same repository which comes by credentials.
fn of_local_action(node: &Node, pointer: &str, around: &Surroundings<'_>) -> Login {
    let handed = handed(node.get("with"), |_| true);
    let handed: Vec<String> = handed.map(|it| around.expand(&it.1)).collect();
    of_local(node, pointer, Way::LocalAction, &handed)
}

/// A job that calls a workflow of the same repository which comes by credentials. It has no `env`,
/// nor hands on its caller's. The role may come as a secret, too.
pub(super) fn of_local_workflow(node: &Node, pointer: &str, unguarded: Unguarded) -> Login {
    let texts = |name| move |(member, text)| (step(pointer, name), member, text);
    let of_with = handed(node.get("with"), |_| true).map(texts("with"));
    let of_secrets = handed(node.get("secrets"), says_role).map(texts("secrets"));
    let takes = unguarded == Unguarded::Handed;
    let all = of_with.chain(of_secrets).filter(|_| takes);
    let all: Vec<(String, &Member, String)> = all.collect();
    let texts: Vec<String> = all.iter().map(|it| it.2.clone()).collect();
    let mut login = of_local(node, pointer, Way::LocalWorkflow, &texts);
    login.is_guarded = unguarded == Unguarded::None;
    let production = all.iter().find(|it| says_production(&it.2));
    if let (Some((pointer, member, _)), Some(role)) = (production, &mut login.role) {
        role.at = At::node(&step(pointer, &member.key), &member.value);
    }
    login
}

/// What is handed over under names that are `wanted`.
fn handed(
    node: Option<&Node>,
    wanted: fn(&Member) -> bool,
) -> impl Iterator<Item = (&Member, String)> {
    let members = node.and_then(Node::members).unwrap_or_default().iter();
    let members = members.filter(move |it| !matches!(it.value.value, Value::Null) && wanted(it));
    members.filter_map(|it| Some((it, scalar(&it.value)?)))
}

/// Whether a secret's name, or what it is read from, is that of a role.
fn says_role(member: &Member) -> bool {
    let text = format!("{} {}", member.key, member.value.text().unwrap_or_default());
    let text = text.to_ascii_lowercase();
    let mut words = text.split(|it: char| !it.is_ascii_alphanumeric());
    text.contains("role") || words.any(|word| word == "arn")
}

/// What is handed over may be the role.
fn of_local(node: &Node, pointer: &str, way: Way, handed: &[String]) -> Login {
    let uses = node.get("uses");
    let at = At::node(&step(pointer, "uses"), uses.unwrap_or(node));
    Login {
        way,
        at: at.clone(),
        uses_oidc: true,
        is_guarded: false,
        is_opaque: true,
        role: Some(Said {
            text: handed.join(" "),
            at,
        }),
        session_name: None,
        seconds: None,
    }
}
