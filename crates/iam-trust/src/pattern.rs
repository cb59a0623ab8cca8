//! Texts with wildcards: `*` for any run of characters, `?` for one.

/// One step of a pattern.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// `*`: any run of characters, also none.
    Run,
    /// `?`: any one character.
    One,
}

/// A pattern in which `*` and `?` are wildcards.
pub(crate) fn wildcards(text: &str) -> Vec<Token> {
    text.chars()
        .map(|c| match c {
            '*' => Token::Run,
            '?' => Token::One,
            c => Token::Char(c),
        })
        .collect()
}

/// A pattern that matches one text only.
pub(crate) fn literal(text: &str) -> Vec<Token> {
    text.chars().map(Token::Char).collect()
}

/// Whether a text has a wildcard.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether the whole text matches. Linear in memory, no recursion: after a mismatch only the last
/// `*` can be made longer, so two remembered positions are enough.
pub(crate) fn matches(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    matches_chars(pattern, &text)
}

/// The same for the characters of a text, which many patterns are compared with.
pub(crate) fn matches_chars(pattern: &[Token], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some(Token::Run) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(Token::One) => {}
            Some(Token::Char(wanted)) if wanted == c => {}
            _ => {
                let Some((run, from)) = retry else {
                    return false;
                };
                retry = Some((run, from + 1));
                (p, t) = (run + 1, from + 1);
                continue;
            }
        }
        p += 1;
        t += 1;
    }
    pattern
        .get(p..)
        .is_some_and(|rest| rest.iter().all(|token| *token == Token::Run))
}

/// Whether the pattern of a text matches another text.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    matches(&wildcards(pattern), text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_naive_matcher(pattern in "[ab*?]{0,8}", text in "[ab*]{0,10}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(like(&pattern, &text), naive(&p, &t));
        }
    }
}
