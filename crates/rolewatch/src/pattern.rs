//! Wildcard patterns: `*` is any run of characters, `?` is exactly one, nothing else is special.
//!
//! A pattern sees one field only. What a field is (an owner, a branch, an ARN's account) is
//! decided by the modules in [`crate::allowlist`], so that no wildcard crosses a border that
//! carries meaning.

use std::fmt;

/// The longest pattern that is accepted, in bytes. GitHub's and IAM's names stay far below it,
/// and it bounds the matcher's worst case (pattern length times text length).
pub(crate) const LONGEST: usize = 1024;

/// One field's pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// A pattern from its text. Every text is one; validity is a matter of the field it is for.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the pattern matches just the text it is spelt with.
    pub(crate) fn is_literal(&self) -> bool {
        !has_wildcard(&self.0)
    }

    /// Whether the whole of `text` matches, case and all, as STS compares.
    pub(crate) fn matches(&self, text: &str) -> bool {
        wildcard_match(&self.0, text, |a, b| a == b)
    }

    /// Whether `text` would match if case did not count. Only ever used to explain a near miss.
    pub(crate) fn matches_but_for_case(&self, text: &str) -> bool {
        wildcard_match(&self.0, text, |a, b| {
            a == b || a.to_lowercase().eq(b.to_lowercase())
        })
    }

    /// The pattern as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text`, read as a pattern, would match more than itself.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Two cursors and one place to fall back to: after a `*`, the shortest run is tried first, and
/// a mismatch lengthens the run of the latest `*` by one. An earlier `*` never needs another
/// try, because the latest one can absorb whatever it could.
fn wildcard_match(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut pattern_rest, mut text_rest) = (pattern.chars(), text.chars());
    let mut fall_back = None;
    loop {
        let (before_pattern, before_text) = (pattern_rest.clone(), text_rest.clone());
        let matched = match (pattern_rest.next(), text_rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                fall_back = Some((pattern_rest.clone(), before_text.clone()));
                text_rest = before_text;
                if before_pattern.as_str() == "*" {
                    return true;
                }
                true
            }
            (Some('?'), Some(_)) => true,
            (Some(p), Some(t)) => same(p, t),
            (Some(_), None) => return false,
            (None, Some(_)) => false,
        };
        if !matched {
            let Some((after_star, mut run_end)) = fall_back else {
                return false;
            };
            if run_end.next().is_none() {
                return false;
            }
            pattern_rest = after_star.clone();
            text_rest = run_end.clone();
            fall_back = Some((after_star, run_end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, written as it is said; exponential, and obviously right.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => (0..=text.len()).any(|run| oracle(rest, &text[run..])),
            (Some(('?', rest)), Some((_, text))) => oracle(rest, text),
            (Some((p, rest)), Some((t, text))) => p == t && oracle(rest, text),
            _ => false,
        }
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("*", "anything at all", true),
            ("?", "", false),
            ("?", "é", true),
            ("release/*", "release/1.2/hotfix", true),
            ("release/*", "release", false),
            ("v?.?", "v1.2", true),
            ("v?.?", "v1.22", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("main", "Main", false),
            ("main", "main ", false),
            ("*a", "aaa", true),
            (".+", "xy", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text),
                expected,
                "{pattern} on {text}"
            );
        }
    }

    #[test]
    fn case_is_respected_and_a_near_miss_is_seen() {
        let pattern = Pattern::new("My-Org*");
        assert!(!pattern.matches("my-org"));
        assert!(pattern.matches_but_for_case("my-orgs"));
        assert!(!pattern.matches_but_for_case("our-org"));
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let pattern = Pattern::new("*a".repeat(LONGEST / 2));
        assert!(!pattern.matches(&"a".repeat(400).replace("aaaa", "aaab")));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?é]{0,7}", text in "[abé]{0,9}") {
            let expected = oracle(
                &pattern.chars().collect::<Vec<_>>(),
                &text.chars().collect::<Vec<_>>(),
            );
            prop_assert_eq!(Pattern::new(pattern).matches(&text), expected);
        }

        #[test]
        fn a_literal_matches_itself_alone(text in "[a-z/.@-]{0,20}", other in "[a-z/.@-]{0,20}") {
            let pattern = Pattern::new(text.clone());
            prop_assert!(pattern.is_literal() && pattern.matches(&text));
            prop_assert_eq!(pattern.matches(&other), text == other);
        }
    }
}
