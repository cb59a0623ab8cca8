//! What the linters print alike: `rolewatch.lint/1`, what was not understood, and the end.

use std::collections::BTreeMap;
use std::io::{self, Write};

use iam_trust::{Fix, Place, Problem, Witness};
use rolewatch::finding::Severity;
use rolewatch::rendering::json::write_line;
use serde::Serialize;

use crate::output::Exit;

/// One lint, as JSON.
#[derive(Serialize)]
pub(crate) struct LintLine<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) schema: &'static str,
    pub(crate) id: &'a str,
    pub(crate) check: &'a str,
    pub(crate) severity: Severity,
    pub(crate) role_arn: Option<&'a str>,
    pub(crate) title: &'a str,
    pub(crate) message: &'a str,
    pub(crate) location: Location<'a>,
    pub(crate) witness: Option<&'a Witness>,
    pub(crate) fix: Option<&'a Fix>,
}

#[derive(Serialize)]
pub(crate) struct Location<'a> {
    file: &'a str,
    pointer: &'a str,
    line: usize,
    column: usize,
}

impl<'a> Location<'a> {
    pub(crate) fn new(file: &'a str, place: &'a Place) -> Self {
        Self {
            file,
            pointer: &place.pointer,
            line: place.line,
            column: place.column,
        }
    }
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

/// What was read, for a summary.
#[derive(Serialize)]
pub(crate) struct Inputs<'a> {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
    pub(crate) failed: &'a [String],
}

pub(crate) fn line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_line(out, value)?;
    writeln!(out)
}

/// What was not understood of a file, as JSON.
pub(crate) fn diagnostic(out: &mut impl Write, file: &str, problem: &Problem) -> io::Result<()> {
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
    line(out, &diagnostic)
}

/// The same word of the finding's scale.
pub(crate) fn severity(severity: iam_trust::Severity) -> Severity {
    match severity {
        iam_trust::Severity::Info => Severity::Info,
        iam_trust::Severity::Low => Severity::Low,
        iam_trust::Severity::Medium => Severity::Medium,
        iam_trust::Severity::High => Severity::High,
        iam_trust::Severity::Critical => Severity::Critical,
    }
}

/// How a run went, in the summary's word.
pub(crate) fn status(failed: &[String], worst: Option<Severity>) -> &'static str {
    match (failed, worst) {
        ([], None) => "clean",
        ([], Some(_)) => "findings",
        _ => "incomplete",
    }
}

/// The exit code of a run.
pub(crate) fn exit(failed: &[String], worst: Option<Severity>, fail_on: Severity) -> Exit {
    if !failed.is_empty() {
        Exit::CouldNotRun
    } else if worst.is_some_and(|worst| worst >= fail_on) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}

/// How often each check complains.
pub(crate) fn counts(checks: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for check in checks {
        *counts.entry(check).or_default() += 1;
    }
    counts
}

/// Nothing, one, or many of something.
pub(crate) fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

/// The last lines for people: how many lints of which severity, and what could not be read.
pub(crate) fn write_end(
    out: &mut impl Write,
    severities: &[Severity],
    failed: &[String],
) -> io::Result<()> {
    let of = |wanted: Severity| {
        let count = severities.iter().filter(|it| **it == wanted).count();
        (count > 0).then(|| format!("{count} {}", wanted.as_str()))
    };
    let parts: Vec<_> = Severity::ALL.into_iter().rev().filter_map(of).collect();
    let lints = counted(severities.len(), "lint");
    match &*parts {
        [] => writeln!(out, "no lints")?,
        parts => writeln!(out, "{lints}: {}", parts.join(", "))?,
    }
    if !failed.is_empty() {
        let files = counted(failed.len(), "file");
        writeln!(out, "{files} could not be read, or not wholly")?;
    }
    Ok(())
}
