//! Tokens on the command line: read with a cap, and never repeated.

use std::io::Read;

use anyhow::Context;
use github_oidc::token::LONGEST_TOKEN;

/// The token that an argument means: itself, or standard input's for `-`.
pub(crate) fn token(argument: &str) -> anyhow::Result<String> {
    if argument != "-" {
        return Ok(argument.trim().to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .take(LONGEST_TOKEN as u64 + 1024)
        .read_to_string(&mut text)
        .context("cannot read the token from standard input")?;
    Ok(text.trim().to_owned())
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
