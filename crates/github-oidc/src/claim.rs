//! Subjects as a list of claims, the way a customised template writes them.

use std::fmt;

/// The one claim that GitHub writes into a subject without a value.
const PULL_REQUEST: &str = "pull_request";

/// How the claims of a repository's custom properties begin.
const PROPERTY: &str = "repo_property_";

/// One claim of a subject: `key:value`, or `pull_request` alone.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim<'a> {
    /// The claim's name, `[a-z_][a-z0-9_]*`.
    pub key: &'a str,
    /// The value as the subject spells it (a `:` in it is still `%3A`); it may be empty. Nothing
    /// only for `pull_request`.
    pub value: Option<&'a str>,
}

impl fmt::Display for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)?;
        match self.value {
            Some(value) => write!(f, ":{value}"),
            None => Ok(()),
        }
    }
}

/// A subject whose template somebody customised (GitHub's `include_claim_keys`), or that is
/// otherwise made of claims without being a standard one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomSubject<'a> {
    /// The claims, in the order of the template; never empty when parsed.
    pub claims: Vec<Claim<'a>>,
}

impl<'a> CustomSubject<'a> {
    /// The value of the first claim with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.find(&[key]).and_then(|claim| claim.value)
    }

    /// The first claim that has one of these keys.
    pub(crate) fn find(&self, keys: &[&str]) -> Option<Claim<'a>> {
        let mut claims = self.claims.iter().copied();
        claims.find(|claim| keys.contains(&claim.key))
    }
}

impl fmt::Display for CustomSubject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, claim) in self.claims.iter().enumerate() {
            if index > 0 {
                f.write_str(":")?;
            }
            write!(f, "{claim}")?;
        }
        Ok(())
    }
}

/// Splits a subject into its claims; nothing where it is not made of them. Keys and values take
/// turns, save for `pull_request`, which has no value.
pub(crate) fn split(text: &str) -> Option<Vec<Claim<'_>>> {
    let mut claims = Vec::new();
    let mut fields = text.split(':');
    while let Some(key) = fields.next() {
        if !is_key(key) {
            return None;
        }
        let value = if key == PULL_REQUEST {
            None
        } else {
            Some(fields.next()?)
        };
        claims.push(Claim { key, value });
    }
    Some(claims)
}

/// Claims are named in snake case; behind `repo_property_` stands the name of a custom property,
/// which people choose (letters, digits, `_`, `-`, `$`, `#`).
fn is_key(key: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let chosen = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$#".contains(&byte);
    match key.strip_prefix(PROPERTY) {
        Some(name) => !name.is_empty() && name.bytes().all(chosen),
        None => {
            !key.is_empty()
                && !key.starts_with(|c: char| c.is_ascii_digit())
                && key.bytes().all(known)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Option<Vec<(&str, Option<&str>)>> {
        let claims = split(text)?;
        Some(
            claims
                .iter()
                .map(|claim| (claim.key, claim.value))
                .collect(),
        )
    }

    #[test]
    fn keys_and_values_take_turns_save_for_pull_request() {
        assert_eq!(
            pairs("repo:a/b:pull_request:job_workflow_ref:a/c/w.yml@refs/heads/main"),
            Some(vec![
                ("repo", Some("a/b")),
                ("pull_request", None),
                ("job_workflow_ref", Some("a/c/w.yml@refs/heads/main")),
            ])
        );
        assert_eq!(
            pairs("environment:pull_request:ref:"),
            Some(vec![
                ("environment", Some("pull_request")),
                ("ref", Some(""))
            ])
        );
    }

    #[test]
    fn what_is_not_made_of_claims_is_refused() {
        for text in [
            "",
            ":",
            "::",
            ":x",
            "repo",
            "repo:a/b:",
            "repo:a/b::x",
            "repo:a/b:environment",
            "repo:a/b:pull_request:",
            "repo:a/b:pull_request:x",
            "Repo:a/b",
            "1repo:a/b",
            "repo :a/b",
            "r\u{435}po:a/b",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_claim_of_a_key_wins() {
        let subject = CustomSubject {
            claims: split("actor:one:actor:two:pull_request").unwrap(),
        };
        assert_eq!(subject.get("actor"), Some("one"));
        assert_eq!(subject.get("pull_request"), None);
        assert_eq!(subject.get("ref"), None);
        assert_eq!(subject.to_string(), "actor:one:actor:two:pull_request");
    }
}
