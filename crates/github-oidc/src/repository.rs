//! Repositories as a subject names them, with or without their ids.

use std::fmt;

/// The name of an owner or of a repository, with its id where the subject carries it (`acme` or
/// `acme@111`).
///
/// GitHub gives a name away again when its holder renames or leaves it; an id belongs to one holder
/// for good.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'a> {
    /// The name, in the case in which it came; non-empty, without `/`, `:` and `@`.
    pub text: &'a str,
    /// The id after `@`, where there is one.
    pub id: Option<u64>,
}

impl<'a> Name<'a> {
    /// Reads `NAME` or `NAME@ID`; nothing where the name is empty, has one of `/:@`, or where the
    /// id is not a decimal number of 64 bits without sign and leading zeros.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (text, id) = match text.split_once('@') {
            Some((text, id)) => (text, Some(parse_id(id)?)),
            None => (text, None),
        };
        if text.is_empty() || text.contains(['/', ':']) {
            return None;
        }
        Some(Self { text, id })
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)?;
        match self.id {
            Some(id) => write!(f, "@{id}"),
            None => Ok(()),
        }
    }
}

/// A repository as GitHub writes it in a subject: `OWNER[@ID]/NAME[@ID]`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository<'a> {
    /// The user or organisation that holds it.
    pub owner: Name<'a>,
    /// The repository's own name.
    pub name: Name<'a>,
}

impl<'a> Repository<'a> {
    /// Reads two names with exactly one `/` between them; nothing where either is not a
    /// [`Name`].
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        Some(Self {
            owner: Name::parse(owner)?,
            name: Name::parse(name)?,
        })
    }

    /// `owner/name`, without ids.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner.text, self.name.text)
    }
}

impl fmt::Display for Repository<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// An id exactly as GitHub would print it. A second spelling of the same number, such as `007` or
/// `+7`, would let two different subjects pass for one.
pub(crate) fn parse_id(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if canonical && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_read_and_printed_alike() {
        for (text, full_name, owner_id, id) in [
            ("acme/shop", "acme/shop", None, None),
            ("Acme@1/Shop@22", "Acme/Shop", Some(1), Some(22)),
            ("acme@1/shop", "acme/shop", Some(1), None),
            ("acme/shop@22", "acme/shop", None, Some(22)),
            (
                "a@18446744073709551615/b",
                "a/b",
                Some(18_446_744_073_709_551_615),
                None,
            ),
        ] {
            let repository = Repository::parse(text).unwrap();
            assert_eq!(repository.to_string(), text);
            assert_eq!(repository.full_name(), full_name);
            assert_eq!(repository.owner.id, owner_id);
            assert_eq!(repository.name.id, id);
        }
    }

    #[test]
    fn anything_else_is_no_repository() {
        for text in [
            "",
            "/",
            "acme",
            "acme/",
            "/shop",
            "acme/shop/x",
            "acme//shop",
            "acme:x/shop",
            "acme/shop:x",
            "@1/shop",
            "acme@/shop",
            "acme@007/shop@1",
            "acme@00/shop",
            "acme@+7/shop",
            "acme@-7/shop",
            "acme@7 /shop",
            "acme@1@2/shop",
            "acme@\u{661}/shop",
            "acme/shop@18446744073709551616",
        ] {
            assert_eq!(Repository::parse(text), None, "{text}");
        }
    }
}
