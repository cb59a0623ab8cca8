//! The escaper of every value on the page.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

use crate::rendering::is_unprintable;

/// Escapes what HTML would read, in text and in attributes, and spells out what a reader could
/// not see.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        string
            .chars()
            .try_for_each(|c| self.write_escaped_char(&mut dest, c))
    }

    fn write_escaped_char<W: Write>(&self, mut dest: W, c: char) -> fmt::Result {
        match c {
            '\n' => dest.write_str("\\n"),
            '`' => dest.write_str("&#96;"),
            c if is_unprintable(c) => write!(dest, "{}", c.escape_unicode()),
            c => Html.write_escaped_char(dest, c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut escaped = String::new();
        Visible.write_escaped_str(&mut escaped, text).unwrap();
        escaped
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            escaped("<img src=x onerror='a'>"),
            "&#60;img src=x onerror=&#39;a&#39;&#62;"
        );
        assert_eq!(escaped("\" & \u{202e}\u{0}"), "&#34; &#38; \\u{202e}\\u{0}");
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_html_reads(text in any::<String>()) {
            let escaped = escaped(&text);
            let read = |c: char| "<>\"'`".contains(c) || is_unprintable(c);
            prop_assert!(!escaped.contains(read), "{}", escaped);
        }
    }
}
