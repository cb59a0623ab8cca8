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
    matches_symbols(pattern, text, |token, c| match token {
        Token::Char(wanted) => wanted == *c,
        Token::One => true,
        Token::Run => false,
    })
}

/// Whether one pattern matches everything that another does. A run of the narrow one can only be
/// part of a run of the wide one, as it may stand for a text that occurs in neither.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow) = (ordered(wide), ordered(narrow));
    matches_symbols(&wide, &narrow, |token, symbol| match token {
        Token::Char(_) => token == *symbol,
        Token::One => *symbol != Token::Run,
        Token::Run => false,
    })
}

/// Whether some text is matched by both patterns.
pub(crate) fn overlap(one: &str, two: &str) -> bool {
    let (one, two) = (wildcards(one), wildcards(two));
    let mut row = vec![false; two.len() + 1];
    row[0] = true;
    for i in 0..=one.len() {
        let mut next = vec![false; two.len() + 1];
        for j in 0..=two.len() {
            if !row[j] {
                continue;
            }
            let (a, b) = (one.get(i), two.get(j));
            let run = (a == Some(&Token::Run), b == Some(&Token::Run));
            // Either pattern's run takes what the other has next, or ends.
            next[j] |= a.is_some() && (run.0 || run.1);
            if let Some(b) = b {
                row[j + 1] |= run.0 || run.1;
                next[j + 1] |= a.is_some_and(|a| a == b || *a == Token::One || *b == Token::One)
                    && run == (false, false);
            }
        }
        if i == one.len() {
            return row[two.len()];
        }
        row = next;
    }
    false
}

/// A pattern with its neighbouring wildcards in one order: `*?` and `?*` are the same.
fn ordered(text: &str) -> Vec<Token> {
    let mut tokens = wildcards(text);
    for group in tokens.chunk_by_mut(|one, two| is_wild(*one) && is_wild(*two)) {
        group.sort_by_key(|token| *token == Token::Run);
    }
    tokens.dedup_by(|one, two| *one == Token::Run && *two == Token::Run);
    tokens
}

fn is_wild(token: Token) -> bool {
    !matches!(token, Token::Char(_))
}

fn matches_symbols<S>(pattern: &[Token], text: &[S], fits: impl Fn(Token, &S) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(symbol) = text.get(t) {
        match pattern.get(p) {
            Some(Token::Run) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(token) if fits(*token, symbol) => {}
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

    #[test]
    fn patterns_are_compared() {
        for (wide, narrow, covered, met) in [
            ("repo:acme/*", "repo:acme/shop:*", true, true),
            ("repo:acme/shop*", "repo:acme/*", false, true),
            ("a*?", "a?*", true, true),
            ("a?", "a*", false, true),
            ("*a*", "?a", true, true),
            ("a*b", "b*a", false, false),
            ("ab", "a?", false, true),
            ("*:x", "a*:x", true, true),
            ("a?c", "abd", false, false),
        ] {
            assert_eq!(covers(wide, narrow), covered, "{wide} {narrow}");
            assert_eq!(overlap(wide, narrow), met, "{wide} {narrow}");
            assert_eq!(overlap(narrow, wide), met, "{wide} {narrow}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_naive_matcher(pattern in "[ab*?]{0,8}", text in "[ab*]{0,10}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(like(&pattern, &text), naive(&p, &t));
        }

        #[test]
        fn what_is_covered_matches(wide in "[ab*?]{0,6}", narrow in "[ab*?]{0,6}",
            texts in prop::collection::vec("[abc]{0,8}", 32))
        {
            let (covered, met) = (covers(&wide, &narrow), overlap(&wide, &narrow));
            for text in &texts {
                let matched = (like(&wide, text), like(&narrow, text));
                prop_assert!(!covered || !matched.1 || matched.0, "{text}");
                prop_assert!(met || matched != (true, true), "{text}");
            }
            prop_assert!(covers(&narrow, &narrow) && overlap(&narrow, &narrow));
            prop_assert!(!covered || met);
        }
    }
}
