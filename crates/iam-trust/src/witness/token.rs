//! Whole tokens: a subject, and claims that agree with it as GitHub would sign them.

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::{Context, Issuer, Subject};

use crate::request::Request;

use super::Marker;
use super::fill::Filling;
use super::identity::Identity;
use super::named::Named;

/// How far from what a statement names the holder of a token is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reach {
    /// A repository that it names.
    Intended,
    /// Another repository of an owner that it names.
    OtherRepository,
    /// Another owner, whose name must have a certain form.
    OtherOwner,
    /// Anybody at all.
    Anyone,
}

/// What a token's context is to the statement, the most telling last.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ContextKind {
    /// Named by the statement, or a name that every repository has.
    Pinned,
    /// A longer name than the one in the statement.
    Longer,
    /// Any tag.
    Tag,
    /// Any environment.
    Environment,
    /// A pull request.
    PullRequest,
    /// Any branch.
    Branch,
}

/// A token that GitHub could sign, and where it stands to the statement.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) request: Request,
    pub(crate) reach: Reach,
    pub(crate) kind: ContextKind,
    /// The owner and the repository of its holder.
    pub(crate) owner: String,
    pub(crate) repository: String,
    /// The value that lets it in: the numbers of its constraint and of the value there.
    pub(crate) blamed: Option<(usize, usize)>,
    /// Likewise the value that says most of whose it is.
    pub(crate) named_by: Option<(usize, usize)>,
    /// Whether its subject is a customised one.
    pub(crate) custom: bool,
}

impl Token {
    pub(crate) fn subject(&self) -> &str {
        self.request.subject().unwrap_or_default()
    }
}

/// The context of a run, apart from how a subject spells it.
#[derive(Clone, Debug)]
pub(super) struct Run {
    kind: ContextKind,
    environment: Option<String>,
    git_ref: String,
}

const MAIN: &str = "refs/heads/main";

/// The most refs that a deployment is tried from.
const MAX_REFS: usize = 12;

/// The runs that a subject can stand for: its own context's, or any where it has none.
pub(super) fn runs(subject: &Subject<'_>, named: &Named, marker: &Marker) -> Vec<Run> {
    match subject.context() {
        Some(context) => of_context(&context, named, marker),
        None => contexts(named, marker)
            .iter()
            .filter_map(|text| match Subject::parse(&format!("repo:o/r:{text}")) {
                Subject::Standard(standard) => Some(of_context(&standard.context, named, marker)),
                _ => None,
            })
            .flatten()
            .collect(),
    }
}

/// Contexts worth trying, as a subject ends with them: what the statement names, and everything
/// that an outsider could choose.
pub(super) fn contexts(named: &Named, marker: &Marker) -> Vec<String> {
    let own = [
        format!("ref:{MAIN}"),
        format!("ref:refs/heads/{}", marker.branch()),
        format!("ref:refs/tags/{}", marker.tag()),
        format!("environment:{}", marker.environment()),
        "pull_request".to_owned(),
    ];
    let of_subjects = named.contexts.iter().take(8).cloned();
    let mut seen = BTreeSet::new();
    of_subjects
        .chain(claimed(named))
        .chain(own)
        .filter(|context| seen.insert(context.clone()))
        .collect()
}

/// Contexts that conditions on `ref` and `environment` name or describe.
pub(super) fn claimed(named: &Named) -> Vec<String> {
    let environments = named.environments.iter();
    let environments = environments.chain(named.described("environment"));
    let environments = environments.map(|name| format!("environment:{}", escaped(name)));
    let refs = refs(named).map(|name| format!("ref:{name}"));
    environments.chain(refs).collect()
}

/// A name as a subject spells it.
fn escaped(name: &str) -> String {
    name.replace(':', "%3A")
}

