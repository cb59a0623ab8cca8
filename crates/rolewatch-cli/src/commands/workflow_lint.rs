//! `rolewatch workflow lint`: how workflows come by their AWS credentials.

mod files;
mod json;
mod sarif;
mod text;

use std::collections::HashMap;
use std::io::Write;

use iam_trust::WorkflowLint;
use rolewatch::finding::{Severity, stable_id};

use self::files::{Files, Given};
use crate::args::{LintFormat, WorkflowLintArgs};
use crate::lints::{exit, severity};
use crate::output::{Exit, complain, stdout};

/// A lint, and its file.
struct Found<'a> {
    id: String,
    file: &'a str,
    lint: WorkflowLint,
}

/// Everything that was found.
struct Report<'a> {
    files: &'a Files,
    found: Vec<Found<'a>>,
}

impl Report<'_> {
    fn severities(&self) -> Vec<Severity> {
        let found = self.found.iter();
        found.map(|it| severity(it.lint.severity)).collect()
    }
}

pub(crate) fn run(args: &WorkflowLintArgs) -> anyhow::Result<Exit> {
    let files = Files::read(&args.files);
    for (file, problem) in &files.problems {
        complain(&format!("{file}:{problem}"));
    }
    let report = Report {
        files: &files,
        found: lint(&files),
    };
    let mut out = stdout();
    match args.format {
        LintFormat::Text => text::write(&mut out, &report)?,
        LintFormat::Json => json::write(&mut out, &report)?,
        LintFormat::Sarif => sarif::write(&mut out, &report)?,
    }
    out.flush()?;
    let worst = report.severities().into_iter().max();
    Ok(exit(&files.failed, worst, args.fail_on))
}

fn lint(files: &Files) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    for Given { name, workflow } in &files.given {
        for lint in workflow.lint(&|uses| files.used(uses)) {
            found.push(Found {
                id: id(&lint, name, &mut seen),
                file: name,
                lint,
            });
        }
    }
    found
}

/// The same for the same check, file and place in every run, wherever the line has moved to.
fn id(lint: &WorkflowLint, file: &str, seen: &mut HashMap<String, usize>) -> String {
    let id = stable_id(&[lint.check, "", file, &lint.location.pointer]);
    let count = seen.entry(id.clone()).or_default();
    *count += 1;
    match count {
        1 => id,
        // A script can do the same twice.
        more => stable_id(&[&id, &more.to_string()]),
    }
}
