//! Audiences and regions: fields without borders within.

use super::{Invalid, check_text};
use crate::pattern::Pattern;

/// A pattern for the token's audience, which is any text.
pub(crate) fn parse_audience(text: &str) -> Result<Pattern, Invalid> {
    check_text(text).map(|()| Pattern::new(text))
}

/// A pattern for AWS regions.
pub(in crate::allowlist) fn parse_region(text: &str) -> Result<Pattern, Invalid> {
    let of_a_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-*?".contains(c);
    check_text(text)?;
    if !text.chars().all(of_a_region) {
        return Err(Invalid::new(
            format!("`{text}` is not a region"),
            "write regions as AWS does, such as eu-central-1; patterns know * and ?",
        ));
    }
    Ok(Pattern::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_spelt_as_aws_spells_them() {
        assert!(parse_region("eu-*").unwrap().matches("eu-central-1"));
        for text in ["EU-central-1", "eu central", "eu_west_1", "eu-west-1\u{1b}"] {
            assert!(parse_region(text).is_err(), "{text}");
        }
    }
}
