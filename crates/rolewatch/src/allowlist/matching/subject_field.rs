//! One field between two ':' of a subject.

use super::Invalid;
use super::repository::parse_id;
use crate::pattern::Pattern;

/// A pattern for one field, in parts that no wildcard crosses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldPattern {
    /// The claim whose value this is; none for the claim's name itself.
    pub(super) claim: Option<String>,
    parts: Vec<Pattern>,
    borders: Borders,
    text: String,
}

/// Where a value is split before wildcards are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Borders {
    /// Nowhere.
    None,
    /// `OWNER/NAME`.
    Repository,
    /// `OWNER/NAME/PATH@REF`: without its border a branch `x@refs/heads/main` would pass for
    /// `*@refs/heads/main`.
    Workflow,
}

impl FieldPattern {
    pub(super) fn parse(claim: Option<&str>, text: &str) -> Result<Self, Invalid> {
        let borders = match claim {
            Some("repo" | "repository") => Borders::Repository,
            // A workflow of any name is any workflow; with a path and a ref they are apart.
            Some("job_workflow_ref" | "workflow_ref") if text != "*" => Borders::Workflow,
            _ => Borders::None,
        };
        if borders != Borders::None && !text.contains('/') {
            return Err(Invalid::new(
                format!("`{text}` is not an owner and a name"),
                "write OWNER/NAME; wildcards never cross the '/' between them",
            ));
        }
        Ok(Self {
            claim: claim.map(str::to_owned),
            parts: split(borders, text, text).map(Pattern::new).collect(),
            borders,
            text: text.to_owned(),
        })
    }

    pub(super) fn matches(&self, field: &str) -> bool {
        self.matches_by(field, Pattern::matches)
    }

    pub(super) fn matches_but_for_case(&self, field: &str) -> bool {
        self.matches_by(field, Pattern::matches_but_for_case)
    }

    fn matches_by(&self, field: &str, matches: fn(&Pattern, &str) -> bool) -> bool {
        let mut values = split(self.borders, &self.text, field);
        self.parts
            .iter()
            .all(|part| values.next().is_some_and(|value| matches(part, value)))
            && values.next().is_none()
    }

    pub(super) fn claim_is(&self, claims: &[&str]) -> bool {
        let claim = self.claim.as_deref();
        claim.is_some_and(|claim| claims.contains(&claim))
    }

    pub(super) fn is_literal(&self) -> bool {
        self.parts.iter().all(Pattern::is_literal)
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The owner that a value begins with, and its id where that is written out. An owner
    /// without a name is as good as any.
    pub(super) fn owner(&self) -> (&str, Option<u64>) {
        match name_and_id(self.parts.first()) {
            ("", _) => ("*", None),
            owner => owner,
        }
    }

    pub(super) fn owner_matches(&self, owner: &str) -> bool {
        Pattern::new(self.owner().0).matches(owner)
    }

    /// The repository's name, and its id where that is written out.
    pub(super) fn repository_name(&self) -> (&str, Option<u64>) {
        name_and_id(self.parts.get(1))
    }
}

fn name_and_id(part: Option<&Pattern>) -> (&str, Option<u64>) {
    let text = part.map_or("*", Pattern::as_str);
    match text.split_once('@') {
        Some((name, id)) => (name, parse_id(id).ok()),
        None => (text, None),
    }
}

/// The parts of a value. Path and ref of a workflow are parted at the path's first '@', if the
/// pattern has one there; one that ends before the path takes all that follows.
fn split<'v>(borders: Borders, pattern: &str, value: &'v str) -> impl Iterator<Item = &'v str> {
    let most = match borders {
        Borders::None => 1,
        Borders::Repository => 2,
        Borders::Workflow => pattern.splitn(3, '/').count(),
    };
    let path = pattern.splitn(3, '/').nth(2);
    let has_ref = borders == Borders::Workflow && path.is_some_and(|path| path.contains('@'));
    value
        .splitn(most, '/')
        .enumerate()
        .flat_map(move |(index, part)| part.splitn(if has_ref && index == 2 { 2 } else { 1 }, '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(claim: &str, pattern: &str, value: &str) -> bool {
        FieldPattern::parse(Some(claim), pattern)
            .unwrap()
            .matches(value)
    }

    #[test]
    fn workflows_are_matched_by_owner_name_path_and_ref() {
        let workflow = "acme/ci/.github/workflows/d.yml@refs/heads/main";
        for pattern in [
            workflow,
            "*",
            "acme/*",
            "acme/ci/*",
            "*/ci/*",
            "acme/ci/.github/workflows/*.yml@refs/heads/main",
            "acme/ci/*@*",
        ] {
            assert!(matches("job_workflow_ref", pattern, workflow), "{pattern}");
        }
        for pattern in [
            "acm/*",
            "acme/c",
            "acme*/x",
            "acme/ci/*@refs/heads/m",
            "*/ci",
        ] {
            assert!(!matches("job_workflow_ref", pattern, workflow), "{pattern}");
        }
    }

    #[test]
    fn a_ref_cannot_pose_as_another() {
        let deploy = "acme/ci/.github/workflows/*.yml@refs/heads/main";
        for value in [
            "acme/ci/.github/workflows/d.yml@refs/heads/x@refs/heads/main",
            "acme/ci/.github/workflows/d.yml@refs/heads/x.yml@refs/heads/main",
            "acme-evil/ci/.github/workflows/d.yml@refs/heads/main",
        ] {
            assert!(!matches("job_workflow_ref", deploy, value), "{value}");
        }
    }

    #[test]
    fn owner_and_name_are_two_parts() {
        assert!(matches("repo", "acme/*", "acme/app"));
        assert!(!matches("repo", "acme/*", "acme-evil/app"));
        assert!(!matches("repo", "acme*/app", "acme/x/app"));
        for pattern in ["*", "acme", "acme*"] {
            assert!(
                FieldPattern::parse(Some("repo"), pattern).is_err(),
                "{pattern}"
            );
        }
        assert!(matches("environment", "a/*", "a/b/c"), "no borders here");
    }
}
