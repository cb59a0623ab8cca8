//! Whole subjects of customised templates.

use super::subject_field::FieldPattern;
use super::{Invalid, NamePattern, RepositoryPattern, check_text};
use crate::pattern::has_wildcard;

/// A pattern for a whole subject, split at ':' as the subject is: as many fields, and no
/// wildcard across a border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SubjectPattern {
    fields: Vec<FieldPattern>,
    text: String,
}

/// The claims whose value begins with the owner's name.
const OWNER_CLAIMS: [&str; 3] = ["repo", "repository", "repository_owner"];
/// The claims that hold an id of the calling repository or of its owner.
const ID_CLAIMS: [&str; 2] = ["repository_id", "repository_owner_id"];

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
            .map(|(claim, field)| FieldPattern::parse(claim, field))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            fields,
            text: text.to_owned(),
        })
    }

    /// Whether the whole subject matches.
    pub(crate) fn matches(&self, subject: &str) -> bool {
        self.matches_by(subject, FieldPattern::matches)
    }

    pub(crate) fn matches_but_for_case(&self, subject: &str) -> bool {
        self.matches_by(subject, FieldPattern::matches_but_for_case)
    }

    fn matches_by(&self, subject: &str, matches: fn(&FieldPattern, &str) -> bool) -> bool {
        let mut fields = subject.split(':');
        self.fields
            .iter()
            .all(|pattern| fields.next().is_some_and(|field| matches(pattern, field)))
            && fields.next().is_none()
    }

    /// Whether the pattern says who calls: the owner, at least, written out or by id.
    /// `job_workflow_ref` does not: it names the called workflow, and anyone may call a public
    /// one. Neither does what stands behind a key that is itself a pattern: that key could be
    /// `pull_request`, which has no value, and all behind it would mean something else.
    pub(crate) fn pins_caller(&self) -> bool {
        self.fields
            .iter()
            .take_while(|field| field.claim.is_some() || field.is_literal())
            .any(|field| {
                field.claim_is(&OWNER_CLAIMS) && !has_wildcard(field.owner().0)
                    || field.claim_is(&ID_CLAIMS) && field.is_literal()
            })
    }

    /// Whether the pattern, as far as it speaks of an owner, means this one.
    pub(crate) fn names_owner(&self, owner: Option<&str>, owner_id: Option<u64>) -> bool {
        let by_name = |field: &FieldPattern| owner.is_some_and(|owner| field.owner_matches(owner));
        let by_id =
            |field: &FieldPattern| owner_id.is_some_and(|id| field.matches(&id.to_string()));
        self.claims(&OWNER_CLAIMS).any(by_name) || self.claims(&["repository_owner_id"]).any(by_id)
    }

    /// Whether the pattern, as far as it speaks of a repository, means this one
    /// (`owner/name`, ids included where the subject has them).
    pub(crate) fn names_repository(&self, repository: &str) -> bool {
        self.claims(&["repo", "repository"])
            .any(|field| field.matches(repository))
    }

    /// Owner and repository as far as the pattern names them, with the ids that it gives these
    /// names, be it in a claim of their own. An id pins nothing where the name is a pattern.
    pub(crate) fn caller(&self) -> Option<RepositoryPattern> {
        let (owner, owner_id) = self.claims(&OWNER_CLAIMS).next()?.owner();
        let repository = self.claims(&["repo", "repository"]).next();
        let (name, id) = repository.map_or(("*", None), FieldPattern::repository_name);
        let owner = NamePattern::new(owner, owner_id.or_else(|| self.id("repository_owner_id")));
        let name = NamePattern::new(name, id.or_else(|| self.id("repository_id")));
        Some(RepositoryPattern::new(owner, name))
    }

    fn id(&self, claim: &str) -> Option<u64> {
        self.claims(&[claim]).next()?.text().parse().ok()
    }

    fn claims<'s>(&'s self, claims: &'s [&str]) -> impl Iterator<Item = &'s FieldPattern> {
        self.fields.iter().filter(|field| field.claim_is(claims))
    }

    pub(crate) fn is_literal(&self) -> bool {
        !has_wildcard(&self.text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// The fields of a subject, each with the claim it is the value of. `pull_request` is the one
/// claim that GitHub writes without a value.
fn with_claims(text: &str) -> impl Iterator<Item = (Option<&str>, &str)> {
    let mut claim = None;
    text.split(':').map(move |field| {
        let of = claim.take();
        if of.is_none() && field != "pull_request" {
            claim = Some(field);
        }
        (of, field)
    })
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
            "pull_request:repository_owner:acme",
            "repo:acme@*/app@*:environment:prod",
            "repo:*/*:repository_owner_id:111",
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
            "repo:acme*@111/app:environment:prod",
            "repo:@1/app:environment:prod",
            // The wildcard could stand for pull_request, and `repository_owner` for a value.
            "*:workflow:repository_owner:acme",
            "?ull_request:x:*:y:repo:acme/app",
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

    #[test]
    fn ids_pin_the_names_beside_them() {
        let caller = |text: &str| {
            let caller = pattern(text).caller()?;
            Some((caller.as_str().to_owned(), caller.owner.id, caller.name.id))
        };
        for (text, name, owner_id, id) in [
            ("repo:acme@1/app@2:x:y", "acme@1/app@2", Some(1), Some(2)),
            (
                "repository_owner_id:1:repository_owner:acme",
                "acme@1/*",
                Some(1),
                None,
            ),
            (
                "repo:acme/app:repository_id:2:ref:refs/heads/main",
                "acme/app@2",
                None,
                Some(2),
            ),
            ("repo:acme@*/app@*:x:y", "acme/app", None, None),
            ("repo:acme/*:repository_id:2", "acme/*", None, None),
            ("repo:*/app:repository_owner_id:1", "*/app", None, None),
        ] {
            assert_eq!(
                caller(text),
                Some((name.to_owned(), owner_id, id)),
                "{text}"
            );
        }
        assert_eq!(caller("repository_owner_id:1:x:y"), None);
    }
}
