//! The report as one line of JSON: `rolewatch.report/1`.

use crate::report::model::Report;

/// The report as JSON, with the line's end. Unprintable characters are escaped.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut line = Vec::new();
    // Writing to a Vec cannot fail, and a report has only string keys.
    let _ = crate::rendering::json::write_line(&mut line, report);
    line.push(b'\n');
    String::from_utf8_lossy(&line).into_owned()
}
