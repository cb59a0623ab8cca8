//! `rolewatch trust lint`: who gets in and should not.

mod json;
mod sarif;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use iam_trust::{Lint, Problem, Role, lint};
use rolewatch::finding::{Severity, stable_id};

use crate::args::{LintFormat, TrustLintArgs};
use crate::lints::{counts, exit, severity, status};
use crate::output::{Exit, complain, note, stdout};
use crate::policies::{Known, PolicyFile, label};

/// A lint, and what it is about.
pub(super) struct Found<'a> {
    pub(super) id: String,
    pub(super) file: &'a str,
    pub(super) role: &'a Role,
    pub(super) role_arn: Option<&'a str>,
    pub(super) lint: Lint,
}

/// Everything that was found.
#[derive(Default)]
pub(super) struct Report<'a> {
    pub(super) found: Vec<Found<'a>>,
    /// What was not understood, with its file.
    pub(super) problems: Vec<(&'a str, &'a Problem)>,
    pub(super) roles: usize,
    pub(super) files: usize,
    pub(super) bytes: usize,
    /// Files that could not be read, or not wholly.
    pub(super) failed: Vec<String>,
}

impl Report<'_> {
    pub(super) fn worst(&self) -> Option<Severity> {
        let severities = self.found.iter();
        severities.map(|it| severity(it.lint.severity)).max()
    }

    pub(super) fn status(&self) -> &'static str {
        status(&self.failed, self.worst())
    }

    /// How often each check complains.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        counts(self.found.iter().map(|it| it.lint.check))
    }
}

pub(crate) fn run(args: &TrustLintArgs, quiet: bool) -> anyhow::Result<Exit> {
    let Some(known) = Known::load(&args.options, quiet)? else {
        return Ok(Exit::CouldNotRun);
    };
    let mut files = Vec::new();
    let mut failed = Vec::new();
    for path in &args.files {
        match PolicyFile::read(path) {
            Ok(file) => files.push(file),
            Err(error) => {
                complain(&format!("{error:#}"));
                failed.push(path.display().to_string());
            }
        }
    }
    let report = judge(&files, failed, &known);
    if !quiet && args.options.allowlist.is_some() {
        unasked(&files, &known);
    }
    for (file, problem) in &report.problems {
        let help = problem.help.as_ref();
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        complain(&format!("{file}:{problem}{help}"));
    }
    let mut out = stdout();
    match args.format {
        LintFormat::Text => text::write(&mut out, &report)?,
        LintFormat::Json => json::write(&mut out, &report)?,
        LintFormat::Sarif => sarif::write(&mut out, &report)?,
    }
    out.flush()?;
    Ok(exit(&report.failed, report.worst(), args.fail_on))
}

fn judge<'a>(files: &'a [PolicyFile], failed: Vec<String>, known: &'a Known) -> Report<'a> {
    let mut report = Report {
        failed,
        ..Report::default()
    };
    let mut seen = HashMap::new();
    for file in files {
        report.files += 1;
        report.bytes += file.text.len();
        report.roles += file.roles.len();
        if !file.problems.is_empty() {
            report.failed.push(file.name.clone());
        }
        let problems = file.problems.iter();
        report
            .problems
            .extend(problems.map(|problem| (&*file.name, problem)));
        for role in &file.roles {
            for lint in lint(role, &known.options(role)) {
                let (role_arn, file) = (known.arn(role), &*file.name);
                report.found.push(Found {
                    id: id(&lint, role_arn, file, &mut seen),
                    file,
                    role,
                    role_arn,
                    lint,
                });
            }
        }
    }
    report.failed.sort();
    report.failed.dedup();
    report
}

/// The same for the same check, role (or file) and place in every run, wherever the line has moved
/// to.
fn id(
    lint: &Lint,
    role_arn: Option<&str>,
    file: &str,
    seen: &mut HashMap<String, usize>,
) -> String {
    let account = role_arn.and_then(|arn| arn.split(':').nth(4));
    let about = role_arn.unwrap_or(file);
    let parts = [
        lint.check,
        account.unwrap_or_default(),
        about,
        &lint.location.pointer,
    ];
    let id = stable_id(&parts);
    let count = seen.entry(id.clone()).or_default();
    *count += 1;
    match count {
        1 => id,
        // A check can complain twice of one place.
        more => stable_id(&[&id, &more.to_string()]),
    }
}

/// Says of which roles the allowlist could not be asked.
fn unasked(files: &[PolicyFile], known: &Known) {
    for file in files {
        let nameless = |role: &Role| known.arn(role).is_none() && label(role).is_none();
        if file.roles.iter().any(nameless) {
            note(&format!(
                "{}: the allowlist was not asked, as the file does not say which role this is; \
                 say it with --role",
                file.name
            ));
        }
    }
}
