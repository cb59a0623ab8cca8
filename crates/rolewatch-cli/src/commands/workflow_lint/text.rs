//! Lints for people.

use std::io::{self, Write};

use super::Report;
use crate::lines::Lines;
use crate::lints::{counted, severity, write_end};
use crate::output::colour;

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for found in &report.found {
        let lint = &found.lint;
        let place = &lint.location;
        let at = format!("{}:{}:{}", found.file, place.line, place.column);
        let mut text = Lines::new(colour());
        text.graded(severity(lint.severity), &format!("  {}  {at}", lint.check));
        text.prose(2, &lint.message);
        text.field("at", &place.pointer);
        text.field("do", lint.help);
        text.field("lint", &found.id);
        text.blank();
        out.write_all(text.as_str().as_bytes())?;
    }
    let files = report.files.given.len() + report.files.problems.len();
    writeln!(out, "{}", counted(files, "file"))?;
    write_end(out, &report.severities(), &report.files.failed)
}
