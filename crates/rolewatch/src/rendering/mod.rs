//! How findings are shown: one module a form. Every one of them treats the text of records as
//! an attacker's.

pub mod amazon_q;
pub mod brief;
pub mod eventbridge;
pub mod explanation;
#[cfg(test)]
pub(crate) mod hostile;
pub mod json;
pub mod mail;
pub mod markdown;
pub mod ocsf;
pub mod slack;
pub mod sns;
pub mod terminal;
pub mod text;

/// Whether a character must not reach a reader as it is: it moves the cursor, changes the
/// direction of text, cannot be seen, or is none (SQS refuses a message with U+FFFF in it).
#[must_use]
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || u32::from(c) & 0xfffe == 0xfffe
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
