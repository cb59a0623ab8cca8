//! Tokens on the command line: read with a cap, and never repeated.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use github_oidc::token::LONGEST_TOKEN;

/// The token that an argument means: itself, or standard input's for `-`.
pub(crate) fn token(argument: &str) -> anyhow::Result<String> {
    if argument != "-" {
        let token = bare(argument);
        ensure!(!token.is_empty(), "the token is empty");
        let is_path = Path::new(argument).is_file() || argument.contains('/');
        ensure!(
            !is_path || token.starts_with(BEGINNING),
            "that looks like a file, not a token: read it with - < FILE"
        );
        return Ok(token);
    }
    let mut text = String::new();
    std::io::stdin()
        .take(LONGEST_TOKEN as u64 + 1024)
        .read_to_string(&mut text)
        .context("cannot read the token from standard input")?;
    let token = bare(&text);
    ensure!(
        !token.is_empty(),
        "standard input is empty: no token was read from it"
    );
    Ok(token)
}

/// How every JWT begins: `{"` in base64url.
const BEGINNING: &str = "eyJ";

/// The token without what it is copied with: a header's `Bearer`, a variable's `TOKEN=`, quotes,
/// or GitHub's answer to a request for one, `{"count":1,"value":"eyJ…"}`.
fn bare(text: &str) -> String {
    let mut rest = text.trim();
    // Each can stand within another, and none is worth more than one look.
    for _ in 0..4 {
        if rest.starts_with('{') {
            let answer: Result<serde_json::Value, _> = serde_json::from_str(rest);
            let value = answer
                .as_ref()
                .ok()
                .and_then(|it| it.get("value")?.as_str());
            return value.unwrap_or(rest).trim().to_owned();
        }
        let unquoted = ['"', '\''].iter().find_map(|quote| {
            let inside = rest.strip_prefix(*quote)?;
            inside.strip_suffix(*quote)
        });
        let after_name = rest.split_once([' ', '=', ':']).and_then(|(name, after)| {
            let is_name = name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
            let leads = after.contains(BEGINNING) && !name.starts_with(BEGINNING);
            (is_name && leads).then_some(after)
        });
        match unquoted.or(after_name) {
            Some(inner) => rest = inner.trim(),
            None => break,
        }
    }
    rest.to_owned()
}

/// A message about the command line without the tokens that stand on it.
pub(crate) fn redact(message: &str, arguments: impl Iterator<Item = String>) -> String {
    let secret = |argument: &String| argument.contains("eyJ") && argument.len() > 20;
    arguments
        .filter(secret)
        .fold(message.to_owned(), |text, it| {
            let text = text.replace(&it, "[token]");
            // `--token=JWT` is told by its value alone.
            match it.split_once('=') {
                Some((_, value)) if !value.is_empty() => text.replace(value, "[token]"),
                _ => text,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_as_it_is_copied() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIifQ.c2ln";
        for text in [
            format!("{token}\n"),
            format!("Bearer {token}"),
            format!("Authorization: bearer {token}"),
            format!("'{token}'"),
            format!("\"Bearer {token}\""),
            format!("export TOKEN=\"{token}\""),
            format!("{{\"count\":1,\"value\":\"{token}\"}}"),
        ] {
            assert_eq!(bare(&text), token, "{text}");
        }
        for text in ["", "{\"value\":1}", "a b", "eyJ=eyJ"] {
            assert_eq!(bare(text), text);
        }
    }

    #[test]
    fn tokens_are_not_repeated() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIifQ.c2ln";
        let arguments = ["token", token, &format!("--token={token}")].map(str::to_owned);
        let message = format!("unexpected '{token}' or '{token}' of '--token={token}'");
        let shown = redact(&message, arguments.into_iter());
        assert!(
            !shown.contains("eyJ") && shown.contains("[token]"),
            "{shown}"
        );
    }
}
