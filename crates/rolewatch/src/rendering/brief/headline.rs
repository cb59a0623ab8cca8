//! A headline from a title: at most ten words, cut in the middle, so that the repository at its
//! beginning and the role and the reason at its end are left.

use crate::rendering::terminal::escape;

/// Words of a headline, the mark of what is left out among them.
const WORDS: usize = 10;
/// Of them, those at the end: `assumed ROLE: not listed`, and one more.
const LAST_WORDS: usize = 5;
/// Characters of a headline.
const LENGTH: usize = 140;
/// Of them, those at the end: the longest name of a role, and a reason.
const LAST: usize = 84;

/// The title, within bounds.
pub(super) fn headline(title: &str) -> String {
    let shown = escape(title);
    let words: Vec<&str> = shown.split_whitespace().collect();
    let short = if words.len() <= WORDS {
        words.join(" ")
    } else {
        let first = WORDS - LAST_WORDS - 1;
        let last = words.len() - LAST_WORDS;
        format!("{} … {}", words[..first].join(" "), words[last..].join(" "))
    };
    let length = short.chars().count();
    if length <= LENGTH {
        return short;
    }
    let first: String = short.chars().take(LENGTH - LAST - 1).collect();
    let last: String = short.chars().skip(length - LAST).collect();
    format!("{first}…{last}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_name_costs_neither_the_role_nor_the_reason() {
        let branch = "long ".repeat(800);
        let title = format!("my-org/my-repo on branch {branch} assumed deploy: not listed");
        assert_eq!(
            headline(&title),
            "my-org/my-repo on branch long … long assumed deploy: not listed"
        );
        let title = format!("my-org/{} assumed deploy: not listed", "x".repeat(4096));
        let headline = headline(&title);
        assert!(headline.starts_with("my-org/xx"), "{headline}");
        assert!(
            headline.ends_with("x assumed deploy: not listed"),
            "{headline}"
        );
    }

    proptest! {
        #[test]
        fn ten_words_and_no_more(title in any::<String>(), times in 1usize..60) {
            let headline = headline(&title.repeat(times));
            prop_assert!(headline.split_whitespace().count() <= WORDS);
            prop_assert!(headline.chars().count() <= LENGTH);
            prop_assert!(!headline.contains(crate::rendering::is_unprintable));
        }
    }
}
