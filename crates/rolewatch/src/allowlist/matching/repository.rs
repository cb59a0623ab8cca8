//! Repositories: `OWNER[@ID]/NAME[@ID]`.

use github_oidc::{Name, Repository, Subject};

use super::{Invalid, check_text};
use crate::pattern::{Pattern, has_wildcard};

const HELP: &str = "write OWNER/NAME as GitHub does, ids behind an @: my-org@111/my-repo@456789";

/// The owner of a subject, with the id that any of its claims gives.
pub(crate) fn owner_of<'a>(subject: &Subject<'a>) -> Option<Name<'a>> {
    let id = subject.owner_id();
    subject.owner().map(|owner| Name { id, ..owner })
}

/// The repository of a subject, with the ids that any of its claims give.
pub(crate) fn repository_of<'a>(subject: &Subject<'a>) -> Option<Repository<'a>> {
    let Repository { name, .. } = subject.repository()?;
    let id = subject.repository_id();
    Some(Repository {
        owner: owner_of(subject)?,
        name: Name { id, ..name },
    })
}

/// How names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As STS does.
    Exact,
    /// To find near misses.
    ButForCase,
}

/// A pattern for a repository. Owner and name are matched apart; an id is a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RepositoryPattern {
    pub(crate) owner: NamePattern,
    pub(crate) name: NamePattern,
    text: String,
}

/// A pattern for one name, with the id it is pinned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamePattern {
    pub(crate) pattern: Pattern,
    pub(crate) id: Option<u64>,
}

impl RepositoryPattern {
    pub(crate) fn new(owner: NamePattern, name: NamePattern) -> Self {
        let text = format!("{owner}/{name}");
        Self { owner, name, text }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        check_text(text)?;
        let Some((owner, name)) = text.split_once('/').filter(|(_, name)| !name.contains('/'))
        else {
            return Err(Invalid::new(format!("`{text}` is not a repository"), HELP));
        };
        Ok(Self {
            owner: NamePattern::parse(owner)?,
            name: NamePattern::parse(name)?,
            text: text.to_owned(),
        })
    }

    pub(crate) fn matches(&self, repository: &Repository<'_>, strictness: Strictness) -> bool {
        self.owner.matches(&repository.owner, strictness)
            && self.name.matches(&repository.name, strictness)
    }

    /// Whether the pattern is this `owner/name` with both of its ids.
    pub(crate) fn is_pin_of(&self, repository: &str) -> bool {
        let same = |(owner, name)| {
            self.owner.pattern.as_str() == owner && self.name.pattern.as_str() == name
        };
        self.owner.id.is_some()
            && self.name.id.is_some()
            && self.is_literal()
            && repository.split_once('/').is_some_and(same)
    }

    pub(crate) fn is_literal(&self) -> bool {
        self.owner.pattern.is_literal() && self.name.pattern.is_literal()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for NamePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.id {
            Some(id) => write!(f, "{}@{id}", self.pattern),
            None => write!(f, "{}", self.pattern),
        }
    }
}

impl NamePattern {
    /// The id counts where the name is written out: one id belongs to one name.
    pub(crate) fn new(name: &str, id: Option<u64>) -> Self {
        let pattern = Pattern::new(name);
        Self {
            id: id.filter(|_| pattern.is_literal()),
            pattern,
        }
    }

    fn parse(text: &str) -> Result<Self, Invalid> {
        let (name, id) = match text.split_once('@') {
            None => (text, None),
            Some((name, digits)) => (name, Some(parse_id(digits)?)),
        };
        if name.is_empty() || !name.chars().all(is_name_character) {
            return Err(Invalid::new(
                format!("`{name}` is not the name of an owner or repository"),
                "names have letters, digits, '-', '_' and '.'; patterns know * and ?",
            ));
        }
        if id.is_some() && has_wildcard(name) {
            return Err(Invalid::new(
                format!("`{text}` pins one id to a pattern of names"),
                "an id belongs to one name; write the name out, or leave the id away",
            ));
        }
        Ok(Self {
            pattern: Pattern::new(name),
            id,
        })
    }

    /// A name without an id (the classic subject) satisfies a pin: it says nothing against it.
    pub(crate) fn matches(&self, name: &Name<'_>, strictness: Strictness) -> bool {
        let same_id = match (self.id, name.id) {
            (Some(pinned), Some(id)) => pinned == id,
            _ => true,
        };
        same_id
            && match strictness {
                Strictness::Exact => self.pattern.matches(name.text),
                Strictness::ButForCase => self.pattern.matches_but_for_case(name.text),
            }
    }
}

pub(super) fn parse_id(digits: &str) -> Result<u64, Invalid> {
    let canonical = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| canonical).ok_or_else(|| {
        Invalid::new(
            format!("`{digits}` is not an id"),
            "an id is a number, as `gh api repos/OWNER/NAME` shows it; ids are never patterns",
        )
    })
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.*?".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, repository: &str) -> bool {
        let repository = Repository::parse(repository).unwrap();
        RepositoryPattern::parse(pattern)
            .unwrap()
            .matches(&repository, Strictness::Exact)
    }

    #[test]
    fn a_neighbour_never_passes() {
        assert!(matches("acme/*", "acme/app"));
        assert!(!matches("acme/*", "acme-evil/x"));
        assert!(!matches("acme/app", "acme/app-evil"));
        assert!(!matches("acme/app", "Acme/app"));
    }

    #[test]
    fn ids_are_pins() {
        assert!(matches("acme@1/app@2", "acme@1/app@2"));
        assert!(
            matches("acme@1/app@2", "acme/app"),
            "a classic subject carries no id"
        );
        assert!(matches("acme/*", "acme@1/app@2"), "no pin, any id");
        assert!(!matches("acme@1/app@2", "acme@1/app@3"));
        assert!(!matches("acme@1/*", "acme@9/app@2"));
    }

    #[test]
    fn what_is_no_repository_is_refused() {
        for text in [
            "acme",
            "acme/",
            "/app",
            "acme/app/x",
            "acme@/app",
            "acme@01/app",
            "acme@x/app",
            "acme*@1/app",
            "acme/a*@1",
            "acme/a b",
            "acme:x/app",
            "acme/ä",
            " acme/app",
            "acme@99999999999999999999/app",
            "acme/app\u{202e}",
        ] {
            assert!(RepositoryPattern::parse(text).is_err(), "{text}");
        }
    }
}