fn of_context(context: &Context<'_>, named: &Named, marker: &Marker) -> Vec<Run> {
    let kind = kind(context, named, marker);
    let run = |environment: Option<String>, git_ref: String| Run {
        // A deployment from a ref that is asked for is as pinned as that is.
        kind: match environment {
            Some(_) if named.refs.contains(&git_ref) => ContextKind::Pinned,
            Some(_) if named.described("ref").any(|name| *name == git_ref) => ContextKind::Longer,
            _ => kind,
        },
        environment,
        git_ref,
    };
    match context {
        Context::Branch(name) => vec![run(None, format!("refs/heads/{name}"))],
        Context::Tag(name) => vec![run(None, format!("refs/tags/{name}"))],
        Context::PullRequest => {
            let refs = refs(named).filter(|name| name.starts_with("refs/pull/"));
            let refs = refs.chain(["refs/pull/1/merge".to_owned()]);
            refs.map(|git_ref| run(None, git_ref)).collect()
        }
        Context::Environment(name) => {
            let name = name.replace("%3A", ":");
            let others = [
                format!("refs/heads/{}", marker.branch()),
                format!("refs/tags/{}", marker.tag()),
            ];
            let others = others.into_iter().filter(|_| named.looks_at_ref);
            let refs = refs(named).take(MAX_REFS);
            let refs = refs.chain([MAIN.to_owned()]).chain(others);
            refs.map(|git_ref| run(Some(name.clone()), git_ref))
                .collect()
        }
    }
}

/// The refs that conditions on the claim name or describe.
fn refs(named: &Named) -> impl Iterator<Item = String> {
    let described = named.described("ref");
    named.refs.iter().chain(described).cloned()
}

fn kind(context: &Context<'_>, named: &Named, marker: &Marker) -> ContextKind {
    let is = |any: &str, name: &str, kind| {
        if any == name {
            kind
        } else {
            ContextKind::Longer
        }
    };
    if is_named(context, named) {
        return ContextKind::Pinned;
    }
    match context {
        Context::PullRequest => ContextKind::PullRequest,
        Context::Branch("main") => ContextKind::Pinned,
        Context::Branch(name) => is(&marker.branch(), name, ContextKind::Branch),
        Context::Tag(name) => is(&marker.tag(), name, ContextKind::Tag),
        Context::Environment(name) => is(&marker.environment(), name, ContextKind::Environment),
    }
}

/// Pull requests are never pinned: the subject does not say which one it is.
fn is_named(context: &Context<'_>, named: &Named) -> bool {
    let by_claim = match context {
        Context::Branch(name) => named.refs.contains(&format!("refs/heads/{name}")),
        Context::Tag(name) => named.refs.contains(&format!("refs/tags/{name}")),
        Context::Environment(name) => named.environments.contains(&name.replace("%3A", ":")),
        Context::PullRequest => return false,
    };
    by_claim || named.contexts.contains(&context.subject_suffix())
}

/// One token out of its parts.
pub(super) fn build(
    issuer: &Issuer,
    (text, subject): (&str, &Subject<'_>),
    holder: &Identity,
    run: &Run,
    filling: &Filling,
) -> Token {
    let mut claims: BTreeMap<String, Vec<String>> = filling.claims.clone();
    let mut set = |name: &str, value: &str| {
        claims.insert(name.to_owned(), vec![value.to_owned()]);
    };
    set("sub", text);
    set(
        "repository",
        &format!("{}/{}", holder.owner, holder.repository),
    );
    set("repository_id", &holder.repository_id);
    set("repository_owner_id", &holder.owner_id);
    set("ref", &run.git_ref);
    if let Some(environment) = &run.environment {
        set("environment", environment);
    }
    if let Some(id) = holder.foreign_enterprise() {
        set("enterprise_id", id);
    }
    Token {
        request: Request {
            issuer: issuer.clone(),
            provider_arn: None,
            claims,
            context: filling.context.clone(),
        },
        reach: holder.reach,
        kind: run.kind,
        owner: holder.owner.clone(),
        repository: holder.repository.clone(),
        blamed: None,
        named_by: None,
        custom: matches!(subject, Subject::Custom(_)),
    }
}
