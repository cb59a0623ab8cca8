//! Lints as JSON, one object a line (`rolewatch.lint/1`), and a summary (`rolewatch.trust/1`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Found, Report};
use crate::lints::{Inputs, LintLine, Location, diagnostic, line, severity};

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    roles: usize,
    lints: BTreeMap<&'static str, u64>,
    inputs: Inputs<'a>,
}

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for found in &report.found {
        line(out, &lint(found))?;
    }
    for (file, problem) in &report.problems {
        diagnostic(out, file, problem)?;
    }
    let summary = SummaryLine {
        r#type: "summary",
        schema: "rolewatch.trust/1",
        status: report.status(),
        roles: report.roles,
        lints: report.counts(),
        inputs: Inputs {
            files: report.files,
            bytes: report.bytes,
            failed: &report.failed,
        },
    };
    line(out, &summary)
}

fn lint<'a>(found: &'a Found<'a>) -> LintLine<'a> {
    let lint = &found.lint;
    LintLine {
        r#type: "lint",
        schema: "rolewatch.lint/1",
        id: &found.id,
        check: lint.check,
        severity: severity(lint.severity),
        role_arn: found.role_arn,
        title: lint.title,
        message: &lint.message,
        location: Location::new(found.file, &lint.location),
        witness: lint.witness.as_ref(),
        fix: lint.fix.as_ref(),
    }
}
