//! Lints as JSON, one object a line (`rolewatch.lint/1`), and a summary (`rolewatch.workflow/1`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use crate::lints::{Inputs, LintLine, Location, counts, diagnostic, line, severity, status};

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    lints: BTreeMap<&'static str, u64>,
    inputs: Inputs<'a>,
}

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for found in &report.found {
        let lint = &found.lint;
        let shown = LintLine {
            r#type: "lint",
            schema: "rolewatch.lint/1",
            id: &found.id,
            check: lint.check,
            severity: severity(lint.severity),
            role_arn: None,
            title: lint.title,
            message: &lint.message,
            location: Location::new(found.file, &lint.location),
            witness: None,
            fix: None,
        };
        line(out, &shown)?;
    }
    let files = report.files;
    for (file, problem) in &files.problems {
        diagnostic(out, file, problem)?;
    }
    let summary = SummaryLine {
        r#type: "summary",
        schema: "rolewatch.workflow/1",
        status: status(&files.failed, report.severities().into_iter().max()),
        lints: counts(report.found.iter().map(|it| it.lint.check)),
        inputs: Inputs {
            files: files.given.len() + files.problems.len(),
            bytes: files.bytes,
            failed: &files.failed,
        },
    };
    line(out, &summary)
}
