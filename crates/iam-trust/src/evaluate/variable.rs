//! Policy variables in a condition's value.

use crate::pattern::Token;
use crate::policy::Version;
use crate::request::Keys;

/// A value with its variables filled in; nothing where a variable has no single value and no
/// default: then the value stands for no text at all.
///
/// Variables exist in version 2012-10-17 only; in 2008-10-17 `${` is text. `${*}`, `${?}` and
/// `${$}` are the characters themselves. What a variable stands for is text, never a wildcard,
/// which the documents leave open: names that GitHub signs have no `*`.
pub(super) fn expand(
    value: &str,
    version: Version,
    wildcards: bool,
    keys: &Keys,
) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        if version == Version::V2012
            && let Some((inside, after)) = variable(rest)
        {
            tokens.extend(lookup(inside, keys)?.chars().map(Token::Char));
            rest = after;
            continue;
        }
        tokens.push(match c {
            '*' if wildcards => Token::Run,
            '?' if wildcards => Token::One,
            c => Token::Char(c),
        });
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    Some(tokens)
}

/// The inside of the variable at the start of a text, and what follows it. `${` that is never
/// closed is text.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}')
}

fn lookup(inside: &str, keys: &Keys) -> Option<String> {
    if matches!(inside, "*" | "?" | "$") {
        return Some(inside.to_owned());
    }
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default.trim())),
        None => (inside, None),
    };
    let found = keys.single(&key.trim().to_ascii_lowercase());
    let default = || default?.strip_prefix('\'')?.strip_suffix('\'');
    found.or_else(default).map(str::to_owned)
}
