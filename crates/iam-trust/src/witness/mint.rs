//! Which subjects GitHub can sign.

use std::collections::BTreeSet;

use github_oidc::{Context, CustomSubject, Name, Repository, Subject};

use crate::claims::can_stand_in_subject;

/// The longest owner and repository names that GitHub takes.
const MAX_OWNER: usize = 39;
const MAX_REPOSITORY: usize = 100;

/// Whether a token with this subject can exist. Where GitHub's documents do not say (what an
/// environment may be called), it can, save for `*` and `?`: those are a policy's wildcards in the
/// wrong place far more often than somebody's environment.
pub(crate) fn is_mintable(subject: &str) -> bool {
    if subject.contains(['*', '?']) {
        return false;
    }
    match Subject::parse(subject) {
        Subject::Standard(standard) => {
            is_repository(&standard.repository) && is_context(&standard.context)
        }
        Subject::Custom(custom) => {
            // A template lists each claim once.
            let mut seen = BTreeSet::new();
            let mut claims = custom.claims.iter();
            claims.all(|claim| {
                seen.insert(claim.key)
                    && can_stand_in_subject(claim.key)
                    && is_value(claim.key, claim.value.unwrap_or("x"))
            }) && agrees(&custom)
        }
        Subject::Unparsable(_) => false,
    }
}

/// Whether the claims of a subject tell of one repository and one owner.
fn agrees(custom: &CustomSubject<'_>) -> bool {
    let repositories = ["repo", "repository"].map(|key| custom.get(key));
    let repositories = repositories.into_iter().flatten();
    let repositories: Vec<_> = repositories.filter_map(Repository::parse).collect();
    let owner = custom.get("repository_owner").and_then(Name::parse);
    let mut owners: Vec<Name<'_>> = repositories.iter().map(|it| it.owner).collect();
    owners.extend(owner);
    let names: Vec<Name<'_>> = repositories.iter().map(|it| it.name).collect();
    let id = |key: &str| custom.get(key).and_then(|id| id.parse().ok());
    are_one(&owners, id("repository_owner_id")) && are_one(&names, id("repository_id"))
}

/// Whether names, and an id besides, may be of one thing: those that have ids have the same.
fn are_one(names: &[Name<'_>], id: Option<u64>) -> bool {
    let ids: BTreeSet<u64> = names.iter().filter_map(|name| name.id).chain(id).collect();
    let texts: BTreeSet<&str> = names.iter().map(|name| name.text).collect();
    ids.len() < 2 && texts.len() < 2
}

fn is_value(key: &str, value: &str) -> bool {
    match key {
        "repo" | "repository" => {
            Repository::parse(value).is_some_and(|repository| is_repository(&repository))
        }
        "repository_owner" => Name::parse(value).is_some_and(|name| is_owner(name.text)),
        "repository_id" | "repository_owner_id" | "actor_id" | "enterprise_id" => {
            !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        "job_workflow_ref" | "workflow_ref" => {
            let reference = value
                .rsplit_once('@')
                .map_or("", |(_, reference)| reference);
            reference.starts_with("refs/") || reference.len() == 40
        }
        "ref" => value.starts_with("refs/") && is_ref(value),
        _ => !value.is_empty(),
    }
}

/// Both names carry their id, or neither does.
fn is_repository(repository: &Repository<'_>) -> bool {
    let (owner, name) = (repository.owner, repository.name);
    owner.id.is_some() == name.id.is_some() && is_owner(owner.text) && is_name(name.text)
}

fn is_owner(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty()
        && name.len() <= MAX_OWNER
        && name.bytes().all(known)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= MAX_REPOSITORY && name.bytes().all(known) && !matches!(name, "" | "." | "..")
}

fn is_context(context: &Context<'_>) -> bool {
    match context {
        Context::Branch(name) | Context::Tag(name) => is_ref(name),
        Context::Environment(name) => name.chars().count() <= 255,
        Context::PullRequest => true,
    }
}

/// The rules of `git check-ref-format` that a pattern's filling could break.
fn is_ref(name: &str) -> bool {
    let bad = |c: char| c <= ' ' || c == '\u{7f}' || "~^:?*[\\".contains(c);
    !name.is_empty()
        && !name.contains(bad)
        && !["..", "//", "@{"].iter().any(|part| name.contains(part))
        && !name.starts_with('/')
        && !name.ends_with(['/', '.'])
        && !name.split('/').any(|part| {
            let lock = part.len().checked_sub(5).and_then(|at| part.get(at..));
            part.starts_with('.') || lock == Some(".lock")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_signs_is_mintable() {
        for subject in [
            "repo:acme/app:pull_request",
            "repo:acme@1/app@2:environment:prod",
            "repo:acme/app",
            "repository_owner:acme:repository_visibility:private",
            "job_workflow_ref:acme/ci/.github/workflows/w.yml@refs/heads/main",
        ] {
            assert!(is_mintable(subject), "{subject}");
        }
        for subject in [
            "*",
            "repo:acme/app:*",
            "repo:acme@1/app:pull_request",
            "repo:-acme/app:pull_request",
            "repo:acme/app:ref:refs/heads/a..b",
            "repo:acme@1/a:ref:refs/heads/main:repo:b/c",
            "repo:acme/app:ref:refs/heads/main:ref:refs/heads/main",
            "repo:acme@1/app@2:repository_id:3",
            "repo:acme/app:repository_owner:other",
            "repository_owner:acme@1:repository_owner_id:2",
            "repository_owner:acme-org@1/app",
            "nonsense:acme",
            "acme/app",
            "",
        ] {
            assert!(!is_mintable(subject), "{subject}");
        }
    }
}
