//! The escapes of JSON strings.

use super::SyntaxError;

/// Decodes a string's inside, which starts at `base` in its text. For every byte of the result,
/// `offsets` (where asked for) receives the offset from which that byte came, and one more for the
/// end.
pub(crate) fn decode(
    raw: &str,
    base: usize,
    mut offsets: Option<&mut Vec<usize>>,
) -> Result<String, SyntaxError> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let at = base + raw.len() - rest.len();
        let (decoded, length) = if first == '\\' {
            escape(rest).ok_or_else(|| bad_escape(at))?
        } else if first < ' ' {
            return Err(SyntaxError {
                offset: at,
                message: "a control character stands unescaped in a string".to_owned(),
            });
        } else {
            (first, first.len_utf8())
        };
        text.push(decoded);
        if let Some(offsets) = offsets.as_deref_mut() {
            offsets.resize(text.len(), at);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if let Some(offsets) = offsets {
        offsets.push(base + raw.len());
    }
    Ok(text)
}

fn bad_escape(offset: usize) -> SyntaxError {
    SyntaxError {
        offset,
        message: "this escape is none of JSON's".to_owned(),
    }
}

/// The character at the start of `text`, which is a backslash's, and the bytes it takes.
fn escape(text: &str) -> Option<(char, usize)> {
    let simple = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((simple, 2))
}

fn unicode(text: &str) -> Option<(char, usize)> {
    let first = unit(text)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some((char::from_u32(first)?, 6));
    }
    let second = unit(text.get(6..)?)?;
    if !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    Some((char::from_u32(code)?, 12))
}

fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
