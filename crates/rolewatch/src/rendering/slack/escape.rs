//! Text of records for Slack: visible, and never markup.

use crate::rendering::brief::{LONGEST_VALUE, is_address};
use crate::rendering::terminal::{cut_to, escape};

/// A code span at most this long, escapes included.
const LONGEST_CODE: usize = 1000;

/// A value as code, on one line and cut.
pub(crate) fn code(value: &str) -> String {
    // An empty span would be two backticks, which begin another.
    let value = if value.is_empty() { " " } else { value };
    format!(
        "`{}`",
        cut_to(&harmless(&cut_to(value, LONGEST_VALUE)), LONGEST_CODE)
    )
}

/// Text for a code span or block: visible, escaped, and without a backtick that would end it.
pub(crate) fn harmless(text: &str) -> String {
    mrkdwn(&escape(text)).replace('`', "'")
}

/// Our own lines for a code block.
pub(crate) fn verbatim(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(harmless).collect();
    lines.join("\n")
}

/// Slack's three escapes.
pub(crate) fn mrkdwn(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text for a `plain_text` object, in which nothing is markup; made visible, cut, and never
/// empty, which Slack refuses.
pub(crate) fn plain(text: &str, most: usize) -> String {
    match cut_to(&escape(text), most) {
        empty if empty.trim().is_empty() => "-".to_owned(),
        shown => shown,
    }
}

/// A link, if nothing in the address could end it.
pub(crate) fn link(url: &str, label: &str) -> Option<String> {
    is_address(url).then(|| format!("<{url}|{label}>"))
}
