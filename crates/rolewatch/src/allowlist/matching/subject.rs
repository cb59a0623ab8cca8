//! Whole subjects of customised templates.

use super::{Invalid, RepositoryPattern, check_text};
use crate::pattern::Pattern;

/// A pattern for a whole subject, split at ':' as the subject is: as many fields, and no
/// wildcard across a border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectPattern {
    fields: Vec<FieldPattern>,
    text: String,
}

/// One field between two ':'.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldPattern {
    /// The claim whose value this is; none for the claim's name itself.
    claim: Option<String>,
    segments: Vec<Pattern>,
}

/// The claims that name the calling repository or its owner. `job_workflow_ref` is not one: it
/// names the called workflow, and anyone may call a public one.
const CALLER_CLAIMS: [&str; 5] = [
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
];

impl SubjectPattern {
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        check_text(text)?;
        if text.split(':').any(str::is_empty) {
            return Err(Invalid::new(
                format!("`{text}` has an empty field"),
                "write claims as GitHub joins them: key:value:key:value",
            ));
        }
        let fields = with_claims(text)
            .map(|(claim, field)| FieldPattern {
                segments: segments(claim, field).map(Pattern::new).collect(),
                claim: claim.map(str::to_owned),
            })
            .collect();
        Ok(Self {
            fields,
            text: text.to_owned(),
        })
    }

    /// Whether the whole subject matches.
    pub(crate) fn matches(&self, subject: &str) -> bool {
        self.matches_by(subject, Pattern::matches)
    }

    pub(crate) fn matches_but_for_case(&self, subject: &str) -> bool {
        self.matches_by(subject, Pattern::matches_but_for_case)
    }

    fn matches_by(&self, subject: &str, matches: fn(&Pattern, &str) -> bool) -> bool {
        let mut fields = subject.split(':');
        self.fields.iter().all(|pattern| {
            fields
                .next()
                .is_some_and(|field| pattern.matches_by(field, matches))
        }) && fields.next().is_none()
    }

    /// Whether the pattern says who calls: the owner, at least, written out or by id.
    pub(crate) fn pins_caller(&self) -> bool {
        self.fields.iter().any(|field| {
            field
                .claim
                .as_deref()
                .is_some_and(|claim| CALLER_CLAIMS.contains(&claim))
                && field.segments.first().is_some_and(Pattern::is_literal)
        })
    }

    /// Whether the pattern, as far as it speaks of an owner, means this one.
    pub(crate) fn names_owner(&self, owner: Option<&str>, owner_id: Option<u64>) -> bool {
        self.value_matches(&["repo", "repository", "repository_owner"], 0, owner)
            || self.value_matches(
                &["repository_owner_id"],
                0,
                owner_id.map(|id| id.to_string()).as_deref(),
            )
    }

    /// Whether the pattern, as far as it speaks of a repository, means this one
    /// (`owner/name`, ids included where the subject has them).
    pub(crate) fn names_repository(&self, repository: &str) -> bool {
        self.claims(&["repo", "repository"])
            .any(|field| field.matches_by(repository, Pattern::matches))
    }

    /// The repository that the pattern spells, where it does.
    pub(crate) fn repository(&self) -> Option<RepositoryPattern> {
        let segments = &self.claims(&["repo", "repository"]).next()?.segments;
        let [owner, name] = segments.as_slice() else {
            return None;
        };
        RepositoryPattern::parse(&format!("{owner}/{name}")).ok()
    }

    fn value_matches(&self, claims: &[&str], segment: usize, value: Option<&str>) -> bool {
        value.is_some_and(|value| {
            self.claims(claims)
                .filter_map(|field| field.segments.get(segment))
                .any(|pattern| owner_without_id(pattern).matches(value))
        })
    }

    fn claims<'s>(&'s self, claims: &'s [&str]) -> impl Iterator<Item = &'s FieldPattern> {
        self.fields.iter().filter(move |field| {
            field
                .claim
                .as_deref()
                .is_some_and(|claim| claims.contains(&claim))
        })
    }

    pub(crate) fn is_literal(&self) -> bool {
        self.fields
            .iter()
            .flat_map(|field| &field.segments)
            .all(Pattern::is_literal)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl FieldPattern {
    fn matches_by(&self, field: &str, matches: fn(&Pattern, &str) -> bool) -> bool {
        let mut values = segments(self.claim.as_deref(), field);
        self.segments
            .iter()
            .all(|pattern| values.next().is_some_and(|value| matches(pattern, value)))
            && values.next().is_none()
    }
}

/// The fields of a subject, each with the claim it is the value of. `pull_request` is the one
/// claim that GitHub writes without a value.
fn with_claims(text: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut claim = None;
    text.split(':').map(move |field| match claim.take() {
        Some(of) => (Some(of), field),
        None => {
            claim = (field != "pull_request").then_some(field);
            (None, field)
        }
    })
}

/// The parts of a claim's value that a wildcard must not cross: owner, repository, then the
/// rest; a workflow's file and the ref behind its first '@' are apart, too.
fn segments<'v>(claim: Option<&str>, value: &'v str) -> impl Iterator<Item = &'v str> {
    let (path_parts, has_ref) = match claim {
        Some("repo" | "repository") => (2, false),
        Some("job_workflow_ref" | "workflow_ref") => (3, true),
        _ => (1, false),
    };
    value
        .splitn(path_parts, '/')
        .enumerate()
        .flat_map(move |(index, part)| {
            let splits = if has_ref && index == 2 { 2 } else { 1 };
            part.splitn(splits, '@')
        })
}

