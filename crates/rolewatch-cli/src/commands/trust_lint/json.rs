//! Lints as JSON, one object a line (`rolewatch.lint/1`), and a summary (`rolewatch.trust/1`).

use std::collections::BTreeMap;
use std::io::{self, Write};

use iam_trust::{Fix, Witness};
use rolewatch::finding::Severity;
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use super::{Found, Report, severity};

#[derive(Serialize)]
struct LintLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    id: &'a str,
    check: &'a str,
    severity: Severity,
    role_arn: Option<&'a str>,
    title: &'a str,
    message: &'a str,
    location: Location<'a>,
    witness: Option<&'a Witness>,
    fix: Option<&'a Fix>,
}

#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    pointer: &'a str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct DiagnosticLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    severity: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    schema: &'static str,
    status: &'static str,
    roles: usize,
    lints: BTreeMap<&'static str, u64>,
    inputs: Inputs<'a>,
}

#[derive(Serialize)]
struct Inputs<'a> {
    files: usize,
    bytes: usize,
    failed: &'a [String],
}

pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for found in &report.found {
        line(out, &lint(found))?;
    }
    for (file, problem) in &report.problems {
        let diagnostic = DiagnosticLine {
            r#type: "diagnostic",
            schema: "rolewatch.diagnostic/1",
            severity: "error",
            file,
            line: problem.place.line,
            column: problem.place.column,
            message: &problem.message,
            help: problem.help.as_deref(),
        };
        line(out, &diagnostic)?;
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
        location: Location {
            file: found.file,
            pointer: &lint.location.pointer,
            line: lint.location.line,
            column: lint.location.column,
        },
        witness: lint.witness.as_ref(),
        fix: lint.fix.as_ref(),
    }
}

fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_line(out, value)?;
    writeln!(out)
}
