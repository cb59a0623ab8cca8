//! The report as a message of SNS, for mail: the text form, with where the whole page is.

use serde_json::json;

use super::text;
use crate::rendering::sns::{LARGEST, Publication};
use crate::rendering::text::Colour;
use crate::report::sheet::Sheet;

/// The report, ready to be published; `page` is where all of it is.
#[must_use]
pub fn publication(sheet: &Sheet, name: &str, page: &str) -> Publication {
    let head = format!("The whole report, with charts: {page}\n\n");
    let body = text::render(sheet, Colour::Plain);
    // JSON writes a line's end in two bytes, and a name's character in six at the very most.
    let room = LARGEST / 2 - head.len();
    let mut text = head;
    for line in body.split_inclusive('\n') {
        if text.len() + line.len() > room {
            text.push_str("\n(and more, which is on the page)\n");
            break;
        }
        text.push_str(line);
    }
    Publication {
        subject: format!("rolewatch: report {name}"),
        message: json!({"default": text, "sms": sms(sheet)}).to_string(),
        attributes: vec![("report", name.to_owned())],
    }
}

fn sms(sheet: &Sheet) -> String {
    let text = format!("rolewatch, {}: {}", sheet.title, sheet.verdict);
    text.chars().take(140).collect()
}