/// `acme@1` pins the owner `acme`.
fn owner_without_id(pattern: &Pattern) -> Pattern {
    Pattern::new(pattern.as_str().split('@').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> SubjectPattern {
        SubjectPattern::parse(text).unwrap()
    }

    #[test]
    fn fields_are_matched_one_by_one() {
        let deploy = pattern(
            "repo:acme/*:environment:*:job_workflow_ref:acme/ci/.github/workflows/*.yml@refs/heads/main",
        );
        let subject = "repo:acme/app:environment:prod:job_workflow_ref:acme/ci/.github/workflows/d.yml@refs/heads/main";
        assert!(deploy.matches(subject));
        assert!(!deploy.matches(&subject.replace("repo:acme/", "repo:acme-evil/")));
        assert!(!deploy.matches(&format!("{subject}:x:y")));
        assert!(!deploy.matches("repo:acme/app:environment:prod"));
        assert!(
            !deploy.matches(&subject.replace("@refs/heads/main", "@refs/heads/x@refs/heads/main"))
        );
        assert!(
            !pattern("repo:*").matches("repo:acme/app"),
            "owner and name are two fields"
        );
        assert!(pattern("repo:acme/app:pull_request").matches("repo:acme/app:pull_request"));
        assert!(!pattern("repo:acme/app:*:*").matches("repo:acme/app:pull_request"));
    }

    #[test]
    fn a_caller_is_pinned_by_its_owner_at_least() {
        for text in [
            "repo:acme/*:ref:refs/heads/main",
            "repository_owner_id:111:job_workflow_ref:acme/ci/.github/workflows/d.yml@refs/heads/main",
            "repository:acme/app:environment:prod",
            "repository_id:5",
            "repo:acme/app:pull_request:job_workflow_ref:x/y/z@r",
            "environment:prod:repository_owner:acme",
        ] {
            assert!(pattern(text).pins_caller(), "{text}");
        }
        for text in [
            "job_workflow_ref:acme/ci/.github/workflows/d.yml@refs/heads/main",
            "repo:*/app:ref:refs/heads/main",
            "repo:ac*/app:ref:refs/heads/main",
            "repository_owner:*",
            "repository_id:*:x:y",
            "environment:repo:ref:refs/heads/main",
            "*:acme/app",
            "repository_visibility:private",
        ] {
            assert!(!pattern(text).pins_caller(), "{text}");
        }
    }

    #[test]
    fn owners_and_repositories_are_read_out_of_patterns() {
        let by_name = pattern("repo:acme@1/app@2:environment:prod:x:y");
        assert!(by_name.names_owner(Some("acme"), None));
        assert!(by_name.names_repository("acme@1/app@2"));
        assert!(!by_name.names_owner(Some("acme-evil"), None));
        let by_id = pattern("repository_owner_id:111:job_workflow_ref:acme/ci/x@y");
        assert!(by_id.names_owner(None, Some(111)));
        assert!(
            !by_id.names_owner(Some("acme"), None),
            "the called workflow's owner is not the caller"
        );
    }
}
