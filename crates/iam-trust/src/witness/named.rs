//! Whom and what a statement names: everybody else is an outsider to it.

use std::collections::{BTreeMap, BTreeSet};

use github_oidc::Subject;

use crate::pattern::has_wildcard;

/// The owners, repositories, ids and contexts that a statement's values spell out. Names are in
/// lower case, as GitHub holds `Acme` and `acme` for the same; how they are spelt stands beside, as
/// STS does not.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) owners: BTreeSet<String>,
    pub(super) repositories: BTreeSet<(String, String)>,
    pub(super) spelt_owners: BTreeSet<String>,
    pub(super) spelt_repositories: BTreeSet<(String, String)>,
    pub(super) owner_ids: BTreeSet<String>,
    pub(super) repository_ids: BTreeSet<String>,
    /// Contexts as a subject ends with them.
    pub(super) contexts: BTreeSet<String>,
    pub(super) environments: BTreeSet<String>,
    pub(super) refs: BTreeSet<String>,
    /// Whether any condition looks at the claim `ref`.
    pub(super) looks_at_ref: bool,
    /// What patterns on other claims than the subject describe: instances, by the claim.
    described: BTreeMap<&'static str, BTreeSet<String>>,
}

/// The three fields of a standard subject's pattern: owner, repository, context. A field is missing
/// where a wildcard before it may stand for it too.
pub(crate) fn segments(value: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let rest = value.strip_prefix("repo:")?;
    let (first, _) = rest.split_once(':').unwrap_or((rest, ""));
    let Some((owner, rest)) = rest.split_once('/').filter(|_| first.contains('/')) else {
        return Some((first, None, None));
    };
    match rest.split_once(':') {
        Some((repository, context)) => Some((owner, Some(repository), Some(context))),
        None => Some((owner, Some(rest), None)),
    }
}

/// The name that a pattern is about, its wildcards and a joint beside them cut off.
fn meant(segment: &str) -> Option<String> {
    let name = segment.split('@').next().unwrap_or_default();
    let bare = name.replace(['*', '?'], "");
    let bare = if has_wildcard(name) {
        bare.trim_matches(['-', '_', '.'])
    } else {
        &bare
    };
    (!bare.is_empty()).then(|| bare.to_owned())
}

fn id(segment: &str) -> Option<String> {
    let id = segment.split_once('@')?.1;
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| id.to_owned())
}

impl Named {
    /// Takes in a value wanted of `sub`.
    pub(super) fn subject(&mut self, value: &str) {
        if let Some((owner, repository, context)) = segments(value) {
            self.names(owner, repository);
            let context = context.map(|context| context.replace(['*', '?'], ""));
            self.contexts.extend(context);
            let plain = value.replace(['*', '?'], "");
            let context = Subject::parse(&plain).context();
            self.contexts
                .extend(context.map(|context| context.subject_suffix()));
            return;
        }
        let fields: Vec<&str> = value.split(':').collect();
        for pair in fields.windows(2) {
            if let [key, value] = pair {
                self.claim(key, value);
            }
        }
    }

    /// Takes in a value wanted of another claim.
    pub(super) fn claim(&mut self, claim: &str, value: &str) {
        match claim {
            "repo" | "repository" => {
                let (owner, repository) = value.split_once('/').unwrap_or((value, "*"));
                return self.names(owner, Some(repository));
            }
            "repository_owner" => return self.names(value, None),
            _ if has_wildcard(value) => return,
            _ => {}
        }
        let set = match claim {
            "repository_id" => &mut self.repository_ids,
            "repository_owner_id" => &mut self.owner_ids,
            "environment" => &mut self.environments,
            "ref" => &mut self.refs,
            _ => return,
        };
        set.insert(value.to_owned());
    }

    fn names(&mut self, owner: &str, repository: Option<&str>) {
        self.owner_ids.extend(id(owner));
        self.repository_ids.extend(repository.and_then(id));
        let Some(owner) = meant(owner) else {
            return;
        };
        if let Some(repository) = repository.and_then(meant) {
            let pair = (owner.to_ascii_lowercase(), repository.to_ascii_lowercase());
            self.repositories.insert(pair);
            self.spelt_repositories.insert((owner.clone(), repository));
        }
        self.owner(&owner);
    }

    fn owner(&mut self, name: &str) {
        self.owners.insert(name.to_ascii_lowercase());
        self.spelt_owners.insert(name.to_owned());
    }

    /// Takes in texts that a pattern on another claim describes.
    pub(super) fn describe(&mut self, claim: &'static str, texts: Vec<String>) {
        self.described.entry(claim).or_default().extend(texts);
    }

    /// Texts that patterns on a claim describe.
    pub(super) fn described(&self, claim: &str) -> impl Iterator<Item = &String> {
        self.described.get(claim).into_iter().flatten()
    }
}
