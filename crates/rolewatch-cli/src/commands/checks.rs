//! `rolewatch checks`: the list of checks, and their pages.

use std::io::Write;

use rolewatch::checks;
use rolewatch::finding::Severity;

use super::trust_lint::severity;
use crate::args::ChecksArgs;
use crate::output::{Exit, stdout};

pub(crate) fn run(args: &ChecksArgs) -> anyhow::Result<Exit> {
    let mut out = stdout();
    match &args.id {
        None => {
            let width = all().map(|entry| entry.id.len()).max().unwrap_or_default();
            for Entry {
                id,
                severity,
                title,
                ..
            } in all()
            {
                let severity = severity.as_str();
                writeln!(out, "{severity:<8}  {id:<width$}  {title}")?;
            }
        }
        Some(id) => match all().find(|entry| entry.id == id) {
            Some(entry) => write!(out, "{}", entry.page)?,
            None => anyhow::bail!("no check has the id {id}; `rolewatch checks` lists them"),
        },
    }
    out.flush()?;
    Ok(Exit::Clean)
}

/// A check of assumptions, or a lint of trust policies.
struct Entry {
    id: &'static str,
    severity: Severity,
    title: &'static str,
    page: &'static str,
}

/// All of them: those of assumptions, then those of trust policies, the worst first.
fn all() -> impl Iterator<Item = Entry> {
    let checks = checks::ALL.iter().map(|check| Entry {
        id: check.id,
        severity: check.severity,
        title: check.title,
        page: check.explanation,
    });
    let lints = iam_trust::ALL.iter().map(|check| Entry {
        id: check.id,
        severity: severity(check.severity),
        title: check.title,
        page: check.explanation,
    });
    checks.chain(lints)
}
