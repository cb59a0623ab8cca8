//! Text for a terminal: nothing of a record reaches it that is not plain to see.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::is_unprintable;

/// The widest line that is printed, in columns.
pub const WIDEST_LINE: usize = 200;

/// The text with every unprintable character spelt out, such as `\u{1b}`.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if is_unprintable(c) => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// The text, cut to so many columns; what is cut off is said in characters.
#[must_use]
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    /// Room for the note of what is cut off.
    const NOTE: usize = " … (1048576 more)".len();
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let room = columns.saturating_sub(NOTE);
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            used += c.width().unwrap_or(0);
            used > room
        })
        .map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!(
        "{} … ({} more)",
        &text[..end],
        text[end..].chars().count()
    ))
}

/// The text in at most so many characters, the last a mark where more is cut off.
#[must_use]
pub fn cut_to(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// The text in lines of at most so many columns, broken between words where there are any.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let width = word.width();
        if used > 0 && used + 1 + width > columns {
            lines.push(String::new());
            used = 0;
        }
        let Some(line) = lines.last_mut() else { break };
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += width;
    }
    lines
}

/// The text in lines of at most so many columns, all of it, broken wherever a line is full.
#[must_use]
pub fn fold(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width > columns {
            lines.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelt_out() {
        assert_eq!(escape("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(
            escape("line\nbreak\u{85}\u{9b}31m"),
            "line\\nbreak\\u{85}\\u{9b}31m"
        );
        assert_eq!(escape("evil\u{202e}niam"), "evil\\u{202e}niam");
        assert_eq!(escape("größe-日本"), "größe-日本");
    }

    #[test]
    fn long_texts_are_cut_by_columns() {
        assert_eq!(cut("short", 20), "short");
        let long = "日".repeat(100);
        let cut_text = cut(&long, 40);
        assert!(cut_text.width() <= 40, "{cut_text}");
        assert!(cut_text.ends_with("more)"), "{cut_text}");
    }

    proptest! {
        #[test]
        fn nothing_unprintable_is_left_and_nothing_is_too_wide(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(is_unprintable));
            prop_assert!(cut(&escaped, 60).width() <= 60);
        }

        #[test]
        fn folding_loses_nothing(text in any::<String>()) {
            let text = escape(&text);
            let lines = fold(&text, 10);
            prop_assert!(lines.iter().all(|line| line.width() <= 10));
            prop_assert_eq!(lines.concat(), text);
        }
    }
}
