//! What a scalar and a tag mean.

use saphyr_parser::{ScalarStyle, Tag};

use crate::json::quote;

/// The function of a short form; nothing for YAML's own tags.
pub(super) fn function_name(tag: &Tag) -> Option<String> {
    if tag.handle != "!" {
        return None;
    }
    Some(match &*tag.suffix {
        short @ ("Ref" | "Condition") => short.to_owned(),
        short => format!("Fn::{short}"),
    })
}

/// A scalar as JSON. Dates stay texts, as `CloudFormation` reads `Version: 2012-10-17`.
pub(super) fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> String {
    let is_attribute = tag.is_some_and(|tag| tag.handle == "!" && tag.suffix == "GetAtt");
    if let Some((resource, attribute)) = text.split_once('.').filter(|_| is_attribute) {
        return format!("[{},{}]", quote(resource), quote(attribute));
    }
    if style != ScalarStyle::Plain || tag.is_some() {
        return quote(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => "null".to_owned(),
        "true" | "True" | "TRUE" => "true".to_owned(),
        "false" | "False" | "FALSE" => "false".to_owned(),
        number if is_number(number) => number.to_owned(),
        text => quote(text),
    }
}

/// An account's id can begin with a zero: that is a text.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.is_empty() && text.len() <= 18 && (text == "0" || !text.starts_with('0'))
}
