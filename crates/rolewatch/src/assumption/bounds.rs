//! How long the texts of a record may be: 10 MiB of a user agent would be carried along, ordered and
//! written out for nothing.

/// Bytes of what is only shown, or compared with short names. AWS allows 64 characters of a session's
/// name, and ids have 36.
const SHOWN: usize = 4 << 10;

/// Bytes of what is judged by, and therefore never cut. STS takes tokens of 20,000 bytes, which is less
/// than so many in base64.
const JUDGED: usize = 16 << 10;

/// A text, without what is too long to be of use; it then ends in an ellipsis.
pub(super) fn cut(text: Option<String>) -> Option<String> {
    const ELLIPSIS: char = '…';
    text.map(|mut text| {
        if text.len() > SHOWN {
            text.truncate(text.floor_char_boundary(SHOWN - ELLIPSIS.len_utf8()));
            text.push(ELLIPSIS);
            text.shrink_to_fit();
        }
        text
    })
}

/// An id. What is longer than any is none.
pub(super) fn short(id: Option<String>) -> Option<String> {
    id.filter(|id| id.len() <= SHOWN)
}

/// Whether a text is too long to be judged by.
pub(super) fn is_too_long(text: &str) -> bool {
    text.len() > JUDGED
}
