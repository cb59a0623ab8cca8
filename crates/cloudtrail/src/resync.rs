//! Finds where reading can go on behind a broken value.

use std::io::Read;

use memchr::memchr2;

use crate::window::Window;

/// Space between an object's bracket and its first name, at most: a line and an indentation.
const SPACE: usize = 64;

/// How a record begins as CloudTrail writes it. In valid JSON these bytes can only be a name: in
/// a text the quotes would be escaped.
const FIRST_NAME: &[u8] = b"\"eventVersion\"";

/// Consumes up to the next object or array that begins a line, or an object that looks like a
/// record; `false` and all if
/// there is none.
pub(crate) fn next<R: Read>(window: &mut Window<R>) -> bool {
    if window.peek(0) == Some(b'{') {
        return true;
    }
    let mut at = 0;
    loop {
        if let Some(found) = memchr2(b'{', b'[', window.held().get(at..).unwrap_or_default()) {
            let open = at + found;
            let begins_line = open > 0 && window.held()[open - 1] == b'\n';
            if begins_line || window.held()[open] == b'{' && begins_record(window, open) {
                window.consume(open);
                return true;
            }
            at = open + 1;
            continue;
        }
        // The last byte may be the line's end that the next one stands behind.
        let length = window.held().len();
        window.consume(length.saturating_sub(1));
        at = length.min(1);
        if !window.more() {
            window.consume(1);
            return false;
        }
    }
}

fn begins_record<R: Read>(window: &mut Window<R>, open: usize) -> bool {
    let mut at = open + 1;
    while at <= open + SPACE
        && window
            .peek(at)
            .is_some_and(|byte| byte.is_ascii_whitespace())
    {
        at += 1;
    }
    let _ = window.peek(at + FIRST_NAME.len());
    window
        .held()
        .get(at..)
        .is_some_and(|rest| rest.starts_with(FIRST_NAME))
}
